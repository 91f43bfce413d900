use std::fmt::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;

/// Who is at the other end of a connection.
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
        let mut fingerprint = String::with_capacity(64);
        for byte in self.fingerprint {
            write!(fingerprint, "{byte:02x}")?;
        }
        f.debug_struct("Certificate")
            .field("names", &self.names)
            .field("fingerprint", &fingerprint)
            .finish_non_exhaustive()
    }
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
}
