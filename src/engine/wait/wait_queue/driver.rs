//! The seat: who owns the driver, and whether it sleeps.

use super::super::sys::sync::Alarm;
use super::{Driving, Ticket, WaitQueue};

impl<D, W: Copy + Ord> WaitQueue<D, W> {
    /// Takes the seat for a caller who waits for `want`, if it is free. From now on the caller serves the socket.
    /// With its ticket, if it has waited before.
    pub(in super::super) fn try_drive(&mut self, want: W, ticket: Option<Ticket>) -> Option<D> {
        let driver = self.take(Some(want), ticket)?;
        self.taken += 1;
        self.in_background = false;
        Some(driver)
    }

    /// The background thread has come, asked or not, and looks at everything from here on.
    pub(crate) fn background_came(&mut self) {
        self.asked = false;
    }

    /// Takes the seat for the background thread, if it is free.
    pub(crate) fn try_drive_in_background(&mut self) -> Option<D> {
        self.take(None, None)
    }

    fn take(&mut self, wants: Option<W>, ticket: Option<Ticket>) -> Option<D> {
        let driver = self.seat.take()?;
        let lack = wants.map_or(0, |want| self.lack_of(want));
        self.driving = Some(Driving { wants, ticket, lack, notified: false, alarm: None });
        Some(driver)
    }

    /// The driver is about to sleep, having looked at everything under this same lock.
    pub(in super::super) fn sleep(&mut self, alarm: Alarm) {
        if let Some(driving) = &mut self.driving {
            driving.alarm = Some(alarm);
        }
    }

    /// Whether the driver sleeps, and nobody has used its alarm.
    pub(in super::super) fn is_asleep(&self) -> bool {
        self.driving.as_ref().is_some_and(|driving| driving.alarm.is_some())
    }

    /// The driver is awake.
    pub(crate) fn awake(&mut self) {
        if let Some(driving) = &mut self.driving {
            driving.alarm = None;
        }
    }

    /// Gives the seat back.
    pub(crate) fn release_driver(&mut self, driver: D) {
        self.seat = Some(driver);
        self.driving = None;
        self.settle();
    }

    /// The background thread gives the seat back and goes on serving the socket.
    pub(crate) fn release_driver_to_background(&mut self, driver: D) {
        self.in_background = true;
        self.handed_off = false;
        self.release_driver(driver);
    }

    /// Whether nobody drives.
    pub(crate) fn is_driver_free(&self) -> bool {
        self.seat.is_some()
    }

    /// Whether the background thread is to serve the socket: nobody drives, and it has been taken over.
    pub(crate) fn is_for_background(&self) -> bool {
        self.in_background && self.seat.is_some()
    }

    /// Whether the background thread is to keep the seat: it serves the socket, and will have to again as soon as a caller who
    /// does not wait has looked.
    pub(in super::super) fn is_kept_by_background(&self) -> bool {
        self.is_for_background() && self.has_observers()
    }

    /// Whether somebody wants to know who takes no seat: a future or an observer.
    pub(super) fn has_observers(&self) -> bool {
        !self.tasks.is_empty() || !self.signals.is_empty()
    }

    /// Whether the driver, who has found nothing, was told since it was asked last that what it wants may be met.
    #[inline]
    pub(in super::super) fn was_notified(&mut self) -> bool {
        self.driving.as_mut().is_some_and(|driving| std::mem::take(&mut driving.notified))
    }

    /// The driver has looked and found nothing. What it lacks now is what others are judged by.
    #[inline]
    pub(in super::super) fn driver_found_nothing(&mut self, want: W) {
        let lack = self.lack_of(want);
        let Some(driving) = self.driving.as_mut() else { return };
        driving.lack = lack;
        if let Some(Ticket(ticket)) = driving.ticket
            && self.priority.first(want) == Some(ticket)
        {
            self.priority.take(want, ticket, lack);
        }
    }
}
