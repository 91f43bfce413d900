use std::path::Path;
use std::time::Duration;

use hubless::{Pull, Push, Sub};

use super::stage::assert_once;
use super::{Plan, Report, Stage};
use crate::Trial;
use hubless_kit::{Ledger, eventually, holds_within};

/// How long a call may take before it is looked whether there is something else to do.
const MOMENT: Duration = Duration::from_millis(5);
/// Nothing leaves any more when nothing has for so long.
const STILL: Duration = Duration::from_millis(200);
/// Time enough for everything.
const LONG: Duration = Duration::from_secs(60);

/// The PULL sockets of one PUSH are killed. What had not left goes to the next.
pub fn receivers(trial: &Trial, plan: Plan, actor: &Path, transport: &'static str) -> Report {
    let mut stage = Stage::new((trial, actor), plan, transport, "pull");
    let push = Push::builder().send_buffer(64).build().expect("a socket");
    stage.admit(&push);
    let mut sent = 0;
    for kill in 1..=plan.kills {
        // Of two that are dead, what the one had left could come before and what the other had behind what is sent meanwhile.
        eventually(|| push.stats().pipes <= 1);
        // The last has lived, so that it is seen when its end is found.
        let (victim, life) = (stage.start(), stage.life().max(usize::from(kill == plan.kills)));
        while victim.received() < life {
            sent += u64::from(push.send_timeout(stage.stamp(sent).encode(plan.length), MOMENT).is_ok());
        }
        victim.kill();
    }
    await_end(&push);
    let heir = stage.start();
    push.send_timeout(stage.stamp(sent).encode(plan.length), LONG).expect("room");
    eventually(|| heir.has_got(sent));
    sent += 1;

    let diaries = stage.diaries();
    assert_once(&diaries);
    for diary in &diaries {
        assert_moved_once(diary);
    }
    let received = diaries.iter().map(Vec::len).sum::<usize>() as u64;
    // It may arrive before its sender has noted that it left.
    eventually(|| push.stats().send_queue == 0);
    let report = stage.report(sent, received, push.stats().drops.total());
    assert!(report.lost <= stage.at_risk(), "{report}, more than {}", stage.at_risk());
    report
}

/// Until the end of the dead is found: before, a message may still be given to it.
fn await_end(push: &Push) {
    eventually(|| push.stats().pipes == 0);
}

/// What is sent later comes later, but for what another had when it was killed.
fn assert_moved_once(diary: &[u64]) {
    let back = diary.iter().zip(diary.iter().skip(1)).filter(|(one, next)| one > next).count();
    assert!(back <= 1, "messages of one that was killed came {back} times");
}

/// PULL sockets stand still until their PUSH has no room, and are killed then. Lost is exactly what was neither queued any more nor
/// received: what was in the hands of the system and of the dead.
pub fn stalled_receivers(trial: &Trial, plan: Plan, actor: &Path, transport: &'static str) -> Report {
    let mut stage = Stage::new((trial, actor), plan, transport, "pull");
    let push = Push::builder().send_buffer(64).build().expect("a socket");
    stage.admit(&push);
    let (mut sent, mut gone) = (0, 0);
    for _ in 0..plan.kills {
        let (victim, life) = (stage.start(), 1 + stage.life());
        while victim.received() < life {
            sent += u64::from(push.send_timeout(stage.stamp(sent).encode(plan.length), MOMENT).is_ok());
        }
        victim.stop();
        while push.send_timeout(stage.stamp(sent).encode(plan.length), STILL).is_ok() {
            sent += 1;
        }
        eventually(|| {
            let queued = push.stats().send_queue;
            !holds_within(STILL, || push.stats().send_queue != queued)
        });
        let received: usize = stage.diaries().iter().map(Vec::len).sum();
        gone = sent - push.stats().send_queue as u64 - received as u64;
        victim.kill();
    }
    await_end(&push);
    let heir = stage.start();
    push.send_timeout(stage.stamp(sent).encode(plan.length), LONG).expect("room");
    eventually(|| heir.has_got(sent));

    let diaries = stage.diaries();
    assert_once(&diaries);
    let received = diaries.iter().map(Vec::len).sum::<usize>() as u64;
    let report = stage.report(sent + 1, received, push.stats().drops.total());
    assert_eq!((report.lost, report.counted), (gone, 0), "not what had left and was not received: {report}");
    report
}

/// The PUSH sockets of one PULL are killed. Of what each has sent the beginning arrives, without a gap.
pub fn senders(trial: &Trial, plan: Plan, actor: &Path, transport: &'static str) -> Report {
    let mut stage = Stage::new((trial, actor), plan, transport, "push");
    let pull = Pull::new().expect("a socket");
    stage.admit(&pull);
    let mut ledger = Ledger::new(stage.run);
    for _ in 0..plan.kills {
        let (victim, life) = (stage.start(), stage.life());
        let mut heard = 0;
        while heard < life {
            let stamp =
                ledger.enter(&pull.recv_timeout(LONG).expect("a message")).expect("a message as sent");
            heard += usize::from(stamp.incarnation == victim.incarnation);
        }
        victim.kill();
    }
    assert_eq!(ledger.missing, 0, "a message is missing before one that arrived");
    stage.report(0, ledger.received, 0)
}

/// The PUB sockets of one SUB are killed. It subscribes to each by itself, and gets nothing of the dead once it has found them gone.
pub fn publishers(trial: &Trial, plan: Plan, actor: &Path, transport: &'static str) -> Report {
    let mut stage = Stage::new((trial, actor), plan, transport, "pub");
    let sub = Sub::builder().recv_buffer(64).build().expect("a socket");
    sub.subscribe(stage.run.to_be_bytes()).expect("a topic");
    stage.admit(&sub);
    let mut ledger = Ledger::new(stage.run);
    for _ in 0..plan.kills {
        let (victim, life) = (stage.start(), 1 + stage.life());
        for _ in 0..life {
            let stamp = ledger.enter(&sub.recv_timeout(LONG).expect("a message")).expect("a message as sent");
            assert_eq!(stamp.incarnation, victim.incarnation, "a message of one that is dead");
        }
        victim.kill();
        eventually(|| {
            while let Ok(rest) = sub.try_recv() {
                ledger.enter(&rest).expect("a message as sent");
            }
            let stats = sub.stats();
            stats.pipes == 0 && stats.recv_queue == 0
        });
    }
    stage.report(0, ledger.received, 0)
}
