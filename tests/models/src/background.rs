//! A background thread with one socket. It follows the engine's `worker`.

use hubless_protocol::patterns::Time;
use shuttle::sync::{Arc, Condvar};
use shuttle::thread;

use crate::check::{pause, spawn};
use crate::host::Socket;
use crate::kernel::Bell;
use crate::sys::sync::Mutex;
use crate::wait::command_queue::CommandBuffer;

#[derive(Debug)]
pub(crate) enum Command {
    HandOff,
    Serve,
    Stream,
    Stop,
}

/// The background thread as others see it.
#[derive(Debug, Default)]
pub(crate) struct BackgroundStub {
    commands: Mutex<CommandBuffer<Command>>,
    events: Mutex<Events>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Events {
    woken: bool,
    /// The event loop of the socket has something.
    socket: bool,
}

impl BackgroundStub {
    pub(crate) fn tell(&self, command: Command) {
        let needed = self.commands.lock().push(command);
        if needed {
            self.events.lock().woken = true;
            self.changed.notify_all();
        }
    }

    /// Waits for events, for ever or a while; whether the socket has something.
    fn wait(&self, forever: bool) -> bool {
        let mut socket = false;
        let mut take = |events: &mut Events| {
            let events = std::mem::take(events);
            socket = events.socket;
            events.socket || events.woken
        };
        if forever {
            self.events.wait_until(&self.changed, take);
        } else {
            pause();
            take(&mut self.events.lock());
        }
        socket
    }
}

/// The event loop of the socket is heard in that of the background thread.
impl Bell for BackgroundStub {
    fn ring(&self) {
        self.events.lock().socket = true;
        self.changed.notify_all();
    }
}

/// Runs a background thread for the socket, until [`stop`].
pub(crate) fn start(socket: &Arc<Socket>) -> thread::JoinHandle<()> {
    spawn(socket, move |socket| run(socket))
}

/// Ends it.
pub(crate) fn stop(socket: &Socket, background: thread::JoinHandle<()>) {
    socket.background.tell(Command::Stop);
    background.join().expect("the background thread ends");
}

fn run(socket: &Socket) {
    let background = &socket.background;
    let (mut handed_off, mut streams, mut left_over, mut stopping) = (false, false, false, false);
    let mut commands = Vec::new();
    while !stopping {
        background.commands.lock().take(&mut commands, Some(Time(u64::MAX)));
        let idle = commands.is_empty() && !handed_off && !streams && !left_over;
        for command in commands.drain(..) {
            match command {
                Command::HandOff => handed_off = true,
                Command::Serve => left_over |= socket.serve(),
                Command::Stream => streams = true,
                Command::Stop => stopping = true,
            }
        }
        let event = background.wait(idle);
        background.commands.lock().awake();
        if event || left_over {
            left_over = socket.serve();
        }
        streams = streams && socket.flush_interval();
        handed_off = handed_off && socket.poll_handoff();
    }
}
