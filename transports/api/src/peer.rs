use std::fmt::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;

use crate::AddressError;

/// Who is at the other end of a connection. Printed, it is the address and what is known of who it is:
/// `ipc:///tmp/jobs (process 4242, user 1000, group 100)`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Peer {
    /// The address, with its scheme: `tcp://127.0.0.1:4000`. Where the peer has no name of its own, the address it
    /// came through.
    pub address: String,
    /// Where it is in a network, if it is in one: the limits on connections from one address go by this.
    pub network: Option<SocketAddr>,
    /// What is known of who it is.
    pub identity: Identity,
}

impl Peer {
    /// A peer known by its address only.
    pub fn new(address: impl Into<String>) -> Self {
        Self { address: address.into(), network: None, identity: Identity::default() }
    }

    /// The same peer, which is there in a network.
    #[must_use]
    pub fn with_network(self, network: SocketAddr) -> Self {
        Self { network: Some(network), ..self }
    }

    /// The same peer with the process the system says it is.
    #[must_use]
    pub fn with_credentials(self, credentials: Credentials) -> Self {
        Self { identity: Identity { credentials: Some(credentials), ..self.identity }, ..self }
    }

    /// The same peer with the certificate that it has proved to be its own.
    #[must_use]
    pub fn with_certificate(self, certificate: Certificate) -> Self {
        Self { identity: Identity { certificate: Some(certificate), ..self.identity }, ..self }
    }

    /// The same peer with the public key of which it has proved to have the secret one.
    #[must_use]
    pub fn with_key(self, key: impl Into<Arc<[u8]>>) -> Self {
        Self { identity: Identity { key: Some(key.into()), ..self.identity }, ..self }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.identity == Identity::default() {
            return f.pad(&self.address);
        }
        write!(f, "{} ({})", self.address, self.identity)
    }
}

/// What a transport knows of who a peer is, each part verified before it stands here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// The process at the other end, where the system vouches for it (ipc).
    pub credentials: Option<Credentials>,
    /// Its certificate, where it was asked for one and it was signed by somebody who is trusted.
    pub certificate: Option<Certificate>,
    /// Its public key, where keys are exchanged without certificates.
    pub key: Option<Arc<[u8]>>,
}

/// What is known, or `unknown`.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let credentials = self.credentials.map(|credentials| credentials.to_string());
        let certificate = self.certificate.as_ref().map(ToString::to_string);
        let key = self.key.as_ref().map(|key| format!("key {}", hex(key)));
        let known: Vec<String> = [credentials, certificate, key].into_iter().flatten().collect();
        if known.is_empty() { f.pad("unknown") } else { f.pad(&known.join(", ")) }
    }
}

/// The certificate of a peer.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Certificate {
    /// The certificate in DER, and those that signed it, the own first.
    pub chain: Arc<[Vec<u8>]>,
    /// The names that it is for.
    pub names: Arc<[String]>,
    /// The SHA-256 of the first of the chain.
    pub fingerprint: [u8; 32],
}

impl Certificate {
    /// A certificate of these parts.
    pub fn new(chain: Vec<Vec<u8>>, names: Vec<String>, fingerprint: [u8; 32]) -> Self {
        Self { chain: chain.into(), names: names.into(), fingerprint }
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("names", &self.names)
            .field("fingerprint", &hex(&self.fingerprint))
            .finish_non_exhaustive()
    }
}

/// Whose it is: `certificate of a.example`. Of many names the first three; without a name, its fingerprint.
impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.names.iter().take(3).map(|name| AddressError::shown(name)).collect();
        match names.len() {
            0 => write!(f, "certificate {}", hex(&self.fingerprint)),
            _ if self.names.len() > names.len() => write!(f, "certificate of {}, ..", names.join(", ")),
            _ => write!(f, "certificate of {}", names.join(", ")),
        }
    }
}

/// At most 32 bytes of it.
fn hex(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(64);
    for byte in bytes.iter().take(32) {
        // Writing into a string does not fail.
        let _ = write!(digits, "{byte:02x}");
    }
    if bytes.len() > 32 { digits + ".." } else { digits }
}

/// A process of this machine, as its kernel names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Credentials {
    /// User.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Process.
    pub pid: i32,
}

impl Credentials {
    /// The process `pid` of user `uid` and group `gid`.
    pub fn new(uid: u32, gid: u32, pid: i32) -> Self {
        Self { uid, gid, pid }
    }
}

impl fmt::Display for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}, user {}, group {}", self.pid, self.uid, self.gid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_has_several_parts_and_shows_no_certificate_at_length() {
        let certificate = Certificate::new(vec![vec![7; 1000]], vec!["a.example".into()], [0xab; 32]);
        let peer = Peer::new("tls+tcp://10.0.0.1:4")
            .with_network(SocketAddr::from(([10, 0, 0, 1], 4)))
            .with_certificate(certificate.clone())
            .with_key([1, 2, 3])
            .with_credentials(Credentials::new(1, 2, 3));
        assert_eq!(peer.identity.certificate, Some(certificate));
        assert_eq!(peer.identity.key.as_deref(), Some(&[1, 2, 3][..]));
        assert_eq!(peer.identity.credentials, Some(Credentials::new(1, 2, 3)));
        let shown = format!("{peer:?}");
        assert!(shown.contains("a.example") && shown.contains("abab") && shown.len() < 600, "{shown}");
    }

    #[test]
    fn a_peer_prints_its_address_and_who_it_is() {
        let peer = Peer::new("tcp://10.0.0.1:4");
        assert_eq!((peer.to_string(), peer.identity.to_string()), (peer.address.clone(), "unknown".into()));
        let peer = peer.with_credentials(Credentials::new(1000, 100, 42)).with_key([0xab; 40]);
        let key = format!("key {}..", "ab".repeat(32));
        let known = format!("process 42, user 1000, group 100, {key}");
        assert_eq!(peer.to_string(), format!("tcp://10.0.0.1:4 ({known})"));
        let certificate = |names: &[&str]| {
            Certificate::new(Vec::new(), names.iter().map(ToString::to_string).collect(), [1; 32]).to_string()
        };
        assert_eq!(certificate(&["a", "b\u{1b}"]), "certificate of a, b\\u{1b}");
        assert_eq!(certificate(&["a", "b", "c", "d"]), "certificate of a, b, c, ..");
        assert_eq!(certificate(&[]), format!("certificate {}", "01".repeat(32)));
    }
}
