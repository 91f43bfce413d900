//! Settings that several types of socket have.

/// The choice of a peer, where the pattern's own setting is that alone.
macro_rules! balances {
    ($socket:ident) => {
        impl $crate::Builder<$socket> {
            /// Which of the peers with room gets a message; default [`Balance::RoundRobin`](crate::Balance::RoundRobin).
            #[must_use]
            pub fn balance(mut self, balance: $crate::Balance) -> Self {
                self.own = balance;
                self
            }
        }
    };
}

/// The limit of hops, where the setting of that is the pattern's own or is kept in `$part` of it.
macro_rules! limits_hops {
    ($socket:ident $(, $part:ident)?) => {
        impl $crate::Builder<$socket> {
            /// How many hops a message may have come, 1 to 15; default 8. One that came further is dropped and counted in
            /// [`Drops::too_many_hops`](crate::Drops::too_many_hops).
            #[must_use]
            pub fn max_hops(mut self, hops: u8) -> Self {
                self.check((1..=15).contains(&hops), "max_hops", hops, "it must be from 1 to 15");
                self.own$(.$part)? = $crate::socket::MaxHops(hops);
                self
            }
        }
    };
}

/// How many hops a message may have come.
#[derive(Debug)]
#[allow(unnameable_types, reason = "set through the builder only")]
pub struct MaxHops(pub(crate) u8);

impl Default for MaxHops {
    fn default() -> Self {
        Self(8)
    }
}

pub(crate) use {balances, limits_hops};
