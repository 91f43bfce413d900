//! Who listens on every interface is told once what that means. Alone in its program, for there is one logger.

use hubless::Pull;
use hubless_kit::lines::{self, Reading};

#[test]
fn listening_on_every_interface_is_warned_of_and_on_loopback_it_is_not() {
    lines::keep();
    let pull = Pull::new().unwrap();
    for (address, may_fail) in [("tcp://*:0", false), ("tcp://0.0.0.0:0", false), ("tcp://[::]:0", true)] {
        let written = Reading::begin();
        let at = match pull.listen(address) {
            Ok(at) => at,
            Err(_) if may_fail => continue, // A machine without IPv6.
            Err(error) => panic!("{error}"),
        };
        let lines = written.lines();
        assert_eq!(lines.len(), 1, "{lines:?}");
        for part in [at.address(), "everybody who reaches this machine can connect", "nothing is encrypted"] {
            assert!(lines[0].contains(part), "nothing of {part:?} in {lines:?}");
        }
    }
    let written = Reading::begin();
    pull.listen("tcp://127.0.0.1:0").unwrap();
    assert!(written.lines().is_empty());
}
