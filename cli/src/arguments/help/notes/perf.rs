//! The notes of `hubless perf`.

/// The notes of this role.
pub(super) fn of(role: &str) -> &'static str {
    match role {
        "" => PERF,
        "pull" => PULL,
        "push" => PUSH,
        "rep" => REP,
        "req" => REQ,
        "pub" => PUB,
        "sub" => SUB,
        "inproc-thr" => INPROC_THR,
        "inproc-lat" => INPROC_LAT,
        _ => "",
    }
}

const PERF: &str = "\
Start the first of two roles, then the other; push and pull, and pub and sub, with the same
--size and --count:
  pull, then push         messages one way
  rep, then req           round trips, one at a time
  pub, then sub           one sender, many receivers
  inproc-thr, inproc-lat  the first two between two threads

Each prints a summary on a terminal, and one line of JSON elsewhere or with --json. Keys,
null where a role has no such figure:
  pattern, role, transport, size, count    what was measured, without the warm-up
  seconds                                  from the first message after it to the last
  msgs_per_s, mb_per_s                     count over seconds, and in 10^6 bytes
  p50_us, p90_us, p99_us, p999_us, mean_us of a round trip
  cpu_user_s, cpu_sys_s                    CPU time of this process
  dropped                                  lost, as the pattern allows
  bad                                      damaged, out of order, twice or missing
  work_ns                                  the --work between two messages
A `bad` above 0 ends with status 1.";

const PULL: &str = "\
The time runs from the first message after the warm-up to the last. If the senders leave
early, what is missing counts as `bad`.

Examples:
  hubless perf pull tcp://127.0.0.1:5555 --size 64 --count 5000000
  hubless perf pull tcp://127.0.0.1:5555 --size 64 --count 5000000 --batch 256 --pin 0
  hubless perf pull tcp://127.0.0.1:5555 --size 64 --count 5000000 --peers 8";

const PUSH: &str = "\
The time runs from the first message after the warm-up until the system has the last. With
--work, find where a sender that does something stops being limited by its own work.

Examples:
  hubless perf push tcp://127.0.0.1:5555 --size 64 --count 5000000
  hubless perf push tcp://127.0.0.1:5555 --size 64 --count 5000000 --work 500
  hubless perf push tcp://127.0.0.1:5555 --size 64 --count 5000000 --batch 64 --pin 1
  hubless perf push tcp://127.0.0.1:5555 --size 64 --count 5000000 --sockets 8";

const REP: &str = "\
Each request is its own answer, until the last peer has left.

Examples:
  hubless perf rep tcp://127.0.0.1:5555
  hubless perf rep ipc:///tmp/perf --pin 0";

const REQ: &str = "\
Use --pin: two ends on one CPU are several times as fast as two that wake each other across
CPUs, and the system moves them as it likes. --work is not part of the times.

Examples:
  hubless perf req tcp://127.0.0.1:5555 --size 64 --count 100000
  hubless perf req ipc:///tmp/perf --size 64 --count 100000 --pin 0";

const PUB: &str = "\
The time runs until the socket has taken the last message. `dropped` counts each message
for each subscriber that did not get it. At the end, an end marker is repeated until all
subscribers have left.

Examples:
  hubless perf pub tcp://127.0.0.1:5555 --size 64 --count 1000000 --peers 8
  hubless perf pub tcp://127.0.0.1:5555 --size 64 --count 1000000 --peers 8 --overflow block";

const SUB: &str = "\
`count` and the rates are of delivered messages, of all sockets together; `dropped` counts
those that a socket did not get.

Example:
  hubless perf sub tcp://127.0.0.1:5555 --size 64 --count 1000000 --sockets 8";

const INPROC_THR: &str = "\
Examples:
  hubless perf inproc-thr --size 64 --count 5000000
  hubless perf inproc-thr --size 64 --count 5000000 --batch 256";

const INPROC_LAT: &str = "\
Examples:
  hubless perf inproc-lat --size 64 --count 100000
  hubless perf inproc-lat --size 64 --count 100000 --pin 0";
