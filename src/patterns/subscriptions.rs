/// A set of prefixes, each as often as it was inserted, that tells whether an octet string begins with one of them.
///
/// A binary radix trie with the common parts left out: every inner node is a place where two prefixes differ, so that
/// there is one less of them than there are prefixes, and a walk from the root looks at no more nodes than the topic has
/// bits, however many prefixes there are. Nodes are 16 and 24 octets in two vectors, named by index.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    root: Option<Link>,
    branches: Vec<Branch>,
    leaves: Vec<Leaf>,
    /// Places in `branches` to be used again.
    free_branches: Vec<u32>,
    /// Places in `leaves` to be used again.
    free_leaves: Vec<u32>,
}

/// Where the prefixes below begin to differ: all of them are equal in front of `place`.
#[derive(Debug, Clone, Copy)]
struct Branch {
    place: Place,
    /// Those with 0 at the place, then those with 1.
    below: [Link; 2],
}

/// One prefix.
#[derive(Debug)]
struct Leaf {
    prefix: Box<[u8]>,
    count: u32,
}

/// A place in a string: 16 times the index of an octet, plus 0 for "is there such an octet?", or 1 to 8 for its bits
/// from the highest on. The question comes before the bits, so that a prefix that ends is apart from those that go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place(u64);

/// A node: the index of a branch, or that of a leaf with the top bit set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Link(u32);

/// The bit that tells a leaf from a branch.
const LEAF: u32 = 1 << 31;

enum Node {
    Branch(usize),
    Leaf(usize),
}

impl Subscriptions {
    /// Inserts a prefix, once more if it is there.
    pub(crate) fn insert(&mut self, prefix: &[u8]) {
        let Some(root) = self.root else {
            self.root = Some(self.new_leaf(prefix));
            return;
        };
        let nearest = self.nearest(root, prefix);
        let leaf = &mut self.leaves[nearest];
        let Some(place) = Place::of_difference(prefix, &leaf.prefix) else {
            leaf.count = leaf.count.saturating_add(1);
            return;
        };
        let side = place.side(prefix);
        let new = self.new_leaf(prefix);
        // The new branch goes above the first node that differs only later.
        let (mut above, mut at) = (None, root);
        while let Node::Branch(index) = at.node()
            && self.branches[index].place < place
        {
            let branch = &self.branches[index];
            let taken = branch.place.side(prefix);
            (above, at) = (Some((index, taken)), branch.below[taken]);
        }
        let below = if side == 0 { [new, at] } else { [at, new] };
        let branch = self.new_branch(Branch { place, below });
        self.replace(above, branch);
    }

    /// Takes a prefix out once. `false`: it was not there.
    pub(crate) fn remove(&mut self, prefix: &[u8]) -> bool {
        let Some(root) = self.root else { return false };
        let (mut above_parent, mut parent, mut at) = (None, None, root);
        let index = loop {
            match at.node() {
                Node::Leaf(index) => break index,
                Node::Branch(index) => {
                    let side = self.branches[index].place.side(prefix);
                    above_parent = parent;
                    (parent, at) = (Some((index, side)), self.branches[index].below[side]);
                }
            }
        };
        let leaf = &mut self.leaves[index];
        if *leaf.prefix != *prefix {
            return false;
        }
        leaf.count -= 1;
        if leaf.count > 0 {
            return true;
        }
        let Some((branch, side)) = parent else {
            // It was the last one: give all memory back.
            *self = Self::default();
            return true;
        };
        leaf.prefix = Box::default();
        self.free_leaves.push(at.0 & !LEAF);
        let sibling = self.branches[branch].below[1 - side];
        self.free_branches.push(Link::to_index(branch));
        self.replace(above_parent, sibling);
        true
    }

    /// Whether the topic begins with one of the prefixes.
    ///
    /// One walk and one comparison: the first branch at the end of a prefix decides. All below begin with that prefix,
    /// so the topic matches it or none of them; and none elsewhere, for those differ from the topic further up.
    #[inline]
    pub(crate) fn matches(&self, topic: &[u8]) -> bool {
        let Some(mut at) = self.root else { return false };
        loop {
            match at.node() {
                Node::Leaf(index) => return topic.starts_with(&self.leaves[index].prefix),
                Node::Branch(index) => {
                    let Branch { place, below } = &self.branches[index];
                    at = match place.bit() {
                        0 => below[0],
                        // All below have this octet.
                        _ if place.octet_of(topic).is_none() => return false,
                        _ => below[place.side(topic)],
                    };
                }
            }
        }
    }

    /// The leaf at the end of the walk that the string's own bits lead: the one it has most in common with.
    fn nearest(&self, root: Link, prefix: &[u8]) -> usize {
        let mut at = root;
        loop {
            match at.node() {
                Node::Leaf(index) => return index,
                Node::Branch(index) => {
                    let branch = &self.branches[index];
                    at = branch.below[branch.place.side(prefix)];
                }
            }
        }
    }

    /// Puts a node where `above` leads to, or at the root.
    fn replace(&mut self, above: Option<(usize, usize)>, node: Link) {
        match above {
            Some((index, side)) => self.branches[index].below[side] = node,
            None => self.root = Some(node),
        }
    }

    fn new_leaf(&mut self, prefix: &[u8]) -> Link {
        let leaf = Leaf { prefix: prefix.into(), count: 1 };
        Link(LEAF | store(&mut self.leaves, &mut self.free_leaves, leaf))
    }

    fn new_branch(&mut self, branch: Branch) -> Link {
        Link(store(&mut self.branches, &mut self.free_branches, branch))
    }
}

/// Stores a node and returns its index.
fn store<T>(nodes: &mut Vec<T>, free: &mut Vec<u32>, node: T) -> u32 {
    if let Some(index) = free.pop() {
        nodes[index as usize] = node;
        return index;
    }
    nodes.push(node);
    Link::to_index(nodes.len() - 1)
}

impl Link {
    #[inline]
    fn node(self) -> Node {
        if self.0 & LEAF == 0 { Node::Branch(self.0 as usize) } else { Node::Leaf((self.0 & !LEAF) as usize) }
    }

    fn to_index(index: usize) -> u32 {
        u32::try_from(index).ok().filter(|index| index & LEAF == 0).expect("fewer than 2^31 subscriptions")
    }
}

impl Place {
    /// The first place where two strings differ.
    fn of_difference(one: &[u8], other: &[u8]) -> Option<Self> {
        let common = one.iter().zip(other).take_while(|(one, other)| one == other).count();
        let bit = match (one.get(common), other.get(common)) {
            (None, None) => return None,
            (Some(one), Some(other)) => 1 + (one ^ other).leading_zeros(),
            _ => 0,
        };
        Some(Self(((common as u64) << 4) | u64::from(bit)))
    }

    /// What a string has here, 0 or 1; beyond its end there are zeros.
    #[inline]
    fn side(self, string: &[u8]) -> usize {
        match (self.octet_of(string), self.bit()) {
            (None, _) => 0,
            (Some(_), 0) => 1,
            (Some(octet), bit) => usize::from(octet >> (8 - bit) & 1),
        }
    }

    #[inline]
    fn octet_of(self, string: &[u8]) -> Option<u8> {
        string.get(usize::try_from(self.0 >> 4).ok()?).copied()
    }

    #[inline]
    fn bit(self) -> u64 {
        self.0 & 15
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    impl Subscriptions {
        /// The memory it has, prefixes excepted.
        fn overhead(&self) -> usize {
            self.branches.capacity() * size_of::<Branch>()
                + self.leaves.capacity() * size_of::<Leaf>()
                + (self.free_branches.capacity() + self.free_leaves.capacity()) * size_of::<u32>()
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
    fn long_prefixes_that_differ_late_need_no_deep_stack() {
        let mut subscriptions = Subscriptions::default();
        let topic = vec![b'a'; 3_000];
        for length in (0..topic.len()).rev() {
            subscriptions.insert(&[&topic[..length], b"b"].concat());
        }
        assert!(!subscriptions.matches(&topic));
        assert!(subscriptions.matches(&[&topic[..777], b"bc"].concat()));
    }

    /// Strings with much in common.
    fn octets() -> impl Strategy<Value = Vec<u8>> {
        vec(prop_oneof![Just(0), Just(1), Just(0x80), Just(0xff)], 0..6)
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_plain_list(
            steps in vec((any::<bool>(), octets()), 0..200),
            topics in vec(octets(), 50),
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
            for topic in topics {
                let expected = list.iter().any(|(prefix, count)| *count > 0 && topic.starts_with(prefix));
                prop_assert_eq!(subscriptions.matches(&topic), expected);
            }
        }
    }
}
