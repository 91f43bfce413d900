//! If the background thread dies, calls say so instead of waiting for ever. Only a fault of the library ends it, so one is planted here.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::task::{self, Wake, Waker};
use std::thread;
use std::time::Duration;

use log::{LevelFilter, Log, Metadata, Record};

use crate::transport::{AddressError, Connection, Dialer, Listener, Offer, Transport};
use crate::{Context, Error, EventKind, Pull, Push};

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
    let context = Context::new().unwrap();
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
    context.run_in_background(|| panic!("planted"));
    assert!(matches!(receiving.join().unwrap(), Err(Error::Dead)));
    assert!(matches!(sending.join().unwrap().unwrap_err().error, Error::Dead));
    assert!(matches!(pull.try_recv(), Err(Error::Dead)));
    assert!(matches!(push.try_send("x").unwrap_err().error, Error::Dead));
    assert!(matches!(pull.close(Duration::from_secs(60)), Err(Error::Dead)));
    context.close(Duration::from_secs(60));
    assert!(matches!(monitor.recv().map(|event| event.kind), Ok(EventKind::Closed)));
    assert!(matches!(monitor.recv(), Err(Error::Dead)));

    // The default context is another, and lives.
    let (pull, push) = (Pull::new().unwrap(), Push::new().unwrap());
    push.dial(pull.listen("inproc://alive").unwrap().address()).unwrap();
    push.send("alive").unwrap();
    assert_eq!(pull.recv_timeout(Duration::from_secs(60)).unwrap(), "alive");
}

/// Keeps the background thread until it is told to go on, and has it die then.
fn dies_when_told(context: &Context) -> SyncSender<()> {
    let (reached, busy) = sync_channel(1);
    let (tell, told) = sync_channel(1);
    context.run_in_background(move || {
        reached.send(()).expect("the test goes on");
        panic!("planted: {:?}", told.recv());
    });
    busy.recv().expect("it lives");
    tell
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
    let context = Context::new().unwrap();
    let tell = dies_when_told(&context);

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
    let context = Context::builder().transport(Grudging).build().unwrap();
    let push = Push::builder().context(&context).build().unwrap();
    let pull = Pull::builder().context(&context).build().unwrap();
    let mut receiving = pin!(pull.recv_async());
    let (wake, woken) = sync_channel(1);
    let waker = Waker::from(Arc::new(Woken(wake)));
    assert!(receiving.as_mut().poll(&mut task::Context::from_waker(&waker)).is_pending());
    let tell = dies_when_told(&context);

    // Told of while the background thread is busy, and so dropped unread.
    push.dial("grudge://now").unwrap();
    tell.send(()).unwrap();
    woken.recv().unwrap();
    assert!(matches!(pollster::block_on(receiving), Err(Error::Dead)));
}

static GATE: Mutex<()> = Mutex::new(());
static WRITTEN: Mutex<bool> = Mutex::new(false);

/// Takes its time with the line of death, and panics then.
struct Fatal;

impl Log for Fatal {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        if record.args().to_string().contains("has died of a panic") {
            drop(GATE.lock());
            *WRITTEN.lock().expect("the lock") = true;
            panic!("this logger panics");
        }
    }

    fn flush(&self) {}
}

#[test]
fn everybody_is_told_of_the_death_before_a_logger_that_takes_its_time_and_panics() {
    let gate = GATE.lock().unwrap();
    log::set_logger(&Fatal).expect("it is the first");
    log::set_max_level(LevelFilter::Error);
    let context = Context::new().unwrap();
    let pull = Pull::builder().context(&context).build().unwrap();
    let receiving = {
        let pull = pull.clone();
        thread::spawn(move || pull.recv_timeout(Duration::from_secs(60)))
    };
    context.run_in_background(|| panic!("planted"));
    assert!(matches!(receiving.join().unwrap(), Err(Error::Dead)));
    assert!(matches!(pull.try_recv(), Err(Error::Dead)));
    assert!(!*WRITTEN.lock().unwrap(), "the logger is held");
    drop(gate);
}
