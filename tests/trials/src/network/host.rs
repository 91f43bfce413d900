use std::fs::{self, File};
use std::io;
use std::net::Ipv4Addr;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use hubless::{Context, Tcp};
use nix::sched::{CloneFlags, setns, unshare};
use tun_rs::{DeviceBuilder, SyncDevice};

/// The largest packet, as over Ethernet.
const LARGEST: u16 = 1500;

/// The host is all ours, so every port is free.
const PORT: u16 = 5555;

/// Bytes of each buffer of the system, which takes it for half of what it is to be.
const BUFFER: usize = 64 << 10;

/// Bytes that the system has taken from a sender and not given to a receiver, at the most.
pub(super) const IN_SYSTEM: usize = 4 * BUFFER;

/// One end of a network of its own: a namespace in which there is one device, and what the system sends through that is for
/// the network to carry.
pub struct Host {
    address: Ipv4Addr,
    namespace: File,
    pub(super) device: Arc<SyncDevice>,
}

impl Host {
    /// A host with this address, on a network of 256 addresses.
    pub(super) fn new(address: Ipv4Addr) -> io::Result<Self> {
        // A namespace belongs to a thread. This one is there to make it, and what it has opened outlives it.
        let (namespace, device) = in_a_thread(|| {
            unshare(CloneFlags::CLONE_NEWNET)?;
            let namespace = File::open("/proc/thread-self/ns/net")?;
            let device =
                DeviceBuilder::new().name("trial").ipv4(address, 24, None).mtu(LARGEST).build_sync()?;
            device.set_nonblocking(true)?;
            io::Result::Ok((namespace, device))
        })?;
        Ok(Self { address, namespace, device: Arc::new(device) })
    }

    /// Its address.
    pub fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// Where its one listener is, with buffers of the system so small that a connection cannot take much with it.
    pub fn endpoint(&self) -> Tcp {
        Tcp::new(self.address, PORT).system_send_buffer(BUFFER).system_recv_buffer(BUFFER)
    }

    /// Does something on this host, in a thread of its own: listens, or starts a thread or a process, which stay there. Such
    /// a process must not outlive the call, because it ends with the thread that started it.
    pub fn enter<T: Send>(&self, action: impl FnOnce() -> T + Send) -> T {
        in_a_thread(|| {
            setns(&self.namespace, CloneFlags::CLONE_NEWNET).expect("a namespace of ours");
            action()
        })
    }

    /// Whether the other end has confirmed all that was sent from here.
    pub(super) fn has_all_confirmed(&self) -> bool {
        let connections = self.enter(|| fs::read_to_string("/proc/thread-self/net/tcp")).expect("a list");
        // In the fifth column stand the bytes that are on their way out, and those that wait to be read.
        let mut queues = connections.lines().skip(1).filter_map(|line| line.split_whitespace().nth(4));
        queues.all(|queue| queue.starts_with("00000000:"))
    }

    /// A context whose sockets dial from this host. What listens does so where [`enter`](Self::enter) is.
    pub fn context(&self) -> Context {
        self.enter(|| Context::new().expect("a context"))
    }
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host").field("address", &self.address).finish_non_exhaustive()
    }
}

fn in_a_thread<T: Send>(action: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| scope.spawn(action).join().unwrap_or_else(|panic| resume_unwind(panic)))
}
