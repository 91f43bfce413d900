use hubless_kit::Gauge;

/// The most that a process has used since it was first looked at.
#[derive(Debug)]
pub(super) struct Watch {
    process: u32,
    before: Gauge,
    most: Gauge,
}

impl Watch {
    pub(super) fn begin(process: u32) -> Self {
        let before = Gauge::of(process);
        Self { process, before, most: before }
    }

    pub(super) fn look(&mut self) {
        let now = Gauge::of(self.process);
        self.most = Gauge {
            descriptors: self.most.descriptors.max(now.descriptors),
            resident_kib: self.most.resident_kib.max(now.resident_kib),
            data_kib: self.most.data_kib.max(now.data_kib),
            cpu: now.cpu,
        };
    }

    pub(super) fn grown_kib(&self) -> u64 {
        self.most.resident_kib - self.before.resident_kib
    }

    pub(super) fn reserved_kib(&self) -> u64 {
        self.most.data_kib - self.before.data_kib
    }

    /// The most descriptors beyond those that were open before.
    pub(super) fn connections(&self) -> usize {
        self.most.descriptors - self.before.descriptors
    }

    /// Those beyond what were open before, now.
    pub(super) fn left(&self) -> usize {
        Gauge::of(self.process).descriptors.saturating_sub(self.before.descriptors)
    }
}
