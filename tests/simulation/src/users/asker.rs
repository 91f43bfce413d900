use std::collections::BTreeMap;

use hubless_protocol::patterns::{Ending, Key, Req, ReqOptions, Time};
use hubless_transport::Message;

use crate::body::Body;
use crate::dice::Dice;
use crate::journal::Journal;
use crate::law::Law;
use crate::node::User;
use crate::socket::Socket;
use crate::surroundings::{Kept, Keyed};
use crate::users::give_up;

/// A request that has not been seen to end.
#[derive(Debug)]
struct Asked {
    serial: u32,
    deadline: Option<Time>,
}

/// Makes requests, several at a time, and gives some of them up.
#[derive(Debug)]
pub(crate) struct Asker {
    options: ReqOptions,
    open: BTreeMap<Key, Asked>,
    /// What it is about to ask, with its serial number.
    held: Option<(Message, u32)>,
}

impl Asker {
    pub(crate) fn new(options: ReqOptions) -> Self {
        Self { options, open: BTreeMap::new(), held: None }
    }

    fn ask(&mut self, socket: &mut Socket<Req>, dice: &mut Dice, journal: &mut Journal) -> bool {
        if self.held.is_none() && !socket.settling {
            let body = journal.make(socket.node, 0);
            self.held = Some((body.encode(b"", dice.pick(&[0, 70])), body.serial));
        }
        let Some((mut message, serial)) = self.held.take() else { return false };
        let Ok(key) = socket.send(&mut message, serial, journal) else {
            self.held = Some((message, serial));
            return false;
        };
        if self.options.resend.is_some() {
            journal.sent_again(serial);
        }
        let deadline = self.options.deadline.map(|deadline| socket.around.world.now.after(deadline));
        self.open.insert(key, Asked { serial, deadline });
        true
    }

    /// Looks for requests that a dead pipe had, and that wait though they need not.
    fn look_for_orphans(&self, socket: &Socket<Req>, journal: &mut Journal) {
        let around = &socket.around;
        if self.options.resend.is_none() || !around.has_willing_pipe() {
            return;
        }
        for (key, asked) in &self.open {
            let has_ended = around.keyed.get(key).is_none_or(|keyed| keyed.ended.is_some());
            let is_given = around
                .given
                .get(key)
                .and_then(|pipes| pipes.last())
                .is_some_and(|pipe| around.is_alive(*pipe));
            journal.claim(Law::Again, has_ended || is_given, || {
                format!("request {} is not sent again though its peer has gone", asked.serial)
            });
        }
    }

    /// Takes what has ended.
    fn collect(&mut self, socket: &mut Socket<Req>, journal: &mut Journal) -> bool {
        let over = |(key, keyed): (&Key, &Keyed)| {
            (keyed.ended.is_some() || !keyed.answers.is_empty()).then_some(*key)
        };
        let ended: Vec<Key> = socket.around.keyed.iter().filter_map(over).collect();
        for key in &ended {
            let (Some(keyed), Some(asked)) = (socket.around.close(*key), self.open.remove(key)) else {
                journal.claim(Law::RightAnswer, false, || format!("{key:#x} was never asked"));
                return true;
            };
            asked.judge(&keyed, journal);
        }
        !ended.is_empty()
    }
}

impl Asked {
    /// What must be true of a request that has ended.
    fn judge(&self, keyed: &Keyed, journal: &mut Journal) {
        let Self { serial, deadline } = *self;
        let expected = usize::from(matches!(keyed.ended, Some((Ending::Complete, _))));
        let count = keyed.answers.len();
        journal.claim(Law::OneAnswer, count == expected, || {
            format!("request {serial} has {count} answers and ended as {:?}", keyed.ended)
        });
        for Kept { at, body: answer, .. } in &keyed.answers {
            let about = journal.intact(answer).map(|body: Body| body.about);
            journal.claim(Law::RightAnswer, about == Some(serial), || {
                format!("request {serial} is answered about {about:?}")
            });
            journal.claim(Law::Deadline, deadline.is_none_or(|deadline| *at < deadline), || {
                format!("request {serial} is answered at {at:?}, after {deadline:?}")
            });
        }
        if let Some((Ending::Deadline, at)) = keyed.ended {
            let in_time = deadline.is_some_and(|deadline| journal.is_on_time(deadline, at));
            journal.claim(Law::Deadline, in_time, || {
                format!("request {serial} ends by its deadline {deadline:?} at {at:?}")
            });
        }
    }
}

impl User<Req> for Asker {
    fn act(&mut self, socket: &mut Socket<Req>, dice: &mut Dice, journal: &mut Journal) -> bool {
        let collected = self.collect(socket, journal);
        self.look_for_orphans(socket, journal);
        if !socket.settling && dice.one_in(8) {
            give_up(&mut self.open, socket, dice, journal);
        }
        self.ask(socket, dice, journal) || collected
    }

    fn restarted(&mut self) {
        self.open.clear();
    }

    /// With as many open as may be, it has to wait for one of them.
    fn waits(&self, _socket: &Socket<Req>) -> bool {
        self.held.is_some() && self.open.len() < self.options.open
    }

    fn rest(&mut self, socket: &mut Socket<Req>, journal: &mut Journal) {
        let has_peer = socket.around.alive() > 0;
        let ends = self.options.deadline.is_some() || (self.options.resend.is_some() && has_peer);
        let open = self.open.values().next();
        journal.claim(Law::Ends, !ends || open.is_none(), || {
            format!("node {}: {open:?} does not end", socket.node)
        });
    }
}
