use arbitrary::{Result, Unstructured};
use hubless_protocol::patterns::{Inbox, Loss, PipeId, Subscribe, Verdict};
use hubless_transport::Message;

use super::{Deed, World};

/// The one publisher.
const PUBLISHER: PipeId = PipeId { slot: 0, number: 1 };

/// SUB, whatever it subscribes to and in whatever order: delivered is exactly what begins with a prefix that was subscribed to
/// more often than it was taken back, and is unchanged; only what was subscribed to can be taken back.
///
/// Each step is a byte that says which of the three it is, one for the length, and the bytes. A fourth kind subscribes to all
/// beginnings of its bytes.
pub fn subscriptions(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let mut subscriptions = Subscriptions::new();
    while !input.is_empty() {
        if subscriptions.step(&mut input).is_err() {
            return;
        }
    }
}

struct Subscriptions {
    subscribe: Subscribe,
    world: World<()>,
    /// One for each call.
    prefixes: Vec<Vec<u8>>,
}

impl Subscriptions {
    fn new() -> Self {
        let mut subscribe = Subscribe::new();
        let mut world = World::new();
        world.join(&mut subscribe, PUBLISHER, 1);
        Self { subscribe, world, prefixes: Vec::new() }
    }

    fn step(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let what = input.arbitrary::<u8>()?;
        let length = usize::from(input.arbitrary::<u8>()?).min(input.len());
        let bytes = input.bytes(length)?;
        match what % 4 {
            0 => self.subscribe(bytes),
            1 => self.unsubscribe(bytes),
            2 => self.arrives(bytes),
            _ => (0..=bytes.len()).for_each(|end| self.subscribe(&bytes[..end])),
        }
        Ok(())
    }

    fn subscribe(&mut self, prefix: &[u8]) {
        self.subscribe.subscribe(prefix);
        self.prefixes.push(prefix.to_vec());
    }

    fn unsubscribe(&mut self, prefix: &[u8]) {
        let known = self.prefixes.iter().position(|other| other == prefix);
        assert_eq!(self.subscribe.unsubscribe(prefix), known.is_some(), "{prefix:?}");
        known.map(|known| self.prefixes.swap_remove(known));
    }

    fn arrives(&mut self, topic: &[u8]) {
        let wanted = self.prefixes.iter().any(|prefix| topic.starts_with(prefix));
        let verdict = self.world.receive(&mut self.subscribe, PUBLISHER, Message::from(topic).into());
        let delivered = Deed::Delivered(Inbox::Socket, PUBLISHER, (), topic.into());
        let (right, deeds) = if wanted {
            (Verdict::Accepted, vec![delivered])
        } else {
            (Verdict::Drop(Loss::Filtered), Vec::new())
        };
        assert_eq!((verdict, self.world.deeds()), (right, deeds), "{topic:?}");
    }
}
