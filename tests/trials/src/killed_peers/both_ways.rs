use std::path::Path;
use std::time::Duration;

use hubless::{Bus, Message, Pair, RecvSocket, SendSocket, Stats};

use super::stage::{Victim, assert_once};
use super::{Plan, Report, Stage};
use crate::Trial;
use crate::meeting::Meeting;
use hubless_kit::SOON;
use hubless_kit::{Ledger, eventually, holds_within};

/// How long a call may take before it is looked whether there is something else to do.
const MOMENT: Duration = Duration::from_millis(1);

/// Messages that may wait to leave.
const ROOM: usize = 64;
/// Of so many peers two stand still before they are killed: one that listens, and one that dials.
const STANDING: u32 = 20;
/// Nothing leaves any more when nothing has for so long.
const STILL: Duration = Duration::from_millis(300);

/// A survivor that sends and receives.
trait Talks: Meeting + SendSocket<Outgoing = Message> + RecvSocket<Incoming = Message> {}

impl<S: SendSocket<Outgoing = Message> + RecvSocket<Incoming = Message>> Talks for S {}

/// The peers of a PAIR are killed. Of what each has sent the beginning arrives, without a gap; what is queued for one that dies
/// is counted, and nobody else gets it.
pub fn pairs(trial: &Trial, plan: Plan, actor: &Path, transport: &'static str) -> Report {
    let mut stage = Stage::new((trial, actor), plan, transport, "pair");
    let pair = Pair::builder().send_buffer(ROOM).build().expect("a socket");
    let (report, ledger) = talk(&mut stage, &pair);
    assert_eq!(ledger.missing, 0, "a message is missing before one that arrived");
    report
}

/// The peers of a BUS are killed. What had no room, or was queued for one that dies, is counted.
pub fn buses(trial: &Trial, plan: Plan, actor: &Path, transport: &'static str) -> Report {
    let mut stage = Stage::new((trial, actor), plan, transport, "bus");
    let bus = Bus::builder().send_buffer(ROOM).build().expect("a socket");
    talk(&mut stage, &bus).0
}

fn talk(stage: &mut Stage<'_>, survivor: &impl Talks) -> (Report, Ledger) {
    stage.admit(survivor);
    let mut talk = Talk { survivor, ledger: Ledger::new(stage.run), said: 0 };
    let mut firsts = Vec::new();
    for _ in 0..stage.plan.kills {
        let (victim, life) = (stage.start(), 1 + stage.life());
        firsts.push(talk.said);
        talk.live(stage, &victim, life);
        if victim.incarnation % STANDING < 2 {
            talk.kill_standing(stage, victim);
        } else {
            talk.kill(victim);
        }
    }
    let diaries = stage.diaries();
    assert_once(&diaries);
    assert_own(&diaries, &firsts);
    let all = diaries.concat();
    assert!(all.is_sorted(), "the peers of one after the other got messages out of order");
    (balance(stage, all.len() as u64, &survivor.stats(), talk.ledger.received), talk.ledger)
}

/// What the survivor says and hears.
struct Talk<'a, S> {
    survivor: &'a S,
    ledger: Ledger,
    said: u64,
}

impl<S: Talks> Talk<'_, S> {
    /// Until this peer has got so many messages, and so many of it have come.
    fn live(&mut self, stage: &Stage<'_>, peer: &Victim, life: usize) {
        let mut heard = 0;
        while peer.received() < life || heard < life {
            self.say(stage);
            heard += self.listen(peer.incarnation);
        }
    }

    fn say(&mut self, stage: &Stage<'_>) {
        self.said += u64::from(
            self.survivor.send_timeout(stage.stamp(self.said).encode(stage.plan.length), MOMENT).is_ok(),
        );
    }

    /// Takes all there is; how many of this peer.
    fn listen(&mut self, incarnation: u32) -> usize {
        let mut heard = 0;
        while let Ok(message) = self.survivor.try_recv() {
            let stamp = self.ledger.enter(&message).expect("a message as sent");
            assert_eq!(stamp.incarnation, incarnation, "a message of one that is dead");
            heard += 1;
        }
        heard
    }

    fn kill(&mut self, peer: Victim) {
        let incarnation = peer.incarnation;
        peer.kill();
        eventually(|| {
            self.listen(incarnation);
            let stats = self.survivor.stats();
            stats.pipes == 0 && stats.recv_queue == 0
        });
    }

    /// The peer takes nothing until there is no room for more, so that it is known what is queued when it dies.
    fn kill_standing(&mut self, stage: &Stage<'_>, peer: Victim) {
        peer.stop();
        self.fill(stage);
        let lost = |survivor: &S| survivor.stats().drops.pipe_lost;
        let before = lost(self.survivor);
        self.kill(peer);
        let counted = || lost(self.survivor) - before;
        holds_within(SOON, || counted() >= ROOM as u64);
        assert_eq!(counted(), ROOM as u64, "not what was queued for one that died is counted");
    }

    /// Says so much that there is no room for more, and nothing leaves.
    fn fill(&mut self, stage: &Stage<'_>) {
        let survivor = self.survivor;
        let room = || survivor.stats().send_queue < ROOM;
        eventually(|| {
            while room() {
                self.say(stage);
            }
            !holds_within(STILL, room)
        });
    }
}

/// Nobody has got what was said before it came, when others were alive.
fn assert_own(diaries: &[Vec<u64>], firsts: &[u64]) {
    for (incarnation, (diary, first)) in diaries.iter().zip(firsts).enumerate() {
        let inherited = diary.iter().find(|seq| *seq < first);
        assert_eq!(inherited, None, "incarnation {incarnation} got what one that is dead was to have");
    }
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
