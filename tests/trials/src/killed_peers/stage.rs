use std::collections::HashSet;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};

use rustix::process::Signal;

use super::{Plan, Report};
use crate::actors::WAITING;
use crate::meeting::{Meeting, SYSTEM};
use crate::{Diary, Trial};
use hubless_kit::{Child, Site, Stamp};

/// Bytes that the library reads at once, of what is in no queue yet.
const READ: usize = 256 << 10;

/// Where peers come and are killed. The survivor listens at one address and dials the other; every other peer does it the other
/// way around, so that each of the addresses is taken over from the dead again and again.
pub(super) struct Stage<'a> {
    pub(super) plan: Plan,
    pub(super) chance: fastrand::Rng,
    pub(super) run: u64,
    actor: &'a Path,
    site: Site,
    pattern: &'static str,
    what: String,
    incarnation: u32,
}

impl<'a> Stage<'a> {
    pub(super) fn new(
        (trial, actor): (&Trial, &'a Path),
        plan: Plan,
        transport: &'static str,
        pattern: &'static str,
    ) -> Self {
        let mut chance = trial.chance(0);
        let run = chance.u64(..u64::MAX - 1);
        let what = format!("{pattern} over {transport}");
        Self { plan, chance, run, actor, site: Site::new(transport), pattern, what, incarnation: 0 }
    }

    pub(super) fn admit(&self, survivor: &impl Meeting) {
        survivor.listen_at(&self.site.place(0));
        survivor.dial_to(&self.site.place(1));
    }

    /// The next peer.
    pub(super) fn start(&mut self) -> Victim {
        let incarnation = self.incarnation;
        self.incarnation += 1;
        let diary = self.site.file(&format!("diary-{incarnation}"));
        let (end, place) = if incarnation.is_multiple_of(2) { ("listen", 1) } else { ("dial", 0) };
        let (address, run, length) =
            (self.site.place(place), self.run.to_string(), self.plan.length.to_string());
        let number = incarnation.to_string();
        let path = diary.to_str().expect("a path of text");
        let words = ["victim", self.pattern, end, &address, &run, &number, &length, path];
        let mut child = Child::program(self.actor, &words);
        assert_eq!(child.hear(), "ready");
        Victim { child, incarnation, diary }
    }

    /// How many messages this peer has to live for.
    pub(super) fn life(&mut self) -> usize {
        self.chance.usize(..=self.plan.messages)
    }

    /// A message of the survivor's.
    pub(super) fn stamp(&self, seq: u64) -> Stamp {
        Stamp { run: self.run, sender: 0, incarnation: 0, seq, about: 0 }
    }

    /// What all peers have written down, each for itself.
    pub(super) fn diaries(&self) -> Vec<Vec<u64>> {
        let path = |incarnation| self.site.file(&format!("diary-{incarnation}"));
        (0..self.incarnation).map(|incarnation| Diary::read(&path(incarnation))).collect()
    }

    /// How many messages can be in the hands of the system and of a peer when it is killed. The system keeps twice what it is
    /// asked to, on either side.
    pub(super) fn at_risk(&self) -> u64 {
        let bytes = 4 * SYSTEM + READ;
        u64::from(self.plan.kills) * (bytes / self.plan.length + WAITING + 2) as u64
    }

    pub(super) fn report(&self, sent: u64, received: u64, counted: u64) -> Report {
        let lost = sent.saturating_sub(received + counted);
        Report { what: self.what.clone(), kills: self.plan.kills, sent, received, lost, counted }
    }
}

/// A peer that is going to be killed.
pub(super) struct Victim {
    child: Child,
    pub(super) incarnation: u32,
    diary: PathBuf,
}

impl Victim {
    /// How many messages it has received.
    pub(super) fn received(&self) -> usize {
        Diary::count(&self.diary)
    }

    /// Whether it has received this one last.
    pub(super) fn has_got(&self, seq: u64) -> bool {
        Diary::read(&self.diary).last() == Some(&seq)
    }

    /// It reads nothing more.
    pub(super) fn stop(&self) {
        self.child.stop();
    }

    /// Kills it. It has lived until then.
    pub(super) fn kill(self) {
        self.child.signal(Signal::KILL);
        let status = self.child.wait();
        assert_eq!(status.signal(), Some(Signal::KILL.as_raw()), "the peer ended by itself: {status}");
    }
}

/// Nothing stands in the diaries twice.
pub(super) fn assert_once(diaries: &[Vec<u64>]) {
    let mut seen = HashSet::new();
    for (incarnation, seq) in
        (0..).zip(diaries).flat_map(|(number, diary)| diary.iter().map(move |seq| (number, seq)))
    {
        let incarnation: u32 = incarnation;
        assert!(seen.insert(seq), "message {seq} was received twice, at last by incarnation {incarnation}");
    }
}
