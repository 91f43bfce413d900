use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tun_rs::SyncDevice;

use super::Line;
use hubless_kit::now;

/// How soon what was said to the carrier is heeded, where no packet comes.
const TURN: Duration = Duration::from_millis(20);

/// Packets that are taken from one device before it is the other's turn.
const AT_ONCE: usize = 64;

/// Room for the largest packet, and more.
const PACKET: usize = 2048;

/// The thread that carries packets between two devices.
pub(super) struct Carrier {
    orders: Arc<Orders>,
    thread: Option<JoinHandle<()>>,
}

/// What the carrier is told.
struct Orders {
    ends: Mutex<[Arc<SyncDevice>; 2]>,
    /// Until when nothing gets through.
    cut_until: Mutex<Option<Instant>>,
    over: AtomicBool,
}

impl Carrier {
    pub(super) fn start(ends: [Arc<SyncDevice>; 2], lines: [Line; 2]) -> Self {
        let orders = Arc::new(Orders {
            ends: Mutex::new(ends),
            cut_until: Mutex::default(),
            over: AtomicBool::new(false),
        });
        let own = Arc::clone(&orders);
        Self { orders, thread: Some(thread::spawn(move || own.carry(lines))) }
    }

    pub(super) fn cut(&self, until: Option<Instant>) {
        *self.orders.cut_until.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    /// From now on this end is another device.
    pub(super) fn plug(&self, end: usize, device: Arc<SyncDevice>) {
        self.orders.ends.lock().unwrap_or_else(PoisonError::into_inner)[end] = device;
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        self.orders.over.store(true, Ordering::Relaxed);
        let ended = self.thread.take().is_none_or(|thread| thread.join().is_ok());
        assert!(ended || thread::panicking(), "the carrier panicked");
    }
}

impl Orders {
    fn carry(&self, mut lines: [Line; 2]) {
        while !self.over.load(Ordering::Relaxed) {
            let ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner).clone();
            wait(&ends, &lines);
            for (end, line) in ends.iter().zip(&mut lines) {
                self.collect(end, line);
            }
            let [first, second] = &mut lines;
            self.deliver(first, &ends[1]);
            self.deliver(second, &ends[0]);
        }
    }

    fn collect(&self, from: &SyncDevice, line: &mut Line) {
        let mut packet = [0; PACKET];
        for _ in 0..AT_ONCE {
            let Ok(length) = from.recv(&mut packet) else { return };
            // What the system says of itself over IPv6 is nobody's here, and would take from the chance of the others.
            if packet[0] >> 4 == 4 && !self.is_cut() {
                line.take(packet[..length].to_vec(), now());
            }
        }
    }

    fn deliver(&self, line: &mut Line, to: &SyncDevice) {
        while let Some(packet) = line.come_out(now()) {
            if !self.is_cut() {
                // A packet that the system does not take is one more that was lost.
                let _ = to.send(&packet);
            }
        }
    }

    fn is_cut(&self) -> bool {
        let until = *self.cut_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| now() < until)
    }
}

/// Waits until there is something to carry.
fn wait(ends: &[Arc<SyncDevice>; 2], lines: &[Line; 2]) {
    let next = lines.iter().filter_map(Line::next).min();
    let patience = next.map_or(TURN, |next| next.saturating_duration_since(now()).min(TURN));
    let patience = Timespec::try_from(patience).expect("a short time");
    let mut watched = [0, 1].map(|end| PollFd::new(&*ends[end], PollFlags::IN));
    // After a signal it is looked for what there is, as after any other wait.
    let _ = poll(&mut watched, Some(&patience));
}
