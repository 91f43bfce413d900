use std::fmt;
use std::sync::Arc;

use crate::{Peer, Users};

/// Who is let in through a listener: asked when the peer has said what it is, before it is answered and before any pipe exists. A peer that
/// is refused has seen nothing of the socket, and nobody has sent it anything; it is counted and the reason is shown in
/// the listener's status. The default lets in everybody.
///
/// ```
/// use hubless::admission::{Admission, Users};
///
/// let own_processes = Admission::from(Users::same());
/// let from_the_office = Admission::by(|applicant| {
///     if applicant.peer().address.starts_with("tcp://10.1.") {
///         applicant.accept()
///     } else {
///         applicant.refuse("only from the office")
///     }
/// });
/// ```
///
/// A judge is called on the background thread, which meanwhile serves nobody else of its context: it must be quick and must
/// not wait for anything, least of all for sockets of that context; one that takes more than 100 ms is complained about in the
/// log, and the listener's status says how many wait for an answer. Decisions that take their time are given
/// [`later`](Applicant::later). No lock is held during the call; a panic in it refuses the peer and is logged. What is logged
/// about peers and judges is limited, to ten lines a second; what the program's own panic hook prints, as the usual one does at
/// every panic, is not. What a judge closes is closed when it has returned, and a judge that holds a handle of its own socket
/// keeps that open.
#[derive(Clone, Default)]
pub struct Admission {
    users: Option<Arc<Users>>,
    judge: Option<Arc<dyn Fn(Applicant) -> Verdict + Send + Sync>>,
}

impl Admission {
    /// Has `judge` say of every peer whether it is let in.
    pub fn by(judge: impl Fn(Applicant) -> Verdict + Send + Sync + 'static) -> Self {
        Self::default().judged_by(judge)
    }

    /// Has `judge` say of every peer whether it is let in, of those on the list if there is one.
    #[must_use]
    pub fn judged_by(self, judge: impl Fn(Applicant) -> Verdict + Send + Sync + 'static) -> Self {
        Self { judge: Some(Arc::new(judge)), ..self }
    }

    /// Lets in only processes of these users, and of those only whom the judge lets in, if there is one. A peer of which the
    /// system does not say whose process it is, such as any over a network, is refused.
    #[must_use]
    pub fn among(self, users: Users) -> Self {
        Self { users: Some(Arc::new(users)), ..self }
    }

    /// Asks about a peer. On the thread that calls it.
    pub fn decide(&self, applicant: Applicant) -> Verdict {
        match (&self.users, &self.judge) {
            (Some(users), _) if !users.contains(applicant.peer.identity.credentials) => {
                let reason = match applicant.peer.identity.credentials {
                    Some(who) => format!("user {} of group {} is not on the list", who.uid, who.gid),
                    None => "nobody knows whose process it is, and only some users are let in".to_owned(),
                };
                applicant.refuse(reason)
            }
            (_, Some(judge)) => judge(applicant),
            (_, None) => applicant.accept(),
        }
    }
}

impl From<Users> for Admission {
    fn from(users: Users) -> Self {
        Self::default().among(users)
    }
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admission")
            .field("users", &self.users)
            .field("judge", &self.judge.is_some())
            .finish_non_exhaustive()
    }
}

/// Takes the answer that was given later, from whichever thread.
type Reply = Box<dyn FnOnce(Result<(), String>) + Send>;

/// A peer that asks to be let in. Its holder answers, by using it up.
pub struct Applicant {
    peer: Peer,
    reply: Reply,
}

impl Applicant {
    /// `peer`, whose answer, if it is given later, goes to `reply`: `Ok` or the reason of the refusal.
    pub fn new(peer: Peer, reply: impl FnOnce(Result<(), String>) + Send + 'static) -> Self {
        Self { peer, reply: Box::new(reply) }
    }

    /// Who it is, as far as the transport knows.
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Lets it in.
    #[must_use]
    pub fn accept(self) -> Verdict {
        Verdict(Decision::Accept)
    }

    /// Turns it away. The reason is for our own logs and status; the peer does not see it.
    #[must_use]
    pub fn refuse(self, reason: impl Into<String>) -> Verdict {
        Verdict(Decision::Refuse(reason.into()))
    }

    /// Decides later: the ticket is answered from any thread, within the deadline of the handshake; dropped or too late it
    /// refuses. The peer has its own deadline, and waits as long. At most 256 wait at one listener; beyond that, the one that came
    /// first is turned away.
    ///
    /// ```
    /// use std::sync::mpsc::sync_channel;
    /// use hubless::admission::Admission;
    ///
    /// let (ask, asked) = sync_channel(100);
    /// let admission = Admission::by(move |applicant| {
    ///     let (ticket, verdict) = applicant.later();
    ///     let _ = ask.try_send(ticket); // where it is full the ticket is dropped, which refuses
    ///     verdict
    /// });
    /// std::thread::spawn(move || {
    ///     for ticket in asked {
    ///         // looks into a database, perhaps
    ///         ticket.accept();
    ///     }
    /// });
    /// ```
    pub fn later(self) -> (Ticket, Verdict) {
        (Ticket { peer: self.peer, reply: Some(self.reply) }, Verdict(Decision::Later))
    }
}

impl fmt::Debug for Applicant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Applicant").field("peer", &self.peer).finish_non_exhaustive()
    }
}

/// The right to answer for a peer that was put off. Waits for nobody; may be used from any thread.
pub struct Ticket {
    peer: Peer,
    reply: Option<Reply>,
}

impl Ticket {
    /// Who waits.
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Lets the peer in, if it is still there and the deadline of its handshake is not over.
    pub fn accept(mut self) {
        self.answer(Ok(()));
    }

    /// Turns it away.
    pub fn refuse(mut self, reason: impl Into<String>) {
        self.answer(Err(reason.into()));
    }

    fn answer(&mut self, answer: Result<(), String>) {
        if let Some(reply) = self.reply.take() {
            reply(answer);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.answer(Err("the ticket was dropped without an answer".into()));
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket").field("peer", &self.peer).finish_non_exhaustive()
    }
}

/// What a judge says of an [`Applicant`], which alone can make one.
#[derive(Debug)]
pub struct Verdict(Decision);

impl Verdict {
    /// What it is.
    pub fn into_decision(self) -> Decision {
        self.0
    }
}

/// What was decided about a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// It is let in.
    Accept,
    /// It is turned away, for this reason.
    Refuse(String),
    /// The answer comes later.
    Later,
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, sync_channel};

    use super::*;
    use crate::Credentials;

    fn applicant(credentials: Option<Credentials>) -> (Applicant, Receiver<Result<(), String>>) {
        let (tell, told) = sync_channel(1);
        let peer = Peer::new("ipc:///x");
        let peer = match credentials {
            Some(credentials) => peer.with_credentials(credentials),
            None => peer,
        };
        (Applicant::new(peer, move |answer| tell.send(answer).expect("somebody listens")), told)
    }

    fn decision(admission: &Admission, uid: Option<u32>) -> Decision {
        let credentials = uid.map(|uid| Credentials::new(uid, 5, 1));
        admission.decide(applicant(credentials).0).into_decision()
    }

    #[test]
    fn a_list_lets_in_whom_it_names_and_nobody_without_an_identity() {
        let admission = Admission::from(Users::of_uids([7]).or_gids([6]));
        assert_eq!(decision(&admission, Some(7)), Decision::Accept);
        for (uid, reason) in [(Some(8), "user 8 of group 5"), (None, "nobody knows")] {
            let Decision::Refuse(why) = decision(&admission, uid) else { panic!("{uid:?} was let in") };
            assert!(why.contains(reason), "{why}");
        }
    }

    #[test]
    fn of_those_on_the_list_the_judge_has_the_last_word() {
        let strict = Admission::by(|applicant| applicant.refuse("never")).among(Users::of_uids([7]));
        assert_eq!(decision(&strict, Some(7)), Decision::Refuse("never".into()));
        let Decision::Refuse(why) = decision(&strict, Some(8)) else { panic!("8 was let in") };
        assert!(why.contains("not on the list"), "{why}");
    }

    #[test]
    fn a_ticket_answers_once_and_refuses_when_dropped() {
        let (first, told) = applicant(None);
        let (ticket, verdict) = first.later();
        assert_eq!(verdict.into_decision(), Decision::Later);
        ticket.accept();
        assert_eq!(told.iter().collect::<Vec<_>>(), [Ok(())]);
        let (second, told) = applicant(None);
        drop(second.later());
        let answers: Vec<_> = told.iter().collect();
        assert!(matches!(&answers[..], [Err(why)] if why.contains("dropped")), "{answers:?}");
    }
}
