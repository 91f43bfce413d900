//! The background thread's part in admission: it asks the judge of a listener and carries out the answer.

use std::sync::Arc;
use std::time::Duration;

use hubless_transport::{Applicant, Decision};

use super::connect::admission::AdmissionState;
use super::control::worker_handle::Command;
use super::sys::catch_panic::catch_panic;
use super::sys::ids::EndpointId;
use super::worker::Worker;
use crate::human::duration;
use crate::monitor::Failure;

/// A judge that takes longer is complained about: all sockets of the thread wait for it.
const LONG: Duration = Duration::from_millis(100);

impl Worker {
    /// A handshake has come to the point where a judge decides.
    pub(super) fn ask(&mut self, key: usize) {
        let Some(handshaking) = self.handshakes.get_mut(key) else { return };
        let admission = std::mem::replace(&mut handshaking.handshake.admission, AdmissionState::Waiting);
        let AdmissionState::Guarded(admission) = admission else { return };
        handshaking.evictable = None;
        let serial = handshaking.serial;
        let peer = handshaking.peer();
        let endpoint = handshaking.source.id;
        self.limit_handshake(key);
        self.count_pending(endpoint, |pending| pending + 1);
        let handle = Arc::clone(&self.handle);
        let applicant = Applicant::new(peer, move |answer| {
            if handle.check().is_ok() {
                handle.tell(Command::Judged { handshake: key, serial, answer });
            }
        });
        let began = self.clock.now();
        let decision = catch_panic(|| admission.decide(applicant).into_decision())
            .unwrap_or_else(|_| Decision::Refuse("the judge of admission panicked".into()));
        let took = self.clock.now().since(began);
        if took > LONG {
            self.log.say(self.clock.now(), || {
                let took = duration(took);
                format!(
                    "a judge of admission took {took}, and all sockets of its thread waited: answer later"
                )
            });
        }
        match decision {
            Decision::Accept => self.judged(key, serial, Ok(())),
            Decision::Refuse(reason) => self.judged(key, serial, Err(reason)),
            _ => {}
        }
    }

    /// The answer has come. It is void if the handshake is over.
    pub(super) fn judged(&mut self, key: usize, serial: u64, answer: Result<(), String>) {
        let Some(handshaking) = self.handshakes.get_mut(key) else { return };
        if handshaking.serial != serial || !matches!(handshaking.handshake.admission, AdmissionState::Waiting)
        {
            return;
        }
        match answer {
            Ok(()) => {
                handshaking.handshake.admission = AdmissionState::Open;
                let endpoint = handshaking.source.id;
                self.count_pending(endpoint, |pending| pending.saturating_sub(1));
                self.go_on_with_handshake(key);
            }
            Err(reason) => self.handshake_failed(key, Failure::Denied(reason)),
        }
    }

    /// Shows how many wait for an answer, so that a judge that never gives one can be seen.
    pub(super) fn count_pending(&self, endpoint: EndpointId, change: impl Fn(usize) -> usize) {
        if let EndpointId::Listener(key) = endpoint
            && let Some(listening) = self.listeners.get(&key)
        {
            let mut status = listening.status.lock();
            status.pending = change(status.pending);
        }
    }
}
