use std::fmt::Debug;
use std::net::{Ipv6Addr, SocketAddr, SocketAddrV6};
use std::str::FromStr;
use std::sync::Arc;

use hubless_inproc::{Inproc, InprocTransport};
use hubless_ipc::{Ipc, IpcTransport};
use hubless_tcp::{Tcp, TcpTransport};
use hubless_transport::{AddressError, Dialable, EndpointError, Listenable, Transport, resolve};

/// The longest explanation, in bytes: an address is shown in part where it is long.
const LONGEST: usize = 2000;

/// No address makes a parser panic. One that is taken prints as it was given, and parses again to the same; strings and typed
/// endpoints take the same addresses. One that is not is refused in one line of bounded length that points into it.
///
/// The input is an address, with its scheme or without. Of its bytes socket addresses are made too.
pub fn addresses(input: &[u8]) {
    let given = String::from_utf8_lossy(input);
    let transports: [Arc<dyn Transport>; 3] =
        [Arc::new(TcpTransport::new()), Arc::new(IpcTransport::new()), Arc::new(InprocTransport::new())];
    whole(&transports, &given);
    for scheme in ["tcp", "ipc", "inproc"] {
        let address = format!("{scheme}://{given}");
        whole(&transports, &address);
        let place = &address[scheme.len() + "://".len()..];
        match scheme {
            "tcp" => endpoint::<Tcp>(&transports, &address, place),
            "ipc" => endpoint::<Ipc>(&transports, &address, place),
            _ => endpoint::<Inproc>(&transports, &address, place),
        }
    }
    socket_address(input);
    made_of_parts(&given);
}

/// An address as users write it.
fn whole(transports: &[Arc<dyn Transport>], address: &str) {
    let listens = resolve(transports, &[], address, |transport, place| transport.listener(place));
    let dials = resolve(transports, &[], address, |transport, place| transport.dialer(place));
    let refused = [listens.as_ref().err(), dials.as_ref().err()];
    refused.into_iter().flatten().for_each(|error| assert_said(error, address));
    if let (Ok(listener), Ok(_)) = (&listens, &dials) {
        assert!(!listener.address().is_empty(), "{address:?} is nothing");
    }
    assert!(listens.is_ok() || dials.is_err(), "{address:?} can be dialed and not listened on");
}

/// The same as a typed endpoint.
fn endpoint<E>(transports: &[Arc<dyn Transport>], address: &str, place: &str)
where
    E: FromStr<Err = AddressError> + ToString + Debug + Clone + Dialable + Listenable,
{
    let scheme = address.split("://").next();
    let transport = transports.iter().find(|transport| Some(transport.scheme()) == scheme);
    let transport = transport.expect("it is one of these");
    let listens = transport.listener(place);
    match E::from_str(address) {
        Ok(endpoint) => {
            assert!(listens.is_ok(), "{address:?} is taken as a type only: {listens:?}");
            assert_eq!(endpoint.to_string(), address);
            let again = E::from_str(&endpoint.to_string()).expect("what it prints");
            assert_eq!(format!("{again:?}"), format!("{endpoint:?}"));
            assert!(endpoint.clone().listening().is_ok());
            assert_eq!(endpoint.dialing().is_ok(), transport.dialer(place).is_ok(), "{address:?}");
        }
        Err(error) => {
            assert!(listens.is_err(), "{address:?} is taken as a string only: {error}");
            assert_said(&error, address);
        }
    }
    if let Err(error) = E::from_str(place) {
        assert_said(&error, place);
    }
}

/// Every socket address is an address.
fn socket_address(bytes: &[u8]) {
    let Some((ip, rest)) = bytes.split_first_chunk::<16>() else { return };
    let Some((numbers, _)) = rest.split_first_chunk::<6>() else { return };
    let port = u16::from_be_bytes([numbers[0], numbers[1]]);
    let scope = u32::from_be_bytes([numbers[2], numbers[3], numbers[4], numbers[5]]);
    let v6 = SocketAddrV6::new(Ipv6Addr::from(*ip), port, 0, scope);
    let v4 = SocketAddr::from(([ip[0], ip[1], ip[2], ip[3]], port));
    for address in [v4, v6.into()] {
        let endpoint = Tcp::from(address);
        let again: Tcp = Tcp::from_str(&endpoint.to_string()).expect("what it prints");
        assert_eq!(format!("{again:?}"), format!("{endpoint:?}"));
        assert_eq!(endpoint.dialing().is_ok(), port != 0);
    }
}

/// What endpoints are made of besides addresses is judged when it is used; and what is taken then prints as an address that is
/// taken too.
fn made_of_parts(part: &str) {
    printed(&Tcp::new(part, 5555));
    printed(&Ipc::path(part));
    printed(&Ipc::abstract_name(part));
    printed(&Inproc::name(part));
}

fn printed<E>(endpoint: &E)
where
    E: FromStr<Err = AddressError> + ToString + Debug + Clone + Dialable + Listenable,
{
    let address = endpoint.to_string();
    match endpoint.clone().listening() {
        // Without a listener of its own it is judged as the string that it prints.
        Ok(plan) if plan.listener.is_none() => {}
        Ok(_) => {
            let again = E::from_str(&address).expect("what is listened on prints as what can be dialed");
            assert_eq!(again.to_string(), address);
        }
        Err(EndpointError::Address(error)) => assert_said(&error, &address),
        Err(_) => {}
    }
}

/// An explanation is one line, printable, of bounded length, and points into the address.
#[track_caller]
fn assert_said(error: &AddressError, address: &str) {
    let (reason, shown) = (error.to_string(), format!("{error:#}"));
    assert!(!reason.is_empty() && reason.len() <= LONGEST, "{} bytes: {reason}", reason.len());
    assert!(!reason.chars().any(char::is_control), "{reason:?}");
    assert!(shown.len() <= 2 * LONGEST, "{} bytes: {shown}", shown.len());
    assert!(!shown.chars().any(|letter| letter.is_control() && letter != '\n'), "{shown:?}");
    if let Some(part) = error.part() {
        assert!(address.get(part.clone()).is_some(), "{part:?} is no part of {address:?}");
    }
}
