//! The notes of the roles, and of the devices.

/// The notes of this role.
pub(super) fn of(role: &str) -> &'static str {
    match role {
        "req" => REQ,
        "rep" => REP,
        "pub" => PUB,
        "sub" => SUB,
        "push" => PUSH,
        "pull" => PULL,
        "surveyor" => SURVEYOR,
        "respondent" => RESPONDENT,
        "pair" => PAIR,
        "bus" => BUS,
        "device queue" => QUEUE,
        "device survey" => SURVEY,
        "device forwarder" => FORWARDER,
        "device streamer" => STREAMER,
        "device pair" => DEVICE_PAIR,
        "device bus" => DEVICE_BUS,
        _ => "",
    }
}

const REQ: &str = "\
Without -d and -f, each line of standard input is a request. Many may be open at once;
answers are printed in the order of the requests.

Examples:
  hubless req tcp://localhost:5555 -d 'what time is it?' --timeout 2
  hubless req tcp://localhost:5555 < questions > answers
  hubless req tcp://one:5555 tcp://two:5555 -d ping -i 1";

const REP: &str = "\
Without -d, -f and -e, each request is its own answer. A command reads the request from its
standard input. If it fails, takes too long or prints more than --max-input, there is no
answer, and a warning says why.

Examples:
  hubless rep tcp://*:5555 -d pong -n 1
  hubless rep tcp://*:5555 --exec 'jq .name'
  hubless rep --dial tcp://router:5556 -f answer.json --format json";

const PUB: &str = "\
Without -d and -f, each line of standard input is a message. A sub that is not connected
yet misses it: --wait-peers says for how many the first message waits.

Examples:
  tail -f log | hubless pub tcp://*:5555
  hubless pub tcp://*:5555 -d tick -i 1
  hubless pub tcp://*:5555 --wait-peers 3 -f config.json";

const SUB: &str = "\
Examples:
  hubless sub tcp://localhost:5555
  hubless sub tcp://localhost:5555 -s oslo -s rome --time --topic
  hubless sub tcp://localhost:5555 --format json | jq .json.temperature
  hubless sub tcp://localhost:5555 -n 1 --format raw > picture.png";

const PUSH: &str = "\
Without -d and -f, each line of standard input is a message. Nothing is dropped: while no
peer has room, push waits.

Examples:
  ls | hubless push tcp://localhost:5555
  find . -print0 | hubless push tcp://localhost:5555 --delimiter '\\0'
  hubless push --listen ipc:///tmp/jobs -f job.json";

const PULL: &str = "\
Examples:
  hubless pull tcp://*:5555
  hubless pull tcp://127.0.0.1:0
  hubless pull ipc:///tmp/jobs -n 1 --timeout 30 --format raw > job.json";

const SURVEYOR: &str = "\
Without -d and -f, each line of standard input is a survey. With -n, too few answers end
with status 3. A device is one peer with many answers: use --no-early-end.

Examples:
  hubless surveyor tcp://*:5555 --wait-peers 3 -d 'who is there?'
  hubless surveyor --dial tcp://localhost:5555 -d 'load?' -i 10 --deadline 2";

const RESPONDENT: &str = "\
Without -d, -f and -e, each survey is its own answer. A command reads the survey from its
standard input. If it fails, takes too long or prints more than --max-input, there is no
answer, and a warning says why.

Examples:
  hubless respondent tcp://localhost:5555 -d \"$(hostname)\"
  hubless respondent tcp://localhost:5555 --exec uptime";

const PAIR: &str = "\
Without -d and -f, each line of standard input is a message.

Examples:
  hubless pair --listen tcp://*:5555
  hubless pair tcp://localhost:5555 -d ping -n 1
  hubless pair tcp://localhost:5555 --pair-v1";

const BUS: &str = "\
Without -d and -f, each line of standard input is a message. Only peers that are connected
directly hear one another.

Examples:
  hubless bus --listen tcp://*:5555
  hubless bus tcp://one:5555 tcp://two:5555 --wait-peers 2 -d hello -n 2";

const QUEUE: &str = "\
Each request goes to one of the back, and its answer to who asked.

Example:
  hubless device queue --front-listen tcp://*:5555 --back-listen tcp://*:5556";

const SURVEY: &str = "\
Each survey goes to all of the back, and their answers to who asked.

Example:
  hubless device survey --front-listen tcp://*:5555 --back-listen tcp://*:5556";

const FORWARDER: &str = "\
Each message goes to all of the back.

Example:
  hubless device forwarder --front-dial tcp://far:5555 --back-listen ipc:///tmp/news";

const STREAMER: &str = "\
Each message goes to one of the back.

Example:
  hubless device streamer --front-listen tcp://*:5555 --back-listen tcp://*:5556";

const DEVICE_PAIR: &str = "\
Without a back, the peer of the front hears itself.

Example:
  hubless device pair --front-listen tcp://*:5555 --back-dial ipc:///tmp/talk";

const DEVICE_BUS: &str = "\
Without a back, all of the front hear one another.

Example:
  hubless device bus --front-listen tcp://*:5555 --stats";
