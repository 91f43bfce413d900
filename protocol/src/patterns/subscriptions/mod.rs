mod node;
mod place;
#[cfg(test)]
mod tests;

use std::fmt;

use self::node::{Leaf, Node};
use self::place::Place;

/// A set of prefixes, each as often as it was inserted, that tells whether a byte string begins with one of them.
///
/// A trie with the common parts left out. A leaf is a prefix; a branch is a `Place` where the prefixes below it differ
/// for the first time, and leads to one node for each `Symbol` that they have there. So a branch has two
/// nodes below it or more, there are less branches than prefixes, and a walk from the root to a leaf meets places in
/// their order, each once, however many prefixes there are.
///
/// A branch knows the symbols by the bits of one word, and has its nodes side by side in one allocation of just their
/// size, in the order of the symbols: the node for a symbol stands after as many others as there are lower bits set. A
/// step of the walk thus reads one node and one byte of the topic; a million topics that end in hexadecimal digits are
/// some six steps deep, and only the last of them miss the cache. With two nodes to each branch, the most memory there
/// can be, this is 64 bytes a prefix beside the prefix itself, and what the allocator adds.
///
/// # Why one walk and one comparison suffice
///
/// What is left out between two branches is not compared on the way. The walk takes the node of the topic's own symbol
/// at each branch, so a prefix that it passed by differs from the topic at the place of that branch. It ends
///
/// * at a branch where a prefix ends and others go on, which decides: all below begin with the prefix that ends, so the
///   topic begins with that one, or with none of them. One comparison with it tells.
/// * at a leaf: it alone is left, and one comparison tells.
/// * at a branch that has no node for the topic's symbol, or where the topic has ended: all below have a byte there
///   that the topic has not, so none is left.
///
/// The same walk finds what a new prefix differs from last, if it takes any node where there is none for its symbol: all
/// prefixes below a branch are equal in front of its place, so any of them shows where the new one differs.
///
/// # What hostile prefixes can do
///
/// A match takes three steps for each byte of the topic at most; an insert or a removal three for each byte of the
/// longest prefix, and it moves the nodes of one branch, 64 at most. Nothing here calls itself, dropping included, so
/// that branches far below each other do not overflow the stack.
#[derive(Default)]
pub struct Subscriptions {
    root: Option<Node>,
}

impl Subscriptions {
    /// Inserts a prefix, once more if it is there.
    pub fn insert(&mut self, prefix: &[u8]) {
        let Some(root) = &mut self.root else {
            self.root = Some(Node::Leaf(Leaf::new(prefix)));
            return;
        };
        let nearest = root.nearest(prefix);
        let Some((place, symbols)) = Place::of_difference(prefix, &nearest.prefix) else {
            nearest.count = nearest.count.saturating_add(1);
            return;
        };
        let leaf = Leaf::new(prefix);
        match root.first_from(place, prefix) {
            Node::Branch(branch) if branch.place == place => branch.add(symbols[0], leaf),
            later => later.split(place, symbols, leaf),
        }
    }

    /// Takes a prefix out once. `false`: it was not there.
    pub fn remove(&mut self, prefix: &[u8]) -> bool {
        let Some(root) = &mut self.root else { return false };
        let leaf = root.nearest(prefix);
        if *leaf.prefix != *prefix {
            return false;
        }
        leaf.count -= 1;
        if leaf.count > 0 {
            return true;
        }
        match root.last_branch(prefix) {
            // It was the last one.
            Node::Leaf(_) => self.root = None,
            parent @ Node::Branch(_) => parent.prune(prefix),
        }
        true
    }

    /// Whether the topic begins with one of the prefixes.
    #[inline]
    pub fn matches(&self, topic: &[u8]) -> bool {
        let mut at = self.root.as_ref();
        loop {
            match at {
                None => return false,
                Some(Node::Leaf(leaf)) => return topic.starts_with(&leaf.prefix),
                Some(Node::Branch(branch)) => at = branch.deciding(topic),
            }
        }
    }
}

impl Drop for Subscriptions {
    /// Branch by branch: there may be more of them below each other than fit on the stack.
    fn drop(&mut self) {
        let mut nodes: Vec<Node> = self.root.take().into_iter().collect();
        while let Some(node) = nodes.pop() {
            if let Node::Branch(branch) = node {
                nodes.extend(branch.into_below());
            }
        }
    }
}

impl fmt::Debug for Subscriptions {
    /// Says nothing of the prefixes: there may be a million.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Subscriptions").finish_non_exhaustive()
    }
}
