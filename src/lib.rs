//! x
mod engine;
mod error;
mod patterns;
mod socket;
mod stats;
mod wire;

pub use engine::{
    CloseReport, Context, ContextBuilder, Dialer, DialerState, DialerStatus, Listener, ListenerStatus,
    close_all,
};
pub use error::{Error, SendError};
pub use hubless_transport as transport;
pub use hubless_transport::Message;
pub use socket::{
    Answer, Builder, Bus, Kind, Pair, Pending, Pub, Pull, Push, Rep, Req, Request, Respondent, Sub, Survey,
    SurveyEnd, Surveyor, raw,
};
pub use stats::{Breaches, Drops, Refused, Stats};
