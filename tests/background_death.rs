//! If the background thread dies, calls say so instead of waiting for ever. A transport that panics where it is dropped kills it here.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::task::{self, Wake, Waker};
use std::thread;
use std::time::Duration;

use hubless::transport::{AddressError, Connection, Dialer, Listener, Offer, Transport};
use hubless::{Context, Error, Event, Pull, Push};

/// Makes dialers that panic where they are dropped.
#[derive(Debug)]
struct Grudging;

#[derive(Debug)]
struct Grudge;

impl Transport for Grudging {
    fn scheme(&self) -> &'static str {
        "grudge"
    }

    fn dialer(&self, _: &str) -> Result<Box<dyn Dialer>, AddressError> {
        Ok(Box::new(Grudge))
    }

    fn listener(&self, _: &str) -> Result<Box<dyn Listener>, AddressError> {
        Err(AddressError::new("it only dials"))
    }
}

impl Dialer for Grudge {
    fn dial(&mut self, _: Option<SocketAddr>, _: &Offer) -> io::Result<Connection> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl Drop for Grudge {
    fn drop(&mut self) {
        panic!("this dialer panics where it is dropped");
    }
}

#[test]
fn every_call_fails_when_the_background_thread_is_dead_and_nobody_goes_on_waiting() {
    let context = Context::builder().transport(Grudging).build().unwrap();
    let pull = Pull::builder().context(&context).build().unwrap();
    let push = Push::builder().context(&context).build().unwrap();
    let monitor = pull.monitor();
    let receiving = {
        let pull = pull.clone();
        thread::spawn(move || pull.recv())
    };
    let sending = {
        let push = push.clone();
        thread::spawn(move || push.send("nobody is there"))
    };
    push.dial("grudge://now").unwrap().close();
    assert!(matches!(receiving.join().unwrap(), Err(Error::Dead)));
    assert!(matches!(sending.join().unwrap().unwrap_err().error, Error::Dead));
    assert!(matches!(pull.try_recv(), Err(Error::Dead)));
    assert!(matches!(push.try_send("x").unwrap_err().error, Error::Dead));
    assert!(matches!(pull.close(Duration::from_secs(60)), Err(Error::Dead)));
    context.close(Duration::from_secs(60));
    assert!(matches!(monitor.recv(), Ok(Event::Closed)));
    assert!(matches!(monitor.recv(), Err(Error::Dead)));

    // The default context is another, and lives.
    let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
    push.dial(pull.listen("inproc://alive").unwrap().address()).unwrap();
    push.send("alive").unwrap();
    assert_eq!(pull.recv_timeout(Duration::from_secs(60)).unwrap(), "alive");
}

/// Their like, which keep the thread until it is told to go on, and panic then.
#[derive(Debug)]
struct GrudgingLater {
    reached: SyncSender<()>,
    told: Arc<Mutex<Receiver<()>>>,
}

#[derive(Debug)]
struct GrudgeLater {
    reached: SyncSender<()>,
    told: Arc<Mutex<Receiver<()>>>,
}

impl Transport for GrudgingLater {
    fn scheme(&self) -> &'static str {
        "later"
    }

    fn dialer(&self, _: &str) -> Result<Box<dyn Dialer>, AddressError> {
        Ok(Box::new(GrudgeLater { reached: self.reached.clone(), told: Arc::clone(&self.told) }))
    }

    fn listener(&self, _: &str) -> Result<Box<dyn Listener>, AddressError> {
        Err(AddressError::new("it only dials"))
    }
}

impl Dialer for GrudgeLater {
    fn dial(&mut self, _: Option<SocketAddr>, _: &Offer) -> io::Result<Connection> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl Drop for GrudgeLater {
    fn drop(&mut self) {
        self.reached.send(()).expect("the test goes on");
        let told = self.told.lock().expect("nobody panics with it").recv();
        panic!("this dialer panics where it is dropped: {told:?}");
    }
}

/// A waker that tells.
struct Woken(SyncSender<()>);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        let _ = self.0.try_send(());
    }
}

#[test]
fn a_socket_of_which_the_dying_thread_has_not_yet_heard_ends_its_calls_too() {
    let (reached, dialing) = sync_channel(1);
    let (tell, told) = sync_channel(1);
    let transport = GrudgingLater { reached, told: Arc::new(Mutex::new(told)) };
    let context = Context::builder().transport(transport).build().unwrap();
    let push = Push::builder().context(&context).build().unwrap();
    let dialer = push.dial("later://now").unwrap();
    thread::spawn(move || dialer.close());
    dialing.recv().unwrap();

    // The background thread is busy, and reads no more before it dies.
    let [polled, blocking] = [(); 2].map(|()| Pull::builder().context(&context).build().unwrap());
    let mut receiving = pin!(polled.recv_async());
    let (wake, woken) = sync_channel(1);
    let waker = Waker::from(Arc::new(Woken(wake)));
    assert!(receiving.as_mut().poll(&mut task::Context::from_waker(&waker)).is_pending());
    let blocked = thread::spawn(move || blocking.recv());

    tell.send(()).unwrap();
    woken.recv().unwrap();
    assert!(matches!(pollster::block_on(receiving), Err(Error::Dead)));
    assert!(matches!(blocked.join().unwrap(), Err(Error::Dead)));
}

#[test]
fn what_panics_where_the_dying_thread_drops_it_keeps_nobody_waiting() {
    let (reached, dialing) = sync_channel(1);
    let (tell, told) = sync_channel(1);
    let transport = GrudgingLater { reached, told: Arc::new(Mutex::new(told)) };
    let context = Context::builder().transport(transport).transport(Grudging).build().unwrap();
    let push = Push::builder().context(&context).build().unwrap();
    let pull = Pull::builder().context(&context).build().unwrap();
    let mut receiving = pin!(pull.recv_async());
    let (wake, woken) = sync_channel(1);
    let waker = Waker::from(Arc::new(Woken(wake)));
    assert!(receiving.as_mut().poll(&mut task::Context::from_waker(&waker)).is_pending());
    let dialer = push.dial("later://now").unwrap();
    thread::spawn(move || dialer.close());
    dialing.recv().unwrap();

    // Told of while the background thread is busy, and so dropped unread.
    push.dial("grudge://now").unwrap();
    tell.send(()).unwrap();
    woken.recv().unwrap();
    assert!(matches!(pollster::block_on(receiving), Err(Error::Dead)));
}
