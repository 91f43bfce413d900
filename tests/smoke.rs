#![allow(missing_docs)]
use hubless::*;
use std::time::Duration;

fn url(k: &str) -> String {
    match k {
        "tcp" => "tcp://127.0.0.1:0".into(),
        "ipc" => format!("ipc:///tmp/hl-smoke-{}-{:?}", std::process::id(), std::thread::current().id()),
        _ => "inproc://x".into(),
    }
}

#[test]
fn pipeline() {
    for k in ["tcp", "ipc", "inproc"] {
        for n in [1usize, 10, 200_000] {
            let pull = Pull::new().unwrap();
            let at = pull.listen(url(k)).unwrap();
            let push = Push::new().unwrap();
            push.dial(at.address()).unwrap();
            let t = std::thread::spawn(move || {
                for i in 0..n {
                    push.send(format!("{i}")).unwrap();
                }
                push.close(Duration::from_secs(10)).unwrap()
            });
            for i in 0..n {
                assert_eq!(pull.recv().unwrap(), i.to_string().as_str());
            }
            println!("{k} {n} {:?}", t.join().unwrap());
            pull.close(Duration::from_secs(1)).unwrap();
        }
    }
}
#[test]
fn reqrep() {
    for k in ["tcp", "ipc", "inproc"] {
        let rep = Rep::new().unwrap();
        let at = rep.listen(url(k)).unwrap();
        let req = Req::new().unwrap();
        req.dial(at.address()).unwrap();
        let t = std::thread::spawn(move || {
            for r in rep.iter().take(1000) {
                let m = r.message().clone();
                r.reply(m).unwrap();
            }
            rep.close(Duration::from_secs(1)).unwrap();
        });
        for i in 0..1000 {
            assert_eq!(req.request(format!("{i}")).unwrap(), i.to_string().as_str());
        }
        t.join().unwrap();
    }
}
