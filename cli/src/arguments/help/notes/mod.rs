//! What stands below the options in the help of each command: how it behaves, and examples.

mod perf;
mod roles;

/// The notes of the command with this path.
pub(super) fn of(path: &str) -> &'static str {
    match path {
        "hubless" => HUBLESS,
        "hubless device" => DEVICE,
        "hubless completions" => COMPLETIONS,
        "hubless man" => MAN,
        _ => match path.strip_prefix("hubless perf") {
            Some(role) => perf::of(role.trim_start()),
            None => roles::of(path.strip_prefix("hubless ").unwrap_or_default()),
        },
    }
}

/// What `--count` counts for the role that has this path.
pub(super) fn of_count(path: &str) -> Option<&'static str> {
    Some(match path.strip_prefix("hubless ")? {
        "pub" | "push" | "pull" | "sub" => "Stop after this many messages",
        "rep" | "respondent" => "Stop after this many answers",
        "req" | "surveyor" => "Stop after this many answers [default: after all]",
        "pair" | "bus" => "Stop when this many came [default: when all are sent]",
        _ => return None,
    })
}

const HUBLESS: &str = "\
A role takes addresses (URL): rep, pub, pull and surveyor listen there, the others dial.
--listen and --dial say it for each address. Who starts first does not matter.

Addresses:
  tcp://127.0.0.1:5555, tcp://[::1]:5555, tcp://host:5555
  tcp://*:5555            every interface; port 0 is a free port, which is printed
  ipc:///tmp/jobs         a socket in the file system

Received messages go to standard output, everything else to standard error. RUST_LOG, if it
is set, replaces -q and -v. NO_COLOR switches colours off.

Exit status:
  0    done, or the reader of standard output has left
  1    an error, such as an address in use or a file that cannot be read
  2    a wrong command line
  3    a time limit: --timeout, --linger with messages left, or answers missing for --count
  128 and the number of the signal: SIGHUP 129, Ctrl-C 130, SIGTERM 143

Examples:
  hubless pull tcp://*:5555                      # one terminal
  ls | hubless push tcp://localhost:5555         # another: each line is a message";

const DEVICE: &str = "\
A device stands between peers that do not know each other: the front is the side of req,
pub, push and surveyor. Each side listens on and dials any number of addresses. It holds
little: when the back has no room, the front is not read. It runs until Ctrl-C or SIGTERM
and then prints how many messages it has passed on and dropped. Devices may be chained.

Examples:
  hubless device queue --front-listen tcp://*:5555 --back-listen tcp://*:5556
  hubless device forwarder --front-dial tcp://far:5555 --back-listen ipc:///tmp/news
  hubless device bus --front-listen tcp://*:5557 --stats";

const COMPLETIONS: &str = "\
Examples:
  hubless completions bash > ~/.local/share/bash-completion/completions/hubless
  hubless completions zsh > ~/.zfunc/_hubless
  hubless completions fish > ~/.config/fish/completions/hubless.fish";

const MAN: &str = "\
Examples:
  hubless man > hubless.1
  hubless man ~/.local/share/man/man1";
