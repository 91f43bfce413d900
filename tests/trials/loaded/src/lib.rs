//! A library as one is that is loaded by a program written in C: it uses hubless, and the program does not know.

use std::ffi::c_int;
use std::sync::Mutex;
use std::time::Duration;

use hubless::{Context, Error, Pull, Push, Rep, Req, Surveyor};

/// Time enough for everything.
const LONG: Duration = Duration::from_secs(60);
/// Larger than what waits in the system.
const LARGE: usize = 1 << 20;

/// What stays open until the process ends.
static OPEN: Mutex<Vec<Box<dyn Send>>> = Mutex::new(Vec::new());

/// Opens sockets of all sorts, talks, and leaves them in the middle of it. 0 if all went as it must.
// Functions that C calls by name need a name that is kept; that is unsafe only because another of the same name could take its
// place, and there is none: the name is this library's own.
#[expect(unsafe_code, reason = "a function that C finds by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn hubless_loaded_talk() -> c_int {
    std::panic::catch_unwind(|| c_int::from(talk().is_err())).unwrap_or(2)
}

/// Closes every socket of the process. 0 if nothing is lost but what nobody took.
// As above.
#[expect(unsafe_code, reason = "a function that C finds by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn hubless_loaded_close() -> c_int {
    std::panic::catch_unwind(|| {
        hubless::close_all(Duration::ZERO);
        OPEN.lock().map_or(1, |mut open| {
            open.clear();
            0
        })
    })
    .unwrap_or(2)
}

fn talk() -> Result<(), Error> {
    for transport in ["tcp://127.0.0.1:0", "inproc://loaded"] {
        let context = Context::new()?;
        exchange(&context, transport)?;
        leave_in_the_middle(&context, transport)?;
        keep(context);
    }
    Ok(())
}

/// Messages there and back.
fn exchange(context: &Context, address: &str) -> Result<(), Error> {
    let (rep, req) = (Rep::builder().context(context).build()?, Req::builder().context(context).build()?);
    req.dial(rep.listen(address)?.address())?;
    let pending = req.send("ping")?;
    rep.recv_timeout(LONG)?.reply("pong")?;
    let answer = pending.recv_timeout(LONG)?;
    keep((rep, req));
    if answer == "pong" { Ok(()) } else { Err(Error::Closed) }
}

/// A sender that waits for room, a receiver that waits for a message, a survey, and a dialer that finds nobody.
fn leave_in_the_middle(context: &Context, address: &str) -> Result<(), Error> {
    let push = Push::builder().context(context).send_buffer(1).build()?;
    let (deaf, idle) =
        (Pull::builder().context(context).recv_buffer(1).build()?, Pull::builder().context(context).build()?);
    push.dial(
        deaf.listen(format!("{address}{}", if address.starts_with("inproc") { "-deaf" } else { "" }))?
            .address(),
    )?;
    let surveyor = Surveyor::builder().context(context).build()?;
    keep(surveyor.survey("?", LONG)?);
    idle.dial("tcp://127.0.0.1:1")?;
    std::thread::spawn(move || while push.send(vec![0; LARGE]).is_ok() {});
    std::thread::spawn(move || idle.recv());
    keep(deaf);
    Ok(())
}

fn keep(what: impl Send + 'static) {
    if let Ok(mut open) = OPEN.lock() {
        open.push(Box::new(what));
    }
}
