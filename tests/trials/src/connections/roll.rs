use hubless_kit::{Breach, Stamp};

/// Who of one sender's messages has come: where they come by several connections their order says nothing, and each comes once
/// at most.
#[derive(Debug)]
pub(super) struct Roll {
    run: u64,
    present: Vec<bool>,
    count: u64,
}

impl Roll {
    pub(super) fn new(run: u64, messages: u64) -> Self {
        Self { run, present: vec![false; usize::try_from(messages).expect("a number")], count: 0 }
    }

    /// Enters a message.
    pub(super) fn enter(&mut self, bytes: &[u8]) -> Result<Stamp, Breach> {
        let stamp = Stamp::decode(bytes).ok_or(Breach::Corrupt)?;
        let place = usize::try_from(stamp.seq).ok().and_then(|place| self.present.get_mut(place));
        let Some(present) = place.filter(|_| stamp.run == self.run) else {
            return Err(Breach::Foreign(stamp));
        };
        if std::mem::replace(present, true) {
            return Err(Breach::Disorder { came: stamp, after: stamp.seq });
        }
        self.count += 1;
        Ok(stamp)
    }

    pub(super) fn present(&self) -> u64 {
        self.count
    }

    /// Who has not come.
    pub(super) fn absent(&self) -> impl Iterator<Item = u64> {
        (0..).zip(&self.present).filter(|(_, present)| !**present).map(|(seq, _)| seq)
    }
}
