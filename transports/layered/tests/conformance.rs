//! The kit, over a transport with a handshake and buffers of its own.

use hubless_layered::LayeredTransport;

#[test]
fn a_stream_with_buffers_conforms() {
    hubless_conformance::suite(&LayeredTransport::new(*b"keys"), &|| "127.0.0.1:0".to_owned());
}

#[test]
fn messages_with_buffers_conform() {
    hubless_conformance::suite(&LayeredTransport::new(*b"keys").in_messages(), &|| "127.0.0.1:0".to_owned());
}
