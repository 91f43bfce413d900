use std::path::Path;
use std::thread;
use std::time::Duration;

use hubless::{Bus, Error, Message, Pair, Pub, Pull, Push, Rep, Request, Respondent};

use crate::Diary;
use crate::meeting::Meeting;
use hubless_kit::Stamp;
use hubless_kit::child::tell;

/// Messages that are sent without a pause where nothing else holds them up.
const BURST: u64 = 50;

/// Talks without end, or until it is killed. What comes is written down; what it sends bears its incarnation.
pub(super) fn play(words: &[String]) {
    let [pattern, end, address, run, incarnation, length, diary] = words else {
        panic!("victim PATTERN listen|dial ADDRESS RUN INCARNATION LENGTH DIARY")
    };
    end_by_panic();
    let victim = Victim {
        listens: end == "listen",
        address,
        run: run.parse().expect("a number"),
        incarnation: incarnation.parse().expect("a number"),
        length: length.parse().expect("a number"),
        diary: Path::new(diary),
    };
    match pattern.as_str() {
        "pull" => victim.pull(),
        "push" => victim.push(),
        "rep" => victim.rep(),
        "pub" => victim.publish(),
        "respondent" => victim.respond(),
        "pair" => victim.pair(),
        "bus" => victim.bus(),
        _ => panic!("there is no victim {pattern:?}"),
    }
}

/// A panic of any thread is the end of all: the trial sees that it was not killed.
fn end_by_panic() {
    std::panic::set_hook(Box::new(|what| {
        eprintln!("{what}");
        std::process::exit(101);
    }));
}

struct Victim<'a> {
    listens: bool,
    address: &'a str,
    run: u64,
    incarnation: u32,
    length: usize,
    diary: &'a Path,
}

impl Victim<'_> {
    fn meet(&self, socket: &impl Meeting) {
        if self.listens {
            socket.listen_at(self.address);
        } else {
            socket.dial_to(self.address);
        }
        tell("ready");
    }

    fn pull(&self) {
        let pull = Pull::builder().recv_buffer(super::WAITING).build().expect("a socket");
        self.meet(&pull);
        self.write_down(|| pull.recv());
    }

    fn push(&self) {
        let push = Push::new().expect("a socket");
        self.meet(&push);
        self.speak(|message| push.send(message).expect("room"));
    }

    fn rep(&self) {
        let rep = Rep::new().expect("a socket");
        self.meet(&rep);
        self.answer(|| rep.recv());
    }

    fn respond(&self) {
        let respondent = Respondent::new().expect("a socket");
        self.meet(&respondent);
        self.answer(|| respondent.recv());
    }

    /// Every other message is of another run, which nobody wants to have.
    fn publish(&self) {
        let publisher = Pub::new().expect("a socket");
        self.meet(&publisher);
        let other = Stamp { run: self.run + 1, ..self.stamp(0) }.encode(self.length);
        self.speak(|message| {
            publisher.send(other.clone()).expect("an open socket");
            publisher.send(message).expect("an open socket");
        });
    }

    fn pair(&self) {
        let pair = Pair::builder().recv_buffer(super::WAITING).build().expect("a socket");
        self.meet(&pair);
        thread::scope(|threads| {
            threads.spawn(|| self.speak(|message| pair.send(message).expect("room")));
            self.write_down(|| pair.recv());
        });
    }

    fn bus(&self) {
        let bus = Bus::builder().recv_buffer(super::WAITING).build().expect("a socket");
        self.meet(&bus);
        thread::scope(|threads| {
            threads.spawn(|| self.speak(|message| bus.send(message).expect("an open socket")));
            self.write_down(|| bus.recv());
        });
    }

    fn stamp(&self, seq: u64) -> Stamp {
        Stamp { run: self.run, sender: 1, incarnation: self.incarnation, seq, about: 0 }
    }

    fn speak(&self, mut send: impl FnMut(Message)) {
        for seq in 0.. {
            send(self.stamp(seq).encode(self.length));
            if seq % BURST == 0 {
                thread::park_timeout(Duration::from_millis(1));
            }
        }
    }

    fn write_down(&self, mut next: impl FnMut() -> Result<Message, Error>) {
        let mut diary = Diary::begin(self.diary);
        loop {
            let stamp = self.intact(&next().expect("an open socket"));
            diary.enter(stamp.seq);
        }
    }

    fn answer(&self, mut next: impl FnMut() -> Result<Request, Error>) {
        let mut diary = Diary::begin(self.diary);
        for seq in 0.. {
            let request = next().expect("an open socket");
            let about = self.intact(&request).seq;
            diary.enter(about);
            let answer = Stamp { about, ..self.stamp(seq) };
            request.reply(answer.encode(self.length)).expect("an open socket");
        }
    }

    fn intact(&self, message: &Message) -> Stamp {
        let stamp = Stamp::decode(message).expect("a message as it was sent");
        assert_eq!(stamp.run, self.run, "a message of another trial");
        stamp
    }
}
