/// A mistake that is built into the surroundings of the machines, to see it found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// There is none.
    None,
    /// A pipe changes a byte.
    Corrupts,
    /// A message arrives by a pipe that it did not leave through.
    Misdirects,
    /// A message overtakes the one before it.
    Overtakes,
    /// A message arrives twice.
    Repeats,
    /// A message gets lost in a pipe that does not break.
    Loses,
    /// What a dead pipe left unsent is thrown away.
    GivesNothingBack,
    /// A dead pipe gives back a message that had left.
    GivesTooMuchBack,
    /// One answer to a survey is kept, of the peer that answers first.
    SharesNothing,
    /// A message that a dead pipe gives back is taken for all that were ever cut short.
    MixesCutsUp,
    /// Memory of what came back from a dead pipe is never free again.
    HoardsMemory,
    /// What came back from a dead pipe takes no memory.
    LosesMemory,
    /// A drop is not counted.
    CountsNothing,
    /// A message is put into the inbox of a request or survey twice.
    AnswersTwice,
    /// A server answers one request with what was meant for another.
    MixesAnswersUp,
    /// Timers go off late.
    LateTimers,
    /// Timers do not go off.
    NoTimers,
    /// A machine is not told of the end of a pipe.
    NoGoodbyes,
    /// A machine is not told of room.
    NoWordOfRoom,
    /// A machine is told of room where there is none.
    PromisesRoom,
    /// A message arrives where it came from.
    Reflects,
    /// A subscriber's machine is not told of what it unsubscribes from.
    KeepsSubscriptions,
    /// A message that is delivered reaches no inbox.
    Swallows,
    /// A device forgets over how many hops a message came.
    ForgetsHops,
}
