//! What mutants do wrong.

/// One mistake that a mutant of a model makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Who takes a message keeps to himself that there are more.
    MoreIsKeptSecret,
    /// Who leaves the seat wakes nobody.
    LeavesInSilence,
    /// Who gives up waiting does not pass on that he was signalled.
    TimeoutPassesNothingOn,
    /// Who gives up waiting goes on to go first.
    KeepsThePriority,
    /// Who lacks memory for a large message says nothing of it, so that small ones wait for it.
    LacksInSecret,
    /// Who lacks memory for a large message bars the small ones, too.
    BarsAll,
    /// Who finds room takes it, though another goes first.
    Overtakes,
    /// Who drives announces messages when it leaves, and not as they come.
    AnnouncedOnLeaving,
    /// Taking from a full inbox does not wake the driver, who alone can read on.
    ResumingWakesNobody,
    /// The background thread does not hear of a socket that is handed off to it.
    HandedOffInSecret,
    /// The background thread does not hear that it is to serve the socket.
    ServedInSecret,
    /// The background thread does not say that it has come, so it is never asked again.
    ComesInSecret,
    /// A future that is dropped does not pass on that it was signalled.
    DropPassesNothingOn,
    /// Who finds nothing clears the signals after unlocking.
    ClearedTooLate,
    /// A future that resumes a pipe leaves that to the next event.
    NotesAreLeft,
    /// A future that is polled again keeps the waker it had.
    KeepsTheFirstWaker,
    /// It takes a socket over without having its own event loop watch it.
    TakenOverUnwatched,
    /// It leaves what is left over to the next event.
    LeftoversAreForgotten,
    /// The pipe is marked as blocked when the edge was asked for already.
    AskedBeforeMarked,
    /// A refused writer of a transport without edges does not try again.
    NoSecondTry,
    /// A writer that has nothing more to write does not look at what the transport has in its buffer.
    BuffersAreForgotten,
    /// A writer leaves a small rest although the pipe is listed nowhere.
    RestOfAnUnlistedPipe,
    /// Who empties the pipe tells nobody of room.
    RoomIsKeptSecret,
    /// Only a writer that follows an edge notifies of room.
    OnlyTheEdgeTells,
    /// No flush interval of the background thread.
    NoNaps,
    /// The list of an interval is taken, and a blocked pipe on it goes on believing that it is listed.
    ListedNowhere,
    /// Who finds somebody writing does not list the pipe again.
    LeftUnlisted,
    /// Who finds somebody writing leaves the pipe to a stream that has ended.
    LeftToNoStream,
    /// Closing wakes those who wait, not the one who drives.
    CloseForgetsTheDriver,
    /// Closing wakes everybody before there is anything to see.
    WokenBeforeClosed,
    /// What is queued when the socket closes is counted as dropped, and a writer is at some of it.
    CountedWhileWritten,
    /// What waits to be received when the socket closes is dropped and not counted.
    UnreceivedInSecret,
    /// A driver that comes back to a socket that is over keeps what it had.
    DriverKeepsItsPipes,
    /// Who has read a message while the socket closed throws it away.
    ReadAndThrownAway,
    /// A notice is noted and nobody told.
    NotedInSecret,
    /// The driver does not look at the pending readiness before it sleeps.
    SleepsUnlooked,
    /// A change that everybody judges for himself is told to the oldest only.
    OneJudgesForAll,
    /// Who cancels a wait wakes those who wait before there is anything to see.
    WokenBeforeCancelled,
    /// Calling off wakes those who wait, not the one who drives.
    CancellationForgetsTheDriver,
    /// A device looks whether a socket has closed before it asks to be told of that.
    LooksBeforeTheHookIsAdded,
    /// A writer takes all there is, of a pipe whose oldest messages may be dropped.
    TakesEverything,
    /// A pipe that was paused is read on only when its inbox is empty, and told so to nobody.
    ResumesInSecret,
}
