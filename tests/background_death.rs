//! If the background thread dies, calls say so instead of waiting for ever. A transport that panics kills it here.

use std::io;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use hubless::transport::{AddressError, Connection, Dialer, Listener, Offer, Transport};
use hubless::{Context, Error, Event, Pull, Push};

#[derive(Debug)]
struct Panicking;

impl Transport for Panicking {
    fn scheme(&self) -> &'static str {
        "panic"
    }

    fn dialer(&self, _: &str) -> Result<Box<dyn Dialer>, AddressError> {
        Ok(Box::new(Self))
    }

    fn listener(&self, _: &str) -> Result<Box<dyn Listener>, AddressError> {
        Err(AddressError::new("it only dials"))
    }
}

impl Dialer for Panicking {
    fn dial(&mut self, _: Option<SocketAddr>, _: &Offer) -> io::Result<Connection> {
        panic!("this transport panics on purpose");
    }
}

#[test]
fn every_call_fails_when_the_background_thread_is_dead_and_nobody_goes_on_waiting() {
    let context = Context::builder().transport(Panicking).build().unwrap();
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
    push.dial("panic://now").unwrap();
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
