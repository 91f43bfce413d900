use std::path::Path;
use std::time::Duration;

use hubless::{Bus, Error, Message, Pair, Stats};

use super::stage::assert_once;
use super::{Plan, Report, Stage};
use crate::meeting::Meeting;
use crate::{Ledger, Trial, eventually};

/// How long a call may take before it is looked whether there is something else to do.
const MOMENT: Duration = Duration::from_millis(1);

/// A survivor that sends and receives.
trait Talks: Meeting {
    /// Whether it was sent.
    fn say(&self, message: Message) -> bool;
    fn hear(&self) -> Result<Message, Error>;
}

impl Talks for Pair {
    fn say(&self, message: Message) -> bool {
        self.send_timeout(message, MOMENT).is_ok()
    }

    fn hear(&self) -> Result<Message, Error> {
        self.try_recv()
    }
}

impl Talks for Bus {
    fn say(&self, message: Message) -> bool {
        self.send(message).is_ok()
    }

    fn hear(&self) -> Result<Message, Error> {
        self.try_recv()
    }
}

/// The peers of a PAIR are killed. Of what each has sent the beginning arrives, without a gap; what is queued for one that dies
/// is counted, and nobody else gets it.
///
/// # Panics
///
/// When anything else arrives, or more is lost than the dead and the system held.
pub fn pairs(trial: &Trial, plan: Plan, actor: &Path, transport: &'static str) -> Report {
    let mut stage = Stage::new((trial, actor), plan, transport, "pair");
    let pair = Pair::builder().send_buffer(64).build().expect("a socket");
    let (report, ledger) = talk(&mut stage, &pair);
    assert_eq!(ledger.missing, 0, "a message is missing before one that arrived");
    report
}

/// The peers of a BUS are killed. What had no room, or was queued for one that dies, is counted.
///
/// # Panics
///
/// When a message arrives twice or out of order, or more is lost than the dead and the system held.
pub fn buses(trial: &Trial, plan: Plan, actor: &Path, transport: &'static str) -> Report {
    let mut stage = Stage::new((trial, actor), plan, transport, "bus");
    let bus = Bus::builder().send_buffer(64).build().expect("a socket");
    talk(&mut stage, &bus).0
}

fn talk(stage: &mut Stage<'_>, survivor: &impl Talks) -> (Report, Ledger) {
    stage.admit(survivor);
    let mut ledger = Ledger::new(stage.run);
    let mut seq = 0;
    for _ in 0..stage.plan.kills {
        let (victim, life) = (stage.start(), 1 + stage.life());
        let incarnation = victim.incarnation;
        let mut heard = 0;
        while victim.received() < life || heard < life {
            let said = survivor.say(stage.stamp(seq).encode(stage.plan.length));
            seq += u64::from(said);
            heard += listen(survivor, &mut ledger, incarnation);
        }
        victim.kill();
        eventually("the end of the peer is found", || {
            listen(survivor, &mut ledger, incarnation);
            let stats = survivor.counted();
            stats.pipes == 0 && stats.recv_queue == 0
        });
    }
    let diaries = stage.diaries();
    assert_once(&diaries);
    let all = diaries.concat();
    assert!(all.is_sorted(), "the peers of one after the other got messages out of order");
    (balance(stage, all.len() as u64, &survivor.counted(), ledger.received), ledger)
}

/// Takes all there is; how many of this peer.
fn listen(survivor: &impl Talks, ledger: &mut Ledger, incarnation: u32) -> usize {
    let mut heard = 0;
    while let Ok(message) = survivor.hear() {
        let stamp = ledger.enter(&message).expect("a message as sent");
        assert_eq!(stamp.incarnation, incarnation, "a message of one that is dead");
        heard += 1;
    }
    heard
}

/// What was queued was received, or is counted, or was in the hands of the system and of the dead.
fn balance(stage: &Stage<'_>, received: u64, stats: &Stats, heard: u64) -> Report {
    let counted = stats.drops.pipe_lost;
    let accounted = received + counted + stats.send_queue as u64;
    assert!(accounted <= stats.sent, "{received} were received and {counted} counted of {}", stats.sent);
    let lost = stats.sent - accounted;
    assert!(lost <= stage.at_risk(), "{lost} of {} are lost, more than {}", stats.sent, stage.at_risk());
    Report { received: received + heard, lost, ..stage.report(stats.sent, received, counted) }
}
