use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use hubless_transport::AddressError;

use crate::zone::Zone;

/// The longest host name that DNS knows.
const LONGEST_NAME: usize = 253;

/// The longest part between two dots of a host name.
const LONGEST_LABEL: usize = 63;

/// A parsed address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) host: Host,
    pub(crate) port: u16,
}

/// The part in front of the port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Host {
    /// `*`: every interface, in both families.
    Every,
    V4(Ipv4Addr),
    V6(Ipv6Addr, Option<Zone>),
    Name(String),
}

impl Place {
    /// The place to connect to.
    pub(crate) fn to_dial(address: &str) -> Result<Self, AddressError> {
        let (host, port) = split(address)?;
        let place = Self::parse(address)?;
        let shown = AddressError::shown(address);
        if place.port == 0 {
            let why = format!(
                "port 0 of `{shown}` is for listeners, where the system chooses one: dial the port that is listened on"
            );
            return Err(AddressError::new(why).at(address, port));
        }
        if place.host == Host::Every {
            let why = format!(
                "the host `*` of `{shown}` is for listeners: dial a host, as in `127.0.0.1:{}`",
                place.port
            );
            return Err(AddressError::new(why).at(address, host));
        }
        Ok(place)
    }

    /// The place to listen on.
    pub(crate) fn to_listen(address: &str) -> Result<Self, AddressError> {
        Self::parse(address)
    }

    /// The socket address, where that needs no look-up of a host name.
    pub(crate) fn literal(&self) -> io::Result<Option<SocketAddr>> {
        Ok(match &self.host {
            Host::Every | Host::Name(_) => None,
            Host::V4(ip) => Some(SocketAddr::from((*ip, self.port))),
            Host::V6(ip, zone) => {
                let scope = zone.as_ref().map_or(Ok(0), Zone::scope)?;
                Some(SocketAddrV6::new(*ip, self.port, 0, scope).into())
            }
        })
    }

    fn parse(address: &str) -> Result<Self, AddressError> {
        let (host, port) = split(address)?;
        Ok(Self {
            host: Host::parse(host).map_err(|error| error.at(address, host))?,
            port: parse_port(port, address).map_err(|error| error.at(address, port))?,
        })
    }
}

/// Where to connect for `address`: an address that stands for all of this machine is reached over its loopback. The second is for
/// where the first does not exist: `[::]` is what a listener at every interface has of both families, and IPv6 may be switched off.
pub(crate) fn dialable(address: SocketAddr) -> (SocketAddr, Option<SocketAddr>) {
    let at = |ip: IpAddr| SocketAddr::new(ip, address.port());
    match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => (at(Ipv4Addr::LOCALHOST.into()), None),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => {
            (at(Ipv6Addr::LOCALHOST.into()), Some(at(Ipv4Addr::LOCALHOST.into())))
        }
        _ => (address, None),
    }
}

/// Host and port. The host keeps its brackets.
fn split(address: &str) -> Result<(&str, &str), AddressError> {
    let shown = AddressError::shown(address);
    let end = &address[address.len()..];
    if address.is_empty() {
        let why = "the address is empty: write a host and a port, as in `127.0.0.1:5555`";
        return Err(AddressError::new(why).at(address, end));
    }
    if address.starts_with('[') && !address.contains(']') {
        let why =
            format!("the `]` of the IPv6 address is missing in `{shown}`: write one, as in `[::1]:5555`");
        return Err(AddressError::new(why).at(address, end));
    }
    let split = match address.rfind(']') {
        Some(end) if address.starts_with('[') => {
            let (host, rest) = address.split_at(end + 1);
            rest.strip_prefix(':').map(|port| (host, port))
        }
        _ => address.rsplit_once(':'),
    };
    let Some((host, port)) = split else {
        let why = format!("the port is missing in `{shown}`: write `{shown}:5555`");
        return Err(AddressError::new(why).at(address, end));
    };
    if host.is_empty() {
        let why = format!(
            "the host is missing in `{shown}`: write a name or an address in front of the colon, or `*` to listen on \
             every interface"
        );
        return Err(AddressError::new(why).at(address, host));
    }
    if host.contains(':') && !host.starts_with('[') {
        return Err(AddressError::new(too_many_colons(address, host, port)).at(address, host));
    }
    Ok((host, port))
}

/// What somebody may have meant who wrote more than one colon.
fn too_many_colons(address: &str, host: &str, port: &str) -> String {
    let needs = |right: &str| {
        format!(
            "an IPv6 address needs brackets: write `{right}` rather than `{}`",
            AddressError::shown(address)
        )
    };
    if host.parse::<Ipv6Addr>().is_ok() {
        needs(&format!("[{host}]:{}", AddressError::shown(port)))
    } else if address.parse::<Ipv6Addr>().is_ok() {
        needs(&format!("[{address}]:5555"))
    } else {
        format!(
            "the host `{}` has a colon: write one host, one colon and one port",
            AddressError::shown(host)
        )
    }
}

fn parse_port(port: &str, address: &str) -> Result<u16, AddressError> {
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let number = if digits { port.parse().ok() } else { None };
    number.ok_or_else(|| {
        let wrong = match port {
            "" => "the port is missing",
            _ if digits => "the port is too large",
            _ if port.contains('/') => "there is something behind the port, so the port is not a number",
            _ => "the port is not a number",
        };
        AddressError::new(format!(
            "{wrong} in `{}`: write a number from 0 to 65535 after the last colon",
            AddressError::shown(address)
        ))
    })
}

impl Host {
    fn parse(host: &str) -> Result<Self, AddressError> {
        if host == "*" {
            return Ok(Self::Every);
        }
        if let Some(inside) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            return Self::parse_v6(inside);
        }
        if let Ok(ip) = host.parse() {
            return Ok(Self::V4(ip));
        }
        check_name(host)?;
        Ok(Self::Name(host.to_owned()))
    }

    fn parse_v6(inside: &str) -> Result<Self, AddressError> {
        let (ip, zone) = match inside.split_once('%') {
            Some((ip, zone)) => (ip, Some(Zone::parse(zone)?)),
            None => (inside, None),
        };
        let ip = ip.parse().map_err(|_| {
            AddressError::new(format!(
                "`{}` in brackets is not an IPv6 address: write one, as in `[::1]:5555`",
                AddressError::shown(inside)
            ))
        })?;
        Ok(Self::V6(ip, zone))
    }
}

fn check_name(host: &str) -> Result<(), AddressError> {
    let name = host.strip_suffix('.').unwrap_or(host);
    let wrong = |why: &str| Err(AddressError::new(format!("the host `{}` {why}", AddressError::shown(host))));
    if name.len() > LONGEST_NAME {
        return wrong("is longer than the 253 bytes that a host name may have");
    }
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if !name.bytes().all(letter) {
        return wrong(
            "is not a host name: those have letters, digits, hyphens and dots only (`xn--` for all others)",
        );
    }
    if name.split('.').any(|label| label.is_empty() || label.len() > LONGEST_LABEL) {
        return wrong("is not a host name: each part between two dots has 1 to 63 bytes");
    }
    // Underscores are in no standard for hosts, and in the names that Docker and Kubernetes give them.
    if name.split('.').any(|label| label.starts_with('-') || label.ends_with('-')) {
        return wrong("is not a host name: no part between two dots begins or ends with a hyphen");
    }
    // The system would read `1.2.3` as 1.2.0.3, and `300.1.1.1` as a name that cannot exist.
    if name.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit())) {
        return wrong("is not an IPv4 address: write four numbers from 0 to 255, as in `127.0.0.1`");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(address: &str) -> Host {
        Place::to_listen(address).expect(address).host
    }

    fn reason(address: &str) -> String {
        Place::to_dial(address).expect_err(address).to_string()
    }

    #[test]
    fn literals_names_and_the_star_are_told_apart() {
        assert_eq!(host("127.0.0.1:5555"), Host::V4(Ipv4Addr::LOCALHOST));
        assert_eq!(host("[::1]:5555"), Host::V6(Ipv6Addr::LOCALHOST, None));
        assert_eq!(host("*:0"), Host::Every);
        for name in
            ["localhost", "a-b.example", "a--b", "x_y", "_x_", "db_1.my_net", "example.com.", "1and1.com"]
        {
            assert_eq!(host(&format!("{name}:1")), Host::Name(name.to_owned()));
        }
        assert_eq!(Place::to_dial("localhost:65535").expect("good").port, 65535);
    }

    #[test]
    fn a_zone_is_a_number_or_an_interface() {
        let ip = "fe80::1".parse().expect("an address");
        assert_eq!(host("[fe80::1%7]:5555"), Host::V6(ip, Some(Zone::Number(7))));
        assert_eq!(host("[fe80::1%eth0]:5555"), Host::V6(ip, Some(Zone::Interface("eth0".to_owned()))));
        for bad in ["", "a b", "a/b", "%", "0123456789abcdef", "\u{e9}"] {
            let reason = reason(&format!("[fe80::1%{bad}]:5555"));
            assert!(reason.contains("is no interface"), "{reason}");
        }
    }

    #[test]
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn an_interface_becomes_its_number_and_an_unknown_one_an_error() {
        let loopback = Place::to_dial("[fe80::1%lo]:5555").expect("good").literal().expect("an interface");
        assert_eq!(loopback, Some("[fe80::1%1]:5555".parse().expect("an address")));
        let numbered = Place::to_dial("[fe80::1%7]:5555").expect("good").literal().expect("a number");
        assert_eq!(numbered, Some("[fe80::1%7]:5555".parse().expect("an address")));
        let error =
            Place::to_dial("[fe80::1%nosuch0]:5555").expect("good").literal().expect_err("none").to_string();
        assert!(error.contains("no interface `nosuch0`"), "{error}");
    }

    #[test]
    fn a_bad_address_is_refused_with_what_is_wrong_and_what_would_be_right() {
        let refusals = [
            ("", "empty"),
            ("localhost", "the port is missing in `localhost`: write `localhost:5555`"),
            ("[::1]", "the port is missing"),
            ("[::1", "the `]` of the IPv6 address is missing"),
            ("localhost:", "the port is missing"),
            ("localhost:http", "the port is not a number"),
            ("localhost:+5", "the port is not a number"),
            ("localhost:5555/path", "the port is not a number"),
            ("localhost:65536", "the port is too large"),
            ("localhost:99999999999999999999999", "the port is too large"),
            (":5555", "the host is missing"),
            ("::1:5555", "needs brackets: write `[::1]:5555`"),
            ("fe80::1", "needs brackets: write `[fe80::1]:5555`"),
            ("tcp:localhost:5555", "the host `tcp:localhost` has a colon"),
            ("[127.0.0.1]:5555", "not an IPv6 address"),
            ("[]:5555", "not an IPv6 address"),
            ("[::1:5555", "the `]` of the IPv6 address is missing in `[::1:5555`"),
            ("256.1.1.1:5555", "four numbers"),
            ("1.2.3:5555", "four numbers"),
            ("0x7f.1:5555", "four numbers"),
            ("a b:5555", "not a host name"),
            ("a..b:5555", "1 to 63 bytes"),
            (".:5555", "1 to 63 bytes"),
            ("-hostname:5555", "begins or ends with a hyphen"),
            ("hostname-:5555", "begins or ends with a hyphen"),
            ("a.-b:5555", "begins or ends with a hyphen"),
            ("a-.b:5555", "begins or ends with a hyphen"),
            ("a.b-.:5555", "begins or ends with a hyphen"),
            ("abc.123.---.x:5555", "begins or ends with a hyphen"),
            ("-:5555", "begins or ends with a hyphen"),
            ("b\u{fc}cher.example:5555", "`xn--`"),
            ("user@host:5555", "not a host name"),
            ("localhost:0", "port 0 of `localhost:0` is for listeners"),
            ("*:5555", "`*` of `*:5555` is for listeners: dial a host, as in `127.0.0.1:5555`"),
        ];
        for (address, expected) in refusals {
            let reason = reason(address);
            assert!(reason.contains(expected), "{address:?} was refused with: {reason}");
        }
        for endless in ["x", "::1:9", "[::1%x", "h:0", "*:0"]
            .map(|start| start.to_owned() + &start[start.len() - 1..].repeat(10_000))
        {
            for address in [endless.clone(), endless + "]:1"] {
                let reason = reason(&address);
                assert!(reason.len() < 400, "{reason}");
            }
        }
        assert!(reason("\u{1b}[31m:1").contains("\\u{1b}"), "no control codes reach a terminal");
    }

    #[test]
    fn the_bad_part_is_pointed_at() {
        let parts = [
            ("localhost:65536", 10..15),
            ("localhost:", 10..10),
            ("localhost", 9..9),
            (":5555", 0..0),
            ("::1:5555", 0..3),
            ("[::g]:5555", 0..5),
            ("a..b:5555", 0..4),
            ("[fe80::1%a b]:5555", 0..13),
            ("localhost:0", 10..11),
            ("*:5555", 0..1),
            ("", 0..0),
        ];
        for (address, part) in parts {
            let error = Place::to_dial(address).expect_err(address);
            assert_eq!(error.part(), Some(part), "{address:?}: {error}");
        }
    }

    #[test]
    fn an_address_that_stands_for_all_is_dialed_over_loopback() {
        let parsed = |address: &str| address.parse::<SocketAddr>().expect("an address");
        for (listened, dialed, otherwise) in [
            ("0.0.0.0:5", "127.0.0.1:5", None),
            ("[::]:5", "[::1]:5", Some("127.0.0.1:5")),
            ("10.0.0.1:5", "10.0.0.1:5", None),
        ] {
            assert_eq!(dialable(parsed(listened)), (parsed(dialed), otherwise.map(parsed)));
        }
    }
}
