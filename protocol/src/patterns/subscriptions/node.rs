use std::mem;

use super::place::{Place, Symbol};

/// What a branch leads to: 32 bytes, so that two fit a line of the cache.
#[derive(Debug)]
pub(super) enum Node {
    Leaf(Leaf),
    Branch(Branch),
}

/// One prefix, and how often it was inserted.
#[derive(Debug, Default)]
pub(super) struct Leaf {
    pub(super) prefix: Box<[u8]>,
    pub(super) count: u32,
}

/// Where the prefixes below begin to differ: all of them are equal in front of `place`, and go on at least to it.
#[derive(Debug)]
pub(super) struct Branch {
    pub(super) place: Place,
    /// Bit n is set if there are prefixes with the symbol n at the place.
    symbols: u64,
    /// A node for each bit that is set, in their order; never less than two.
    below: Box<[Node]>,
}

const _: () = assert!(size_of::<Node>() <= 32);

impl Leaf {
    pub(super) fn new(prefix: &[u8]) -> Self {
        Self { prefix: prefix.into(), count: 1 }
    }
}

impl Default for Node {
    /// What stands for a node while that is moved; it allocates nothing.
    fn default() -> Self {
        Self::Leaf(Leaf::default())
    }
}

impl Node {
    /// The leaf at the end of the walk that the string itself leads: none has more in common with it.
    pub(super) fn nearest(&mut self, string: &[u8]) -> &mut Leaf {
        let mut at = self;
        loop {
            match at {
                Self::Leaf(leaf) => return leaf,
                Self::Branch(branch) => at = branch.towards(string),
            }
        }
    }

    /// The first node on that walk that is no branch in front of a place.
    pub(super) fn first_from(&mut self, place: Place, string: &[u8]) -> &mut Self {
        let mut at = self;
        while matches!(at, Self::Branch(branch) if branch.place < place) {
            at = at.next(string);
        }
        at
    }

    /// The last branch on that walk, or the leaf, where there is none.
    pub(super) fn last_branch(&mut self, string: &[u8]) -> &mut Self {
        let mut at = self;
        while matches!(at, Self::Branch(branch) if branch.leads_to_branch(string)) {
            at = at.next(string);
        }
        at
    }

    /// The next node on that walk.
    fn next(&mut self, string: &[u8]) -> &mut Self {
        match self {
            Self::Branch(branch) => branch.towards(string),
            leaf @ Self::Leaf(_) => leaf,
        }
    }

    /// Puts a branch in place of this node: above it and a new leaf, whose symbols differ at the place.
    pub(super) fn split(&mut self, place: Place, [new, old]: [Symbol; 2], leaf: Leaf) {
        let mut branch = Branch { place, symbols: 1 << old, below: Box::new([mem::take(self)]) };
        branch.add(new, leaf);
        *self = Self::Branch(branch);
    }

    /// Takes the string's leaf out of the branch that this node is; a branch of one is replaced by what is below.
    pub(super) fn prune(&mut self, string: &[u8]) {
        let Self::Branch(branch) = self else { return };
        if let Some(last) = branch.take_out(string) {
            *self = last;
        }
    }
}

impl Branch {
    /// The node that decides for a topic: that of the prefix that ends here, or else the one with the topic's symbol.
    #[inline]
    pub(super) fn deciding(&self, topic: &[u8]) -> Option<&Node> {
        if self.place.is_end() {
            return self.below.first();
        }
        let symbol = self.place.symbol(topic)?;
        if self.has(symbol) { self.below.get(self.rank(symbol)) } else { None }
    }

    /// The node with the string's symbol, or any other.
    fn towards(&mut self, string: &[u8]) -> &mut Node {
        let rank = self.rank_towards(string);
        &mut self.below[rank]
    }

    /// Whether that node is a branch.
    fn leads_to_branch(&self, string: &[u8]) -> bool {
        matches!(self.below[self.rank_towards(string)], Node::Branch(_))
    }

    fn rank_towards(&self, string: &[u8]) -> usize {
        let symbol = self.place.symbol(string).filter(|symbol| self.has(*symbol));
        symbol.map_or(0, |symbol| self.rank(symbol))
    }

    #[inline]
    fn has(&self, symbol: Symbol) -> bool {
        (self.symbols >> symbol) & 1 == 1
    }

    /// Adds a leaf for a symbol that is not there.
    pub(super) fn add(&mut self, symbol: Symbol, leaf: Leaf) {
        let rank = self.rank(symbol);
        let mut below = mem::take(&mut self.below).into_vec();
        below.reserve_exact(1);
        below.insert(rank, Node::Leaf(leaf));
        self.below = below.into_boxed_slice();
        self.symbols |= 1 << symbol;
    }

    /// Takes out the node with the string's symbol, and then the last one, if only one is left.
    fn take_out(&mut self, string: &[u8]) -> Option<Node> {
        let symbol = self.place.symbol(string)?;
        let mut below = mem::take(&mut self.below).into_vec();
        below.remove(self.rank(symbol));
        self.symbols &= !(1 << symbol);
        if below.len() == 1 {
            return below.pop();
        }
        self.below = below.into_boxed_slice();
        None
    }

    /// All that is below.
    pub(super) fn into_below(self) -> Box<[Node]> {
        self.below
    }

    #[cfg(test)]
    pub(super) fn below(&self) -> &[Node] {
        &self.below
    }

    /// How many of those below have lower symbols.
    #[inline]
    fn rank(&self, symbol: Symbol) -> usize {
        (self.symbols & ((1 << symbol) - 1)).count_ones() as usize
    }
}
