use std::collections::BTreeMap;
use std::time::Duration;

use arbitrary::Unstructured;
use hubless_protocol::patterns::{
    Balance, Ending, Full, Inbox, Key, Loss, PipeId, ProtocolViolation, Req, ReqOptions, Time, Verdict,
};
use hubless_transport::Message;

use super::{Deed, Happened, Laws, Play};

/// REQ, whatever happens: each request is with one live peer, or waits because none has room; it goes again, unchanged and
/// with its id, when its peer is gone or its time to be sent again has come; it ends once, with its reply, its deadline, or
/// its peer; a reply to none is a stray. The timer is never armed too late.
///
/// The first byte chooses the options; then come events, as `tests/fuzz/README.md` has them.
pub fn requests(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let Ok(choice) = input.arbitrary::<u8>() else { return };
    let millis = |millis| Some(Duration::from_millis(millis));
    let options = ReqOptions {
        resend: [None, millis(0), millis(20), millis(60_000)][usize::from(choice % 4)],
        deadline: [None, millis(50)][usize::from(choice >> 2 & 1)],
        open: [1, 2, 5, usize::MAX][usize::from(choice >> 3 & 3)],
        balance: [Balance::RoundRobin, Balance::LeastQueued][usize::from(choice >> 5 & 1)],
    };
    // Soon after the last id comes the first.
    let req = Req::new(0xffff_fffd, options);
    let mut laws = Requests { options, open: BTreeMap::new(), outgoing: Vec::new(), number: 0 };
    Play::run(req, &mut laws, choice & 0x40 == 0, &mut input);
}

/// The shortest time after which a request is sent again.
const SHORTEST: Duration = Duration::from_millis(1);

/// How often a request may be cut short before it is given up, at least.
const MAX_INTERRUPTIONS: u32 = 3;

#[derive(Debug)]
struct Requests {
    options: ReqOptions,
    open: BTreeMap<Key, Request>,
    outgoing: Vec<u8>,
    number: u32,
}

#[derive(Debug)]
struct Request {
    body: Vec<u8>,
    deadline: Option<Time>,
    pipe: Option<PipeId>,
    resend: Option<Time>,
    cuts: u32,
}

impl Laws<Req> for Requests {
    fn outgoing(&mut self, bytes: &[u8]) -> Message {
        self.number += 1;
        self.outgoing = [bytes, &self.number.to_be_bytes()].concat();
        self.outgoing.as_slice().into()
    }

    fn judge(&mut self, happened: Happened<Key>, mut deeds: Vec<Deed<()>>, play: &Play<Req>) {
        let now = play.world.now;
        match happened {
            Happened::Sent(Ok(key)) => self.sent(key, &mut deeds, play),
            Happened::Sent(Err(Full)) => {
                let full = self.open.len() >= self.options.open;
                assert!(full || play.all_refused(), "there was room");
            }
            Happened::Arrived(pipe, bytes, verdict) => self.arrived(pipe, &bytes, verdict, &mut deeds),
            Happened::Left(pipe) => self.left(pipe, &mut deeds),
            Happened::Returned(packet, true) => self.cut(&super::wire(&packet), &mut deeds),
            Happened::Cancelled(key) => drop(self.open.remove(&key)),
            Happened::Passed => self.passed(now, &mut deeds),
            _ => {}
        }
        self.went_again(deeds, now);
        self.look(play);
    }
}

impl Requests {
    fn sent(&mut self, key: Key, deeds: &mut Vec<Deed<()>>, play: &Play<Req>) {
        assert!(key & 0x8000_0000 != 0, "{key:x} is no id");
        assert!(self.open.len() < self.options.open, "too many are open");
        let [.., Deed::Pushed(pipe, wire), Deed::Opened(opened, 1)] = &deeds[..] else {
            panic!("a request is a push and an inbox: {deeds:?}")
        };
        assert_eq!((wire, *opened), (&[&key.to_be_bytes()[..], &self.outgoing].concat(), key));
        assert!(self.open.values().all(|request| request.pipe.is_some()), "others waited");
        let load = |pipe| self.open.values().filter(|request| request.pipe == Some(pipe)).count();
        if self.options.balance == Balance::LeastQueued {
            let others = play.world.pipes.iter().filter(|(_, line)| !line.refused);
            assert!(others.map(|(other, _)| load(*other)).all(|other| load(*pipe) <= other), "by load");
        }
        let now = play.world.now;
        let request = Request {
            body: self.outgoing.clone(),
            deadline: self.options.deadline.map(|deadline| now.after(deadline)),
            pipe: Some(*pipe),
            resend: self.resend(now),
            cuts: 0,
        };
        assert!(self.open.insert(key, request).is_none(), "{key:x} is open already");
        deeds.truncate(deeds.len() - 2);
    }

    fn resend(&self, now: Time) -> Option<Time> {
        self.options.resend.map(|resend| now.after(resend.max(SHORTEST)))
    }

    fn arrived(&mut self, pipe: PipeId, bytes: &[u8], verdict: Verdict, deeds: &mut Vec<Deed<()>>) {
        let Some((key, body)) = bytes.split_first_chunk() else {
            return assert_eq!(verdict, Verdict::Close(ProtocolViolation::MalformedHeader));
        };
        let key = u32::from_be_bytes(*key);
        if self.open.remove(&key).is_none() {
            return assert_eq!(verdict, Verdict::Drop(Loss::Stray));
        }
        assert_eq!(verdict, Verdict::Accepted);
        let delivered = Deed::Delivered(Inbox::Keyed(key), pipe, (), body.into());
        assert_eq!(deeds[..], [delivered, Deed::Finished(key, Ending::Complete)]);
        deeds.clear();
    }

    /// What it was given goes elsewhere, or ends.
    fn left(&mut self, pipe: PipeId, deeds: &mut Vec<Deed<()>>) {
        for request in self.open.values_mut().filter(|request| request.pipe == Some(pipe)) {
            (request.pipe, request.resend) = (None, None);
        }
        if self.options.resend.is_none() {
            self.ended(deeds, Ending::PeerLost, |request| request.pipe.is_none());
        }
    }

    fn passed(&mut self, now: Time, deeds: &mut Vec<Deed<()>>) {
        self.ended(deeds, Ending::Deadline, |request| request.deadline.is_some_and(|at| at <= now));
        for request in self.open.values_mut().filter(|request| request.resend.is_some_and(|at| at <= now)) {
            (request.pipe, request.resend) = (None, None);
        }
    }

    /// A request that is cut short too often ends.
    fn cut(&mut self, wire: &[u8], deeds: &mut Vec<Deed<()>>) {
        let Some(key) = wire.first_chunk().copied().map(u32::from_be_bytes) else { return };
        let Some(request) = self.open.get_mut(&key) else { return };
        request.cuts += 1;
        if let [Deed::Lost(Loss::PipeLost), Deed::Finished(ended, Ending::PeerLost)] = deeds[..] {
            assert!(ended == key && request.cuts > MAX_INTERRUPTIONS, "given up after {} cuts", request.cuts);
            self.open.remove(&key);
            deeds.clear();
        }
    }

    /// Exactly these ended, and for that reason.
    fn ended(&mut self, deeds: &mut Vec<Deed<()>>, ending: Ending, ends: impl Fn(&Request) -> bool) {
        let due: Vec<Key> =
            self.open.iter().filter(|(_, request)| ends(request)).map(|(key, _)| *key).collect();
        for key in due {
            let finished = deeds.iter().position(|deed| *deed == Deed::Finished(key, ending));
            deeds.remove(finished.unwrap_or_else(|| panic!("{key:x} did not end with {ending:?}")));
            self.open.remove(&key);
        }
    }

    /// What was sent again waited for that, and is unchanged.
    fn went_again(&mut self, deeds: Vec<Deed<()>>, now: Time) {
        let resend = self.resend(now);
        for deed in deeds {
            let Deed::Pushed(pipe, wire) = deed else { panic!("nobody asked for {deed:?}") };
            let (key, body) = wire.split_first_chunk().expect("an id");
            let request = self.open.get_mut(&u32::from_be_bytes(*key)).expect("an open request");
            assert_eq!(request.pipe, None, "it was sent again and did not wait");
            assert_eq!(request.body, body, "it was changed");
            (request.pipe, request.resend) = (Some(pipe), resend);
        }
    }

    /// Nothing waits that could be sent, and the timer will go off when it is needed.
    fn look(&self, play: &Play<Req>) {
        let waits = self.open.values().any(|request| request.pipe.is_none());
        assert!(!waits || play.all_refused(), "somebody had room for what waits");
        let due = self.open.values().flat_map(|request| [request.deadline, request.resend]).flatten().min();
        if let Some(due) = due {
            let armed = play.world.armed;
            assert!(armed.is_some_and(|armed| armed <= due), "due at {due:?}, armed for {armed:?}");
        }
    }
}
