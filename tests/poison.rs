//! A message that makes its peers hang up is not sent for ever: after a few attempts it is dropped and counted, and those
//! behind it get through.

use std::time::Duration;

use hubless::{Error, Pull, Push, Rep, Req};

const SOON: Duration = Duration::from_secs(60);
const LIMIT: u64 = 1024 * 1024;
/// More than the system's buffers take, so that it is never entirely written.
const POISON: usize = 32 << 20;

fn addresses(folder: &tempfile::TempDir) -> [String; 2] {
    ["tcp://127.0.0.1:0".into(), format!("ipc://{}/socket", folder.path().display())]
}

#[test]
fn a_push_gives_up_a_message_that_no_pull_takes() {
    let folder = tempfile::tempdir().unwrap();
    for address in addresses(&folder) {
        let pull = Pull::builder().max_message(LIMIT).build().unwrap();
        let at = pull.listen(address).unwrap();
        let short = Duration::from_millis(5);
        let push = Push::builder().reconnect(short, short).build().unwrap();
        push.dial(at.address()).unwrap();
        push.send(vec![0; POISON]).unwrap();
        push.send("small").unwrap();
        assert_eq!(pull.recv_timeout(SOON).unwrap(), "small");
        assert_eq!(push.stats().drops.pipe_lost, 1);
        assert!(pull.stats().breaches.message_too_large >= 2);
        assert!(at.status().last_error.is_some_and(|reason| reason.contains("the limit is 1048576")));
    }
}

#[test]
fn a_request_that_no_rep_takes_fails() {
    let folder = tempfile::tempdir().unwrap();
    for address in addresses(&folder) {
        let rep = Rep::builder().max_message(LIMIT).build().unwrap();
        let at = rep.listen(address).unwrap();
        let short = Duration::from_millis(5);
        let req = Req::builder().reconnect(short, short).build().unwrap();
        req.dial(at.address()).unwrap();
        let poison = req.send(vec![0; POISON]).unwrap();
        let small = req.send("small").unwrap();
        assert!(matches!(poison.recv_timeout(SOON), Err(Error::PeerLost)));
        rep.recv_timeout(SOON).unwrap().reply("taken").unwrap();
        assert_eq!(small.recv_timeout(SOON).unwrap(), "taken");
    }
}
