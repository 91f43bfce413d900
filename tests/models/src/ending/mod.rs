//! A context ends, or its background thread dies, while calls are under way and sockets come and go.

mod awaited;
#[path = "../../../../src/engine/control/completion.rs"]
mod completion;
mod own_time;
mod worker;
mod worker_handle;

use crate::{sys, wait};

use shuttle::sync::Arc;
use shuttle::thread;

use crate::check::{check, join_all, mutants, spawn};
use crate::host::{Fault as HostFault, Looks, Outcome, Socket};
use crate::kernel::Transport;
use worker_handle::{Command, WorkerHandle};

/// What a close that was waited for comes to.
type Report = u32;
const REPORT: Report = 7;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// The background thread forgets whom it had not yet heard of when it dies.
    ForgetsTheUnread,
    /// It dies without a word.
    DiesInSecret,
    /// It waits for what it is to do itself.
    WaitsForItself,
    /// It ends at once, whatever sockets there are.
    StopsAtOnce,
}

fn socket() -> Arc<Socket> {
    Socket::new(Transport::Stream, 0, HostFault::None)
}

fn receives(handle: &Arc<WorkerHandle>, socket: &Arc<Socket>) -> thread::JoinHandle<()> {
    let (handle, socket) = (Arc::clone(handle), Arc::clone(socket));
    thread::spawn(move || {
        if handle.check().is_ok() {
            assert_eq!(socket.recv(&Looks::FOREVER), Outcome::Closed);
        }
    })
}

/// Sockets are closed by a thread that waits for it, by one that does not, and by a callback of the background thread.
fn a_context_ends(fault: Fault) {
    let handle = Arc::new(WorkerHandle::new(fault));
    let background = worker::start(&handle);
    let sockets = [socket(), socket(), socket()];
    for (key, socket) in sockets.iter().enumerate() {
        handle.tell(Command::Attend(key, Arc::clone(socket)));
    }
    let receivers = sockets.each_ref().map(|socket| receives(&handle, socket));
    let closer = spawn(&handle, move |closing| assert_eq!(closing.close(0), REPORT));
    handle.tell(Command::CallBack(1));
    handle.tell(Command::Close(2, None));
    handle.tell(Command::Stop);
    closer.join().expect("it ends");
    join_all(receivers);
    background.join().expect("it ends");
}

/// Sockets are opened, used and closed while the background thread dies.
fn a_context_dies(fault: Fault) {
    let handle = Arc::new(WorkerHandle::new(fault));
    let background = worker::start(&handle);
    let end = spawn(&handle, move |dying| dying.tell(Command::Die));
    let [one, other] = [socket(), socket()];
    handle.tell(Command::Attend(0, Arc::clone(&one)));
    let closer =
        spawn(&handle, move |closing| assert!([REPORT, Report::default()].contains(&closing.close(0))));
    handle.tell(Command::Attend(1, Arc::clone(&other)));
    let receivers = [&one, &other].map(|socket| receives(&handle, socket));
    join_all(receivers);
    closer.join().expect("it ends");
    end.join().expect("it ends");
    background.join().expect("it ends");
}

#[test]
fn a_context_ends_whoever_closes_its_sockets() {
    check(|| a_context_ends(Fault::None));
}

#[test]
fn nobody_waits_on_in_a_context_that_has_died() {
    check(|| a_context_dies(Fault::None));
}

mutants! {
    a_callback_that_waits_for_its_own_thread_is_found: "max_steps" => a_context_ends(Fault::WaitsForItself),
    a_background_thread_that_stops_before_its_sockets_are_closed_is_found:
        "assertion" => a_context_ends(Fault::StopsAtOnce),
    a_socket_of_which_the_dead_had_not_heard_is_found: "deadlock" => a_context_dies(Fault::ForgetsTheUnread),
    a_death_in_secret_is_found: "max_steps" => a_context_dies(Fault::DiesInSecret),
}
