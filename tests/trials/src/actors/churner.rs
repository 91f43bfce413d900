use std::ops::Range;

use crate::ProcessResources;
use crate::churn::cycles::Churn;
use hubless_kit::child::{hear, tell};

/// So often is looked what there is, before it counts and while it does.
const LOOKS: usize = 8;
/// How often it is counted before it is a leak.
const ATTEMPTS: usize = 3;

/// Has everything come and go over a transport, this often to warm up and this often to count, and tells what stayed.
///
/// What is kept for the next has room for as many as ever came together, and that depends on chance. So what there is in the second
/// half is compared with the most there was before, and the least of it tells. Where that is more, it is counted again, from what there
/// is now: a leak grows every time.
pub(super) fn play(words: &[String]) {
    let [transport, warm_up, cycles, resident_kib] = words else {
        panic!("churner TRANSPORT WARM_UP CYCLES RESIDENT_KIB")
    };
    let resident_kib: i64 = resident_kib.parse().expect("a number");
    let transport =
        ["tcp", "ipc", "inproc"].into_iter().find(|known| known == transport).expect("a transport");
    let [warm_up, cycles] = [warm_up, cycles].map(|number| number.parse::<usize>().expect("a number"));
    let churn = Churn::new(transport);
    let mut before = most(looks(&churn, 0..warm_up));
    let mut stayed = before;
    for start in (0..ATTEMPTS).map(|attempt| warm_up + attempt * cycles) {
        let after = looks(&churn, start..start + cycles).split_off(LOOKS / 2);
        stayed = least(after.clone()).since(before);
        let leaks = stayed.bytes > 0 || stayed.pieces > 0 || stayed.descriptors > 0;
        if !leaks && stayed.resident_kib <= resident_kib {
            break;
        }
        before = most(after);
    }
    tell(&stayed.to_string());
    hear();
}

fn most(looks: Vec<ProcessResources>) -> ProcessResources {
    looks.into_iter().reduce(ProcessResources::or_more).expect("several looks")
}

fn least(looks: Vec<ProcessResources>) -> ProcessResources {
    looks.into_iter().reduce(ProcessResources::or_less).expect("several looks")
}

/// What there is after each part of these cycles, when everything has come to rest.
fn looks(churn: &Churn, cycles: Range<usize>) -> Vec<ProcessResources> {
    let part = cycles.len().div_ceil(LOOKS).max(1);
    let starts = cycles.clone().step_by(part);
    let look = |start| {
        (start..cycles.end.min(start + part)).for_each(|number| churn.cycle(number));
        churn.rest();
        ProcessResources::at_rest()
    };
    starts.map(look).collect()
}
