//! Measuring: ends are started, and what they say is collected in interleaved repetitions.

mod pairs;
mod process;
mod sweep;
mod trial;

pub use pairs::{Plan, measure};
pub use process::{End, Trouble};
pub use sweep::{Curve, Slope, Step, Sweep};
pub use trial::{Better, Column, Metric, Row, Sample, Taken, Trial};
