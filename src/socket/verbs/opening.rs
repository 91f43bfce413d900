//! How a socket comes into being, of its own settings.

/// How a socket is opened: its own settings and the pattern they make.
macro_rules! opens {
    ($socket:ident, $own:ty, $pattern:expr) => {
        impl $crate::socket::Open for $socket {
            type Own = $own;

            fn open(context: $crate::Context, options: $crate::socket::Options, own: $own) -> Self {
                Self($crate::socket::Handle::open(context, ($pattern)(own), options.0))
            }
        }
    };
}

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

pub(crate) use {balances, opens};
