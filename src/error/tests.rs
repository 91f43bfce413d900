use super::*;

fn timeout(waited: Duration, waiting_for: WaitingFor) -> String {
    Error::Timeout { waited, waiting_for }.to_string()
}

#[test]
fn a_timeout_says_how_long_it_was_and_what_had_not_come() {
    let peers = |present, wanted, addresses: &[&str]| WaitingFor::Peers {
        present,
        wanted,
        addresses: addresses.iter().copied().map(Arc::from).collect(),
        last_error: None,
    };
    assert_eq!(
        timeout(Duration::from_secs(5), peers(0, 1, &["tcp://127.0.0.1:5555"])),
        "timed out after 5 s while waiting for a peer of tcp://127.0.0.1:5555"
    );
    assert_eq!(
        timeout(Duration::from_millis(1500), peers(1, 3, &["inproc://a", "inproc://b"])),
        "timed out after 1.5 s while waiting for 3 peers of inproc://a, inproc://b, and 1 had come"
    );
    assert_eq!(
        timeout(Duration::from_micros(20), peers(0, 2, &[])),
        "timed out after 20 µs while waiting for 2 peers of a socket that neither listens nor dials"
    );
    assert_eq!(
        timeout(Duration::new(2, 345_678_901), peers(0, 1, &["a", "b", "c", "d", "e", "f"])),
        "timed out after 2.35 s while waiting for a peer of a, b, c, d and 2 more"
    );
    assert_eq!(
        timeout(Duration::from_nanos(19_999_876), WaitingFor::Room),
        "timed out after 20 ms while waiting for room at a peer"
    );
}

#[test]
fn an_error_that_is_returned_from_main_reads_as_its_text_and_what_helps() {
    let error = Error::Timeout { waited: Duration::from_secs(1), waiting_for: WaitingFor::Answer };
    assert_eq!(format!("{error:?}"), "timed out after 1 s while waiting for an answer");
    let parts = "Timeout {\n    waited: 1s,\n    waiting_for: Answer,\n}";
    assert_eq!(format!("{error:#?}"), parts);
    let unsent = SendError { error, message: Message::from("x") };
    assert_eq!(format!("{unsent:?}"), "timed out after 1 s while waiting for an answer");
    assert_eq!(format!("{unsent:#?}"), parts);
}

/// What is seen of an error that `main` returns.
#[track_caller]
fn reads(error: &Error, text: &str) {
    assert_eq!(format!("{error:?}"), text);
    assert!(text.starts_with(&error.to_string()), "{error}");
}

#[test]
fn an_error_that_says_all_reads_as_its_text() {
    let cause = || io::Error::from_raw_os_error(libc::EACCES);
    reads(&Error::Closed, "the socket is closed");
    reads(&Error::Deadline, "no answer came within the deadline of the request");
    reads(&Error::Answered, "the answer to this request was already taken");
    let error = Error::Option { option: "linger", value: "0 s".into(), reason: "too short" };
    reads(&error, "the option `linger` cannot be 0 s: too short");
    let error = Error::Listen { address: "tcp://a:1".into(), cause: cause() };
    reads(&error, "cannot listen on tcp://a:1: Permission denied (os error 13)");
    let error = Error::System { what: "a thread", cause: cause() };
    reads(&error, "the system refused a thread: Permission denied (os error 13)");
    for error in [Error::PeerLost, Error::Forked, Error::Dead] {
        reads(&error, &error.to_string());
    }
}

#[test]
fn an_error_in_an_address_shows_where_it_is() {
    let wrong = |part| Error::Address { address: "tcp://a:b".into(), reason: "no port".into(), part };
    reads(&wrong(Some(8..9)), "`tcp://a:b` is not an address: no port\n  tcp://a:b\n          ^");
    reads(&wrong(None), "`tcp://a:b` is not an address: no port");
    let parts = "Address {\n    address: \"tcp://a:b\",\n    reason: \"no port\",\n    part: None,\n}";
    assert_eq!(format!("{:#?}", wrong(None)), parts);
}

#[test]
fn no_control_codes_and_no_endless_line_of_an_address_get_out() {
    let address = format!("tcp://\u{1b}[31m\n{}:1", "x".repeat(10_000));
    let error = AddressError::new("no such host").at(&address, &address[6..]).within(&address, 0);
    let error = Error::address(&address, &error);
    for shown in [error.to_string(), format!("{error:#}"), format!("{error:?}")] {
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines[0].starts_with("`tcp://\\u{1b}[31m\\nxxx") && lines.len() <= 3, "{shown}");
        assert!(lines.iter().all(|line| line.len() < 500 && !line.contains(char::is_control)), "{shown}");
    }
}

#[test]
fn an_error_that_leaves_its_reader_alone_says_what_helps() {
    let unanswered =
        WaitingFor::Peers { present: 0, wanted: 1, addresses: vec!["tcp://a:1".into()], last_error: None };
    let last_error = Some("Connection refused (os error 111)".into());
    let refused =
        WaitingFor::Peers { present: 1, wanted: 2, addresses: vec!["tcp://a:1".into()], last_error };
    reads(
        &Error::Timeout { waited: Duration::from_millis(1500), waiting_for: refused },
        "timed out after 1.5 s while waiting for 2 peers of tcp://a:1, and 1 had come; last error: Connection refused \
         (os error 111)",
    );
    reads(
        &Error::Timeout { waited: Duration::from_millis(1500), waiting_for: unanswered },
        "timed out after 1.5 s while waiting for a peer of tcp://a:1\n  help: nobody has answered, and nobody has come: is \
         it the right address?",
    );
    reads(&Error::Full, "no peer has room for the message now\n  help: `send` waits for a peer with room");
    reads(&Error::Empty, "no message has arrived\n  help: `recv` waits for a message");
    reads(
        &Error::AddressInUse { address: "tcp://a:1".into() },
        "cannot listen on tcp://a:1: the address is in use\n  help: end what listens there, or take another address; \
         port 0 is any free port",
    );
    reads(
        &Error::AddressInUse { address: "inproc://a".into() },
        "cannot listen on inproc://a: the address is in use\n  help: end what listens there, or take another address",
    );
    reads(
        &Error::Listen { address: "tcp://a:1".into(), cause: io::ErrorKind::AddrNotAvailable.into() },
        "cannot listen on tcp://a:1: address not available\n  help: it is no address of this machine; `*` stands for \
         all that it has",
    );
    reads(
        &Error::System { what: "a socket", cause: io::Error::from_raw_os_error(libc::EMFILE) },
        "the system refused a socket: Too many open files (os error 24)\n  help: the process has as many files open \
         as it may; `ulimit -n` shows and changes that",
    );
}
