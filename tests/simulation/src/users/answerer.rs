use hubless_protocol::patterns::{Answer, Pattern, Reply, Role, Route};

use crate::body::Body;
use crate::dice::Dice;
use crate::fault::Fault;
use crate::journal::Journal;
use crate::node::User;
use crate::socket::Socket;

/// Answers requests and surveys, several of them open, in any order; some not at all.
#[derive(Debug, Default)]
pub(crate) struct Answerer {
    /// Each request is for one server only.
    pub(crate) unique: bool,
    open: Vec<(Route, Body)>,
}

impl Answerer {
    pub(crate) fn new(unique: bool) -> Self {
        Self { unique, open: Vec::new() }
    }

    fn listen(&mut self, socket: &mut Socket<Reply>, journal: &mut Journal) -> bool {
        let Some((received, body)) = socket.take(journal) else { return false };
        if self.unique {
            journal.delivered_once(body.serial);
        }
        self.open.push((received.origin, body));
        true
    }

    fn answer(&mut self, socket: &mut Socket<Reply>, dice: &mut Dice, journal: &mut Journal) -> bool {
        if self.open.is_empty() {
            return false;
        }
        let (route, mut about) = self.open.swap_remove(dice.below(self.open.len()));
        if !socket.settling && dice.one_in(6) {
            return true;
        }
        // Some answer a survey again and again.
        if !socket.settling && socket.machine.role() == Role::Respondent && dice.one_in(3) {
            self.open.push((route.clone(), about));
        }
        if socket.around.fault == Fault::MixesAnswersUp
            && let Some((_, other)) = self.open.first()
        {
            about = *other;
        }
        let body = journal.make(socket.node, about.serial);
        let mut answer = Answer { route, body: body.encode(b"", dice.pick(&[0, 70])) };
        socket.send(&mut answer, body.serial, journal).is_ok()
    }
}

impl User<Reply> for Answerer {
    fn act(&mut self, socket: &mut Socket<Reply>, dice: &mut Dice, journal: &mut Journal) -> bool {
        let heard = self.listen(socket, journal);
        if !socket.settling && dice.one_in(2) {
            return heard;
        }
        self.answer(socket, dice, journal) || heard
    }

    fn restarted(&mut self) {
        self.open.clear();
    }

    fn waits(&self, _socket: &Socket<Reply>) -> bool {
        false
    }
}
