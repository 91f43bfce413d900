use std::panic::resume_unwind;
use std::thread;

use super::{Plan, Report, pair, publishing, push_pull, requests, surveys};
use crate::Trial;

/// Tries every pattern with these figures, each on a network of its own and all at once. Where the plan is not of surveys, there
/// are as many of those as take a little longer than the cut.
pub fn every_pattern(trial: &Trial, plan: &Plan) -> Vec<Report> {
    let survey = |trial: &Trial, plan: &Plan| surveys(trial, &plan.of_surveys());
    let patterns: [fn(&Trial, &Plan) -> Report; 5] = [push_pull, pair, requests, publishing, survey];
    thread::scope(|scope| {
        let running = patterns.map(|pattern| scope.spawn(move || pattern(trial, plan)));
        let ended = running.map(|pattern| pattern.join().unwrap_or_else(|panic| resume_unwind(panic)));
        ended.into()
    })
}
