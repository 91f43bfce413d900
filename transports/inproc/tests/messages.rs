//! What a connection holds, moves and announces.
#![expect(clippy::unwrap_used, reason = "a failure to unwrap is a failure of the test")]

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};

use hubless_inproc::InprocTransport;
use hubless_transport::mio::{Interest, Registry};
use hubless_transport::{
    Connection, Dialer, Listener, Message, Messages, Notifier, Notify, Offer, Packet, Readiness,
    RegistrySource, Transport, Wait,
};

const MOST_MESSAGES: usize = 256;
const MOST_OCTETS: usize = 4 << 20;

#[derive(Debug, Default)]
struct Heard(Mutex<Vec<Readiness>>);

impl Notify for Heard {
    fn notify(&self, _: usize, readiness: Readiness) {
        self.0.lock().unwrap().push(readiness);
    }
}

impl Heard {
    fn take(&self) -> Vec<Readiness> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

struct Nowhere;

impl RegistrySource for Nowhere {
    fn registry(&self) -> io::Result<&Registry> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

fn wait(heard: &Arc<Heard>) -> Wait<'static> {
    let notifier = Notifier::new(Arc::<Heard>::clone(heard), 1);
    Wait::new(&Nowhere, notifier, Interest::READABLE | Interest::WRITABLE)
}

fn messages(connection: Connection) -> Box<dyn Messages> {
    match connection {
        Connection::Messages(messages) => messages,
        other => panic!("inproc has messages, not {other:?}"),
    }
}

fn dial(dialer: &mut dyn Dialer) -> io::Result<Box<dyn Messages>> {
    dialer.dial(None, &Offer::new("push", ["pull"])).map(messages)
}

fn accept(listener: &mut dyn Listener) -> io::Result<Box<dyn Messages>> {
    let end = listener.accept(&Offer::new("pull", ["push"])).map(messages)?;
    end.admit();
    Ok(end)
}

struct Ends {
    from: Box<dyn Messages>,
    to: Box<dyn Messages>,
    sender: Arc<Heard>,
    receiver: Arc<Heard>,
}

fn ends() -> Ends {
    let inproc = InprocTransport::new();
    let mut listener = inproc.listener("x").unwrap();
    listener.bind().unwrap();
    let from = dial(inproc.dialer("x").unwrap().as_mut()).unwrap();
    let to = accept(listener.as_mut()).unwrap();
    let (sender, receiver) = (Arc::default(), Arc::default());
    from.watch(&wait(&sender)).unwrap();
    to.watch(&wait(&receiver)).unwrap();
    assert_eq!((sender.take(), receiver.take()), (vec![Readiness::Writable], vec![Readiness::Writable]));
    Ends { from, to, sender, receiver }
}

fn packets(count: usize, length: usize) -> VecDeque<Packet> {
    (0..count).map(|_| Message::from(vec![7; length]).into()).collect()
}

fn kind<T>(outcome: io::Result<T>) -> Result<T, io::ErrorKind> {
    outcome.map_err(|error| error.kind())
}

#[test]
fn bodies_move_without_being_copied() {
    let Ends { from, to, .. } = ends();
    let mut sent = packets(3, 100_000);
    let places: Vec<_> = sent.iter().map(|packet| packet.body.as_ptr()).collect();
    assert_eq!(kind(from.send(&mut sent)), Ok(3));
    let mut received = VecDeque::new();
    assert_eq!(kind(to.recv(&mut received, 2)), Ok(2));
    assert_eq!(kind(to.recv(&mut received, 2)), Ok(1));
    assert_eq!(received.iter().map(|packet| packet.body.as_ptr()).collect::<Vec<_>>(), places);
}

#[test]
fn a_direction_holds_256_messages() {
    let Ends { from, to, .. } = ends();
    let mut sent = packets(MOST_MESSAGES + 10, 1);
    assert_eq!(kind(from.send(&mut sent)), Ok(MOST_MESSAGES));
    assert_eq!((kind(from.send(&mut sent)), sent.len()), (Err(io::ErrorKind::WouldBlock), 10));
    assert_eq!(kind(to.recv(&mut VecDeque::new(), 4)), Ok(4));
    assert_eq!((kind(from.send(&mut sent)), sent.len()), (Ok(4), 6));
}

#[test]
fn a_direction_holds_four_mebibytes_or_a_single_larger_message() {
    let Ends { from, to, .. } = ends();
    let mut sent = packets(10, MOST_OCTETS / 4);
    assert_eq!((kind(from.send(&mut sent)), sent.len()), (Ok(4), 6));
    let mut huge = packets(2, MOST_OCTETS * 3);
    assert_eq!(kind(from.send(&mut huge)), Err(io::ErrorKind::WouldBlock));
    assert_eq!(kind(to.recv(&mut VecDeque::new(), 3)), Ok(3));
    assert_eq!(kind(from.send(&mut huge)), Err(io::ErrorKind::WouldBlock));
    assert_eq!(kind(to.recv(&mut VecDeque::new(), 3)), Ok(1));
    assert_eq!((kind(from.send(&mut huge)), huge.len()), (Ok(1), 1));
    assert_eq!(kind(from.send(&mut packets(1, 0))), Err(io::ErrorKind::WouldBlock));
}

#[test]
fn edges_are_told_at_changes_not_per_message() {
    let Ends { from, to, sender, receiver } = ends();
    for _ in 0..100 {
        assert_eq!(kind(from.send(&mut packets(1, 10))), Ok(1));
    }
    assert_eq!(receiver.take(), [Readiness::Readable]);
    let mut received = VecDeque::new();
    assert_eq!(kind(to.recv(&mut received, 1000)), Ok(100));
    assert_eq!(sender.take(), [], "a sender that was never refused has nothing to hear");

    let mut sent = packets(MOST_MESSAGES + 1, 1);
    assert_eq!(kind(from.send(&mut sent)), Ok(MOST_MESSAGES));
    for _ in 0..MOST_MESSAGES / 2 - 1 {
        assert_eq!(kind(to.recv(&mut received, 1)), Ok(1));
    }
    assert_eq!(sender.take(), [], "not before half of it is received");
    for _ in 0..10 {
        assert_eq!(kind(to.recv(&mut received, 1)), Ok(1));
    }
    assert_eq!(sender.take(), [Readiness::Writable]);
    assert_eq!(kind(from.send(&mut sent)), Ok(1));
    assert_eq!(kind(to.recv(&mut received, 1000)), Ok(MOST_MESSAGES / 2 - 8));
    assert_eq!(sender.take(), []);
    assert_eq!(receiver.take(), [Readiness::Readable]);
}

#[test]
fn a_new_notifier_hears_what_is_ready_and_the_old_one_nothing_more() {
    let Ends { from, to, sender, receiver } = ends();
    let mut sent = packets(MOST_MESSAGES + 1, 1);
    assert_eq!(kind(from.send(&mut sent)), Ok(MOST_MESSAGES));
    receiver.take();
    let (new_sender, new_receiver) = (Arc::default(), Arc::default());
    to.watch(&wait(&new_receiver)).unwrap();
    from.watch(&wait(&new_sender)).unwrap();
    assert_eq!(new_receiver.take(), [Readiness::Readable, Readiness::Writable]);
    assert_eq!(new_sender.take(), [], "there is no room yet");
    assert_eq!(kind(to.recv(&mut VecDeque::new(), 1000)), Ok(MOST_MESSAGES));
    assert_eq!(new_sender.take(), [Readiness::Writable]);
    assert_eq!(kind(from.send(&mut sent)), Ok(1));
    assert_eq!(new_receiver.take(), [Readiness::Readable]);
    from.shutdown();
    assert_eq!(new_receiver.take(), [Readiness::Readable]);
    assert_eq!((sender.take(), receiver.take()), (vec![], vec![]));
}

#[test]
fn what_was_sent_before_the_sender_was_dropped_is_received() {
    let Ends { from, to, receiver, .. } = ends();
    assert_eq!(kind(from.send(&mut packets(3, 10))), Ok(3));
    drop(from);
    assert_eq!(receiver.take(), [Readiness::Readable, Readiness::Readable, Readiness::Writable]);
    assert_eq!(kind(to.recv(&mut VecDeque::new(), 1000)), Ok(3));
    assert_eq!(kind(to.recv(&mut VecDeque::new(), 1000)), Ok(0));
    let mut refused = packets(1, 10);
    assert_eq!((kind(to.send(&mut refused)), refused.len()), (Err(io::ErrorKind::BrokenPipe), 1));
}

#[test]
fn a_dialer_that_hangs_up_is_not_accepted() {
    let inproc = InprocTransport::new();
    let mut dialer = inproc.dialer("x").unwrap();
    let waiting = dial(dialer.as_mut()).unwrap();
    assert_eq!(kind(waiting.establish()), Err(io::ErrorKind::WouldBlock));
    assert_eq!(kind(waiting.send(&mut packets(1, 1))), Err(io::ErrorKind::WouldBlock));
    assert!(!waiting.establishes_promptly());
    let staying = dial(dialer.as_mut()).unwrap();
    drop(waiting);
    let mut listener = inproc.clone().listener("x").unwrap();
    listener.bind().unwrap();
    let calls = Arc::default();
    listener.watch(&wait(&calls)).unwrap();
    assert_eq!(calls.take(), [Readiness::Readable]);
    let accepted = accept(listener.as_mut()).unwrap();
    assert_eq!((&*staying.offered(), &*accepted.offered()), ("pull", "push"));
    assert_eq!(kind(accept(listener.as_mut())).map(drop), Err(io::ErrorKind::WouldBlock));
}

#[test]
fn a_dialer_that_was_accepted_waits_for_the_greeting_and_is_told_when_none_will_come() {
    let inproc = InprocTransport::new();
    let mut listener = inproc.listener("x").unwrap();
    listener.bind().unwrap();
    let waiting = dial(inproc.dialer("x").unwrap().as_mut()).unwrap();
    let heard = Arc::default();
    waiting.watch(&wait(&heard)).unwrap();
    let accepted = listener.accept(&Offer::new("pull", ["push"])).map(messages).unwrap();
    assert_eq!(accepted.offered(), "push");
    assert_eq!(kind(waiting.establish()), Err(io::ErrorKind::WouldBlock));
    assert_eq!(kind(waiting.send(&mut packets(1, 1))), Err(io::ErrorKind::WouldBlock));
    heard.take();
    drop(accepted);
    assert!(heard.take().contains(&Readiness::Writable));
    assert_eq!(kind(waiting.establish()), Err(io::ErrorKind::ConnectionRefused));
}

#[test]
fn dialers_wait_on_when_their_listener_leaves() {
    let inproc = InprocTransport::new();
    let mut first = inproc.listener("x").unwrap();
    first.bind().unwrap();
    let waiting = dial(inproc.dialer("x").unwrap().as_mut()).unwrap();
    drop(first);
    let mut second = inproc.listener("x").unwrap();
    second.bind().unwrap();
    let accepted = accept(second.as_mut()).unwrap();
    assert_eq!(kind(waiting.establish()), Ok(()));
    assert_eq!(accepted.peer().address, "inproc://x");
}

#[test]
fn no_more_than_4096_dialers_wait_at_a_name() {
    let inproc = InprocTransport::new();
    let mut dialer = inproc.dialer("x").unwrap();
    let mut waiting: Vec<_> = (0..4096).map(|_| dial(dialer.as_mut()).unwrap()).collect();
    assert_eq!(kind(dial(dialer.as_mut())).map(drop), Err(io::ErrorKind::ConnectionRefused));
    waiting.pop();
    assert_eq!(kind(dial(dialer.as_mut())).map(drop), Ok(()));
}

#[test]
fn namespaces_are_apart_and_clones_are_not() {
    let (one, other) = (InprocTransport::new(), InprocTransport::new());
    let mut listeners =
        [one.listener("x").unwrap(), other.listener("x").unwrap(), one.clone().listener("x").unwrap()];
    let outcomes: Vec<_> = listeners.iter_mut().map(|listener| kind(listener.bind())).collect();
    assert_eq!(outcomes, [Ok(()), Ok(()), Err(io::ErrorKind::AddrInUse)]);
    let [_, _, refused] = listeners;
    drop(refused);
    let again = kind(one.listener("x").unwrap().bind());
    assert_eq!(again, Err(io::ErrorKind::AddrInUse), "one that never had the name cannot give it back");
}

#[test]
fn names_have_1_to_256_bytes() {
    let inproc = InprocTransport::new();
    assert!(inproc.dialer(&"x".repeat(256)).is_ok());
    for (name, reason) in [(String::new(), "empty"), ("x".repeat(257), "257 bytes")] {
        let refused = inproc.dialer(&name).expect_err("no name").to_string();
        assert!(refused.contains(reason), "{refused}");
    }
}
