//! Plays a part in a trial: `actor PART WORDS...`.

fn main() {
    let mut words = std::env::args().skip(1);
    let part = words.next().unwrap_or_default();
    hubless_trials::actors::play(&part, &words.collect::<Vec<_>>());
}
