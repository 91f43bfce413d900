//! A survey: one question to everybody, and all answers that come in time.

use std::thread;
use std::time::Duration;

use hubless::{Error, Respondent, Survey, Surveyor};

fn main() -> Result<(), Error> {
    env_logger::init();
    let surveyor = Surveyor::builder().end_early().build()?;
    let at = surveyor.listen("tcp://127.0.0.1:0")?;
    for (name, load) in [("ada", 17), ("bob", 80), ("cyd", 42)] {
        let address = at.address().to_owned();
        thread::spawn(move || respond(name, load, &address));
    }
    surveyor.wait_for_peers(3, Duration::from_secs(10))?;

    let mut survey = surveyor.survey("load?", Duration::from_millis(500))?;
    for answer in survey.by_ref() {
        println!("{} says {}", answer.peer(), answer.as_str().unwrap_or("not text"));
    }
    println!("the survey ended: {}", ended(&survey));

    // Somebody who does not answer keeps nobody waiting beyond the deadline.
    let mut survey = surveyor.survey("who is idle?", Duration::from_millis(200))?;
    let idle: Vec<String> =
        survey.by_ref().filter_map(|answer| answer.as_str().map(Into::into).ok()).collect();
    println!("idle: {}; the survey ended: {}", idle.join(", "), ended(&survey));
    hubless::close_all(Duration::from_secs(1));
    Ok(())
}

fn ended(survey: &Survey) -> String {
    survey.end().map_or_else(|| "not yet".into(), |end| end.to_string())
}

/// Answers what it is asked; whether it is idle only if it is.
fn respond(name: &str, load: u32, address: &str) -> Result<(), Error> {
    let respondent = Respondent::new()?;
    respondent.dial(address)?;
    for question in &respondent {
        match question.as_str() {
            Ok("load?") => question.reply(format!("{name}: {load} %"))?,
            Ok("who is idle?") if load < 50 => question.reply(name)?,
            _ => {}
        }
    }
    Ok(())
}
