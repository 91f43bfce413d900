//! What a network does that makes a mistake.

use hubless_transport::Packet;

use crate::fault::Fault;
use crate::network::Network;

impl Network {
    /// The next message on its way to this end. One in four meets the mistake that is built in, if it is one of the network.
    pub(crate) fn next_arrival(&mut self, index: usize, side: usize) -> Option<Packet> {
        let others = self.connections.len();
        let fault = if self.fault != Fault::None && self.dice.one_in(4) { self.fault } else { Fault::None };
        let wire = &mut self.connections[index].wires[1 - side];
        if fault == Fault::Overtakes && wire.len() > 1 {
            wire.swap(0, 1);
        }
        let packet = wire.pop_front()?;
        match fault {
            Fault::Corrupts => return Some(corrupted(packet)),
            Fault::Repeats => wire.push_front(packet.clone()),
            Fault::Loses => return None,
            Fault::Misdirects => {
                let other = self.dice.below(others);
                self.connections[other].wires[1 - side].push_back(packet);
                return None;
            }
            Fault::Reflects => {
                self.connections[index].wires[side].push_back(packet);
                return None;
            }
            _ => {}
        }
        Some(packet)
    }
}

/// The same with one byte of the body changed.
fn corrupted(packet: Packet) -> Packet {
    let mut bytes = packet.body.into_vec();
    if let Some(byte) = bytes.first_mut() {
        *byte ^= 1;
    }
    Packet::new(packet.header, bytes.into())
}
