use std::collections::VecDeque;

use hubless_transport::Message;

/// How often a message may be cut short before it is given up.
pub(crate) const MOST_CUTS: u8 = 3;
/// How many messages are remembered.
const REMEMBERED: usize = 16;
/// Octets at either end of a message that tell it from others.
const END: usize = 32;

/// Messages whose pipe died while they were being written. One of them may be what the peers hang up on: larger than they
/// take, say. It is known by its length and its ends, so that nothing large is kept for this.
#[derive(Debug, Default)]
pub(crate) struct Cuts {
    seen: VecDeque<(Marks, u8)>,
}

#[derive(Debug, PartialEq, Eq)]
struct Marks {
    length: usize,
    ends: [Message; 2],
}

impl Marks {
    fn of(body: &[u8]) -> Self {
        let end = body.len().min(END);
        Self { length: body.len(), ends: [body[..end].into(), body[body.len() - end..].into()] }
    }
}

impl Cuts {
    /// This message was cut short once more. Whether it is to be given up.
    pub(crate) fn one_more(&mut self, body: &[u8]) -> bool {
        let marks = Marks::of(body);
        let known = self.seen.iter().position(|(other, _)| *other == marks);
        let cuts = known.and_then(|index| self.seen.remove(index)).map_or(0, |(_, cuts)| cuts) + 1;
        if cuts > MOST_CUTS {
            return true;
        }
        if self.seen.len() == REMEMBERED {
            self.seen.pop_front();
        }
        self.seen.push_back((marks, cuts));
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_given_up_when_it_was_cut_short_too_often() {
        let mut cuts = Cuts::default();
        for _ in 0..MOST_CUTS {
            assert!(!cuts.one_more(b"poison"));
            assert!(!cuts.one_more(b""));
        }
        assert!(cuts.one_more(b"poison"));
        assert!(!cuts.one_more(b"poison"), "it was not forgotten");
    }

    #[test]
    fn messages_do_not_count_for_one_another_and_only_so_many_are_remembered() {
        let mut cuts = Cuts::default();
        for number in 0..100_u8 {
            assert!(!cuts.one_more(&[number; 100]));
        }
        assert_eq!(cuts.seen.len(), REMEMBERED);
    }
}
