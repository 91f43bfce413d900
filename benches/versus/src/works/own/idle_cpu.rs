//! What a process uses while its connections are idle.

use std::thread;
use std::time::Duration;

use crate::contestant::Contestant;
use crate::end::{Kind, Role};
use crate::measure::{Better, Metric, Sample, Trial, Trouble};
use crate::place::Transport;
use crate::works::{address, deadline, start};

const CONNECTIONS: usize = 1_000;
const LENGTH: Duration = Duration::from_secs(10);
/// From the last connection to the beginning: what is left to do is done.
const SETTLING: Duration = Duration::from_millis(500);

const METRICS: &[Metric] = &[Metric { name: "cpu", unit: "ms in 10 s", better: Better::Less }];

struct IdleCpu;

pub(super) fn trials() -> Vec<Box<dyn Trial>> {
    vec![Box::new(IdleCpu)]
}

impl Trial for IdleCpu {
    fn work(&self) -> String {
        "idle-cpu".into()
    }

    fn case(&self) -> String {
        format!("{CONNECTIONS} connections")
    }

    fn metrics(&self) -> &'static [Metric] {
        METRICS
    }

    fn contestants(&self) -> Vec<Contestant> {
        vec![Contestant::HUBLESS]
    }

    fn first_count(&self) -> Option<u64> {
        None
    }

    fn runs(&self) -> Option<usize> {
        Some(1)
    }

    fn run(&self, contestant: Contestant, _: u64) -> Result<Sample, Trouble> {
        let until = deadline();
        let at = address(Transport::Tcp)?;
        let mut idle = start(contestant, Role::Idle { listen: at.clone() })?;
        idle.ready(until)?;
        let crowd = Role::Crowd { dial: at, count: CONNECTIONS, kind: Kind::SpPush };
        let mut crowd = start(Contestant::RAW, crowd)?;
        crowd.ready(until)?;
        thread::sleep(SETTLING);
        idle.release();
        let before = idle.figures(until)?;
        thread::sleep(LENGTH);
        idle.release();
        let after = idle.figures(until)?;
        Ok(Sample::from([("cpu".into(), (after["cpu"] - before["cpu"]) * 1e3)]))
    }
}
