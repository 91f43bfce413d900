//! The background thread. It follows the engine's `worker`.

use std::collections::{HashMap, VecDeque};

use shuttle::sync::Arc;
use shuttle::thread;

use super::worker_handle::{Command, WorkerHandle};
use super::{Fault, REPORT};
use crate::host::Socket;

pub(super) fn start(handle: &Arc<WorkerHandle>) -> thread::JoinHandle<()> {
    let mut worker = Worker { handle: Arc::clone(handle), sockets: HashMap::new(), unread: VecDeque::new() };
    thread::spawn(move || worker.live())
}

struct Worker {
    handle: Arc<WorkerHandle>,
    sockets: HashMap<usize, Arc<Socket>>,
    unread: VecDeque<Command>,
}

impl Worker {
    fn live(&mut self) {
        self.handle.read_here();
        self.run();
        if self.handle.fault == Fault::DiesInSecret {
            return;
        }
        let unread = self.handle.commands.close();
        if self.handle.fault != Fault::ForgetsTheUnread {
            for command in self.unread.drain(..).chain(unread) {
                if let Command::Attend(key, socket) = command {
                    self.sockets.insert(key, socket);
                }
            }
        }
        self.sockets.values().for_each(|socket| socket.close());
    }

    fn run(&mut self) {
        let mut commands = Vec::new();
        let mut stopping = false;
        while !(stopping && (self.sockets.is_empty() || self.handle.fault == Fault::StopsAtOnce)) {
            self.handle.take(&mut commands);
            self.unread.extend(commands.drain(..));
            while let Some(command) = self.unread.pop_front() {
                match command {
                    Command::Attend(key, socket) => drop(self.sockets.insert(key, socket)),
                    Command::Close(key, done) => {
                        if let Some(socket) = self.sockets.remove(&key) {
                            socket.close();
                        }
                        if let Some(done) = done {
                            done.finish(REPORT);
                        }
                    }
                    Command::CallBack(key) => drop(self.handle.close(key)),
                    Command::Stop => stopping = true,
                    Command::Die => return,
                }
            }
        }
    }
}
