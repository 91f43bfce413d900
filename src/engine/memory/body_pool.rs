//! Memory of large bodies, used again for the next ones.
//!
//! Giving a page back to the system and getting it anew costs more than copying its bytes: with fresh memory for each, a
//! stream of 64 KiB messages spent a fifth of its time on page faults.

use std::sync::{Arc, Weak};

use bytes::Bytes;
use hubless_transport::Message;

use super::sys::sync::Mutex;

/// Bytes that are kept at most.
const KEPT: usize = 4 * 1024 * 1024;
/// Smaller memory is not worth being kept. It would pile up, too: of bodies that are empty the bytes bound nothing.
const LEAST: usize = 16 * 1024;

/// What one socket keeps.
#[derive(Debug, Default)]
pub(crate) struct BodyPool(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    vectors: Vec<Vec<u8>>,
    bytes: usize,
}

impl BodyPool {
    /// Memory for a body of this length: some that was used before, if it is hardly larger, or none.
    pub(crate) fn take(&self, length: usize) -> Vec<u8> {
        let mut kept = self.0.lock();
        // The length is what a peer says.
        let most = length.saturating_add(length / 8);
        let fits = |vector: &Vec<u8>| (length..=most).contains(&vector.capacity());
        let Some(place) = kept.vectors.iter().rposition(fits) else { return Vec::new() };
        let vector = kept.vectors.swap_remove(place);
        kept.bytes -= vector.capacity();
        vector
    }

    /// A message whose memory comes back here when its last holder drops it, if it is large.
    pub(crate) fn message(self: &Arc<Self>, body: Vec<u8>) -> Message {
        if body.capacity() < LEAST {
            return body.into();
        }
        Bytes::from_owner(PooledBody { body, pool: Arc::downgrade(self) }).into()
    }

    /// Frees everything: the socket is quiet.
    pub(crate) fn clear(&self) {
        let cleared = std::mem::take(&mut *self.0.lock());
        drop(cleared);
    }

    fn put(&self, mut vector: Vec<u8>) {
        vector.clear();
        let mut kept = self.0.lock();
        // The oldest make place, or sizes that nobody sends any more would stay for ever.
        while !kept.vectors.is_empty() && kept.bytes + vector.capacity() > KEPT {
            kept.bytes -= kept.vectors.remove(0).capacity();
        }
        if vector.capacity() <= KEPT {
            kept.bytes += vector.capacity();
            kept.vectors.push(vector);
        }
    }
}

/// A body that a message has, and the place its memory goes to afterwards.
struct PooledBody {
    body: Vec<u8>,
    pool: Weak<BodyPool>,
}

impl AsRef<[u8]> for PooledBody {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

impl Drop for PooledBody {
    fn drop(&mut self) {
        if let Some(pool) = self.pool.upgrade() {
            pool.put(std::mem::take(&mut self.body));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(body_pool: &BodyPool) -> (usize, usize) {
        let kept = body_pool.0.lock();
        (kept.vectors.len(), kept.bytes)
    }

    #[test]
    fn memory_comes_back_with_the_last_holder_and_serves_bodies_of_its_size() {
        let body_pool = Arc::new(BodyPool::default());
        let message = body_pool.message(vec![7; 50_000]);
        let clone = message.clone();
        drop(message);
        assert_eq!((counts(&body_pool), &clone[..2]), ((0, 0), &[7, 7][..]));
        drop(clone);
        assert_eq!(counts(&body_pool), (1, 50_000));
        assert_eq!(body_pool.take(50_001).capacity(), 0);
        assert_eq!(body_pool.take(40_000).capacity(), 0);
        let again = body_pool.take(48_000);
        assert_eq!((again.len(), again.capacity(), counts(&body_pool)), (0, 50_000, (0, 0)));
    }

    #[test]
    fn memory_of_small_bodies_does_not_pile_up() {
        let body_pool = Arc::new(BodyPool::default());
        for length in [0, 1, 100, LEAST - 1] {
            for _ in 0..100 {
                assert_eq!(body_pool.message(vec![7; length]), vec![7; length]);
            }
        }
        assert_eq!(counts(&body_pool), (0, 0));
    }

    #[test]
    fn for_a_body_of_any_length_that_a_peer_claims_there_is_none() {
        let body_pool = Arc::new(BodyPool::default());
        drop(body_pool.message(vec![7; 50_000]));
        for length in [usize::MAX, usize::MAX / 9 * 8 + 10, usize::MAX / 2 + 1] {
            assert_eq!(body_pool.take(length).capacity(), 0, "{length}");
        }
    }

    #[test]
    fn no_more_is_kept_than_the_bound_and_the_oldest_goes_first() {
        let body_pool = Arc::new(BodyPool::default());
        for length in [KEPT + 1, KEPT / 2, 100_000, KEPT / 2] {
            drop(body_pool.message(vec![0; length]));
        }
        assert_eq!(counts(&body_pool), (2, 100_000 + KEPT / 2));
        body_pool.clear();
        assert_eq!(counts(&body_pool), (0, 0));
    }

    #[test]
    fn a_message_outlives_its_socket() {
        let body_pool = Arc::new(BodyPool::default());
        let message = body_pool.message(vec![7; 50_000]);
        drop(body_pool);
        assert_eq!(message.len(), 50_000);
    }
}
