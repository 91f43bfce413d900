use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

impl Subscriptions {
    /// The memory it has, prefixes excepted.
    fn overhead(&self) -> usize {
        let mut bytes = 0;
        let mut nodes: Vec<&Node> = self.root.iter().collect();
        while let Some(node) = nodes.pop() {
            if let Node::Branch(branch) = node {
                bytes += size_of_val(branch.below());
                nodes.extend(branch.below());
            }
        }
        bytes
    }

    fn of<'a>(prefixes: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut subscriptions = Self::default();
        prefixes.into_iter().for_each(|prefix| subscriptions.insert(prefix));
        subscriptions
    }
}

#[test]
fn nothing_matches_no_prefix_and_everything_the_empty_one() {
    let mut subscriptions = Subscriptions::default();
    assert!(!subscriptions.matches(b""));
    subscriptions.insert(b"");
    assert!(subscriptions.matches(b"") && subscriptions.matches(b"x"));
    assert!(subscriptions.remove(b"") && !subscriptions.remove(b""));
    assert!(!subscriptions.matches(b"x"));
}

#[test]
fn a_prefix_of_a_prefix_is_no_match() {
    let mut subscriptions = Subscriptions::default();
    for prefix in [&b"abc"[..], b"abd", b"abcde", b"abc\0", b"x"] {
        subscriptions.insert(prefix);
    }
    for topic in [&b"abc"[..], b"abcd", b"abd", b"x\0", b"abc\0\0"] {
        assert!(subscriptions.matches(topic), "{topic:?}");
    }
    for topic in [&b""[..], b"a", b"ab", b"abe", b"ab\0", b"w", b"y"] {
        assert!(!subscriptions.matches(topic), "{topic:?}");
    }
}

#[test]
fn a_million_prefixes_match_exactly_and_cost_little_memory() {
    const COUNT: u32 = 1_000_000;
    // An odd factor permutes the 32-bit numbers: all even ones are in, all odd ones are not.
    let topic = |number: u32| format!("{:08x}.price", number.wrapping_mul(0x9e37_79b1)).into_bytes();
    let mut subscriptions = Subscriptions::default();
    for number in 0..COUNT {
        subscriptions.insert(&topic(number * 2));
    }
    assert!(subscriptions.overhead() < 100 * COUNT as usize);
    for number in (0..COUNT).step_by(97) {
        assert!(subscriptions.matches(&topic(number * 2)));
        assert!(subscriptions.matches(&[&topic(number * 2)[..], b".eur"].concat()));
        assert!(!subscriptions.matches(&topic(number * 2 + 1)));
        assert!(!subscriptions.matches(&topic(number * 2)[..8]));
    }
    for number in 0..COUNT {
        assert!(subscriptions.remove(&topic(number * 2)));
    }
    assert_eq!(subscriptions.overhead(), 0);
}

#[test]
fn every_byte_leads_to_its_own_prefix() {
    let bytes = || (0..=u8::MAX).map(|byte| [b'a', byte]);
    let mut subscriptions = Subscriptions::default();
    for (inserted, prefix) in bytes().enumerate() {
        subscriptions.insert(&prefix);
        for (number, topic) in bytes().enumerate() {
            assert_eq!(subscriptions.matches(&topic), number <= inserted, "{topic:?}");
        }
    }
    for (removed, prefix) in bytes().enumerate() {
        assert!(subscriptions.remove(&prefix));
        for (number, topic) in bytes().enumerate() {
            assert_eq!(subscriptions.matches(&topic), number > removed, "{topic:?}");
        }
    }
    assert_eq!(subscriptions.overhead(), 0);
}

#[test]
fn no_shape_costs_more_than_two_nodes_a_prefix() {
    let nested: Vec<_> = (0..500).map(|length| vec![b'a'; length]).collect();
    let forked: Vec<_> = (0..500).map(|length| [&vec![b'a'; length][..], b"b"].concat()).collect();
    let pairs: Vec<_> = (0..=u8::MAX).flat_map(|byte| [vec![byte, 0], vec![byte, 1]]).collect();
    for prefixes in [nested, forked, pairs] {
        let subscriptions = Subscriptions::of(prefixes.iter().map(Vec::as_slice));
        assert!(subscriptions.overhead() <= 2 * size_of::<Node>() * prefixes.len());
    }
}

#[test]
fn prefixes_can_be_removed_in_any_order() {
    const PREFIXES: [&[u8]; 6] = [b"", b"a", b"aa", b"ab", b"aA", b"aaa\xff"];
    for_each_order(&mut PREFIXES.clone(), 0, &mut |order| {
        let mut subscriptions = Subscriptions::of(PREFIXES);
        for (removed, prefix) in order.iter().enumerate() {
            assert!(subscriptions.remove(prefix) && !subscriptions.remove(prefix));
            let left = &order[removed + 1..];
            for topic in PREFIXES {
                let expected = left.iter().any(|prefix| topic.starts_with(prefix));
                assert_eq!(subscriptions.matches(topic), expected, "{topic:?} with {left:?}");
            }
            assert_eq!(subscriptions.overhead(), Subscriptions::of(left.iter().copied()).overhead());
        }
        assert!(subscriptions.root.is_none());
    });
}

/// Calls `then` with each order of the items from `fixed` on.
fn for_each_order<T>(items: &mut [T], fixed: usize, then: &mut impl FnMut(&[T])) {
    if fixed == items.len() {
        return then(items);
    }
    for next in fixed..items.len() {
        items.swap(fixed, next);
        for_each_order(items, fixed + 1, then);
        items.swap(fixed, next);
    }
}

#[test]
fn many_branches_below_each_other_need_no_deep_stack() {
    // Three branches to a byte: a call for each would not fit the stack of a test's thread.
    let longest = vec![b'a'; 8_000];
    let mut subscriptions = Subscriptions::default();
    for length in (1..longest.len()).rev() {
        let shorter = &longest[..length];
        for prefix in [&[shorter, b"A"].concat(), &[shorter, b"b"].concat(), shorter] {
            subscriptions.insert(prefix);
        }
    }
    assert!(subscriptions.matches(&longest) && !subscriptions.matches(b"b"));
    assert!(subscriptions.remove(&longest[..longest.len() - 1]) && subscriptions.remove(b"a"));
    assert!(subscriptions.matches(b"ab") && subscriptions.matches(b"aa") && !subscriptions.matches(b"a"));
}

#[test]
fn long_prefixes_that_differ_late_need_no_deep_stack() {
    let mut subscriptions = Subscriptions::default();
    let topic = vec![b'a'; 3_000];
    for length in (0..topic.len()).rev() {
        subscriptions.insert(&[&topic[..length], b"b"].concat());
    }
    assert!(!subscriptions.matches(&topic));
    assert!(subscriptions.matches(&[&topic[..777], b"bc"].concat()));
}

#[test]
fn prefixes_and_topics_of_a_mebibyte_need_no_deep_stack() {
    const LENGTH: usize = 1 << 20;
    // As many nodes below each other as that number of bytes allows would take half a TiB for their prefixes.
    const BRANCHES: usize = 64;
    let topic = vec![b'a'; LENGTH];
    let mut subscriptions = Subscriptions::default();
    let lengths = || (1..=BRANCHES).map(|part| LENGTH / BRANCHES * part - 1);
    for length in lengths() {
        subscriptions.insert(&[&topic[..length], b"b"].concat());
    }
    assert!(!subscriptions.matches(&topic));
    subscriptions.insert(&topic);
    assert!(subscriptions.matches(&topic) && !subscriptions.matches(&topic[..LENGTH - 1]));
    for length in lengths() {
        assert!(subscriptions.matches(&[&topic[..length], b"b"].concat()));
        assert!(subscriptions.remove(&[&topic[..length], b"b"].concat()));
    }
    assert!(subscriptions.remove(&topic));
    assert_eq!(subscriptions.overhead(), 0);
}

/// Strings with much in common.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![Just(0), Just(1), Just(0x20), Just(0x40), Just(0x80), Just(0xff), any::<u8>()];
    vec(byte, 0..6)
}

proptest! {
    #[test]
    fn it_agrees_with_a_plain_list(
        steps in vec((any::<bool>(), bytes()), 0..200),
        topics in vec(bytes(), 50),
    ) {
        let mut subscriptions = Subscriptions::default();
        let mut list = BTreeMap::<Vec<u8>, u32>::new();
        for (inserts, prefix) in steps {
            if inserts {
                subscriptions.insert(&prefix);
                *list.entry(prefix).or_default() += 1;
            } else {
                let count = list.get_mut(&prefix).filter(|count| **count > 0);
                prop_assert_eq!(subscriptions.remove(&prefix), count.is_some());
                if let Some(count) = count {
                    *count -= 1;
                }
            }
        }
        let left = list.iter().filter(|(_, count)| **count > 0).map(|(prefix, _)| prefix.as_slice());
        prop_assert_eq!(subscriptions.overhead(), Subscriptions::of(left.clone()).overhead());
        for topic in topics {
            let expected = left.clone().any(|prefix| topic.starts_with(prefix));
            prop_assert_eq!(subscriptions.matches(&topic), expected);
        }
    }
}
