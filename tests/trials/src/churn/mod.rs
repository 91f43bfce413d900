//! Connections, listeners, sockets and contexts come and go in a process of their own, which ends with the descriptors and the
//! memory that it began with.

pub(crate) mod cycles;

use std::fmt;
use std::path::Path;
use std::time::Duration;

use crate::{ProcessResources, Trial};
use hubless_kit::{Child, now};

/// How often.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Comings and goings that are not counted, in which whatever is kept for the next comes to be kept.
    pub warm_up: usize,
    /// Comings and goings that are.
    pub cycles: usize,
    /// KiB by which the memory in use may have grown.
    pub resident_kib: u64,
}

/// What was done, and what stayed.
#[derive(Debug, Clone)]
pub struct Report {
    transport: &'static str,
    plan: Plan,
    took: Duration,
    stayed: ProcessResources,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { transport, plan, took, stayed } = self;
        write!(f, "churn over {transport}: {} cycles in {took:.1?}, stayed: {stayed}", plan.cycles)
    }
}

/// Has a process do it.
pub fn hold(_trial: &Trial, plan: Plan, actor: &Path, transport: &'static str) -> Report {
    let [warm_up, cycles] = [plan.warm_up, plan.cycles].map(|number| number.to_string());
    let (resident_kib, begin) = (plan.resident_kib.to_string(), now());
    let mut child = Child::program(actor, &["churner", transport, &warm_up, &cycles, &resident_kib]);
    let stayed: ProcessResources = child.hear().parse().expect("resources");
    let report = Report { transport, plan, took: begin.elapsed(), stayed };
    assert!(stayed.descriptors <= 0, "descriptors stay: {report}");
    assert!(stayed.bytes <= 0 && stayed.pieces <= 0, "memory stays: {report}");
    assert!(
        stayed.resident_kib <= i64::try_from(plan.resident_kib).unwrap_or(i64::MAX),
        "memory grows: {report}"
    );
    report
}
