//! NNG as a peer: pynng, in a virtual environment below the target directory, led through `nng_peer.py`.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use rustix::fs::{FlockOperation, flock};

use hubless::Socket;

use super::{Host, Meeting, bytes};
use crate::{Child, Peers};

const PYNNG: &str = "pynng==0.9.0";

/// One NNG socket in a process of its own.
#[derive(Debug)]
pub struct Nng(RefCell<Child>);

impl Nng {
    /// A socket of this class of pynng; `Pair1Poly` is a polyamorous `Pair1`.
    pub fn start(kind: &str) -> Self {
        let mut command = Command::new(python());
        command.args(["-c", include_str!("nng_peer.py"), kind]).stderr(Stdio::piped());
        let nng = Self(Child::cut(command, cut).expect("Python starts").into());
        println!("{kind} of {}", nng.order("version", b""));
        nng
    }

    /// Connects it with a socket of ours; both know when this returns.
    pub fn meet(&self, socket: &impl Socket, meeting: &Meeting) {
        let peers = socket.stats().pipes + 1;
        match meeting.host {
            Host::We => self.dial(socket.listen(meeting.address()).expect("the address is free").address()),
            Host::They => drop(socket.dial(self.listen(&meeting.address())).expect("the address is good")),
        }
        socket.peers(peers);
        self.event("connected");
    }

    /// The address with the real port.
    pub fn listen(&self, address: &str) -> String {
        let said = self.order(&format!("listen {address}"), b"");
        said.strip_prefix("listening ").unwrap_or_else(|| panic!("NNG cannot listen: {said}")).into()
    }

    pub fn dial(&self, address: &str) {
        self.run(&format!("dial {address}"));
    }

    pub fn send(&self, body: impl AsRef<[u8]>) {
        self.tell(&format!("send {}", body.as_ref().len()), body.as_ref());
        self.done();
    }

    pub fn recv(&self) -> Vec<u8> {
        self.tell("recv", b"");
        let mut said = self.answer();
        let end = said.iter().position(|byte| *byte == b'\n');
        match end {
            Some(end) => said.split_off(end + 1),
            None => panic!("NNG received nothing: {}", String::from_utf8_lossy(&said)),
        }
    }

    pub fn subscribe(&self, topic: &str) {
        self.tell(&format!("subscribe {}", topic.len()), topic.as_bytes());
        self.done();
    }

    /// Gives an order and waits until it is carried out.
    pub fn run(&self, order: &str) {
        self.begin(order);
        self.done();
    }

    /// Gives an order that takes time.
    pub fn begin(&self, order: &str) {
        self.tell(order, b"");
    }

    /// Waits until the last order is carried out.
    #[track_caller]
    pub fn done(&self) {
        assert_eq!(String::from_utf8_lossy(&self.answer()), "done");
    }

    /// Waits for an event and takes it.
    pub fn event(&self, name: &str) {
        self.0.borrow().take(name, |record| is_event(record, name));
    }

    /// Whether there was an event that nobody has taken.
    pub fn had_event(&self, name: &str) -> bool {
        self.0.borrow().has(|record| is_event(record, name))
    }

    fn order(&self, line: &str, body: &[u8]) -> String {
        self.tell(line, body);
        String::from_utf8(self.answer()).expect("it is a line")
    }

    fn tell(&self, line: &str, body: &[u8]) {
        self.0.borrow_mut().write(&[line.as_bytes(), b"\n", body].concat());
    }

    fn answer(&self) -> Vec<u8> {
        self.0.borrow().take("an answer to the last order", |record| !record.starts_with(b"* "))
    }
}

fn is_event(record: &[u8], name: &str) -> bool {
    record.strip_prefix(b"* ").is_some_and(|event| event == name.as_bytes())
}

/// A line, and the body it announces behind its end.
fn cut(from: &mut dyn BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    from.read_until(b'\n', &mut line)?;
    if line.pop() != Some(b'\n') {
        return Ok(None);
    }
    let text = String::from_utf8_lossy(&line).into_owned();
    if let Some(length) = text.strip_prefix("body ") {
        line.push(b'\n');
        line.extend(bytes(from, length.parse().expect("it is a length"))?);
    }
    Ok(Some(line))
}

/// The Python that has pynng. The first to come makes the environment, in this process or any other; the others wait.
pub fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let program = std::env::current_exe().expect("a path");
        // The program is below the target directory, in `debug/deps`.
        let home = program.ancestors().nth(3).expect("a target directory").join("peers");
        let lock = File::create(home.with_extension("lock")).expect("the target directory can be written to");
        flock(&lock, FlockOperation::LockExclusive).expect("a file can be locked");
        let (python, installed) = (home.join("bin/python"), home.join(PYNNG));
        if !installed.exists() {
            install(&home, &python).unwrap_or_else(|reason| {
                panic!("these tests need python3 with venv and pip, and {PYNNG} from PyPI:\n{reason}")
            });
            fs::write(&installed, "").expect("the target directory can be written to");
        }
        python
    })
}

fn install(home: &Path, python: &Path) -> Result<(), String> {
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(home))?;
    let pip = || run(Command::new(python).args(["-m", "pip", "install", "--quiet", PYNNG]));
    // A registry may not answer for a moment.
    pip().or_else(|_| pip()).or_else(|_| pip())?;
    run(Command::new(python).args(["-c", "import pynng"]))
}

fn run(command: &mut Command) -> Result<(), String> {
    match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let said = [output.stdout, output.stderr].concat();
            Err(format!("{command:?}: {}\n{}", output.status, String::from_utf8_lossy(&said)))
        }
        Err(error) => Err(format!("{command:?}: {error}")),
    }
}
