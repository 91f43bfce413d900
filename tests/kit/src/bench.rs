//! How benches are run.

use std::time::Duration;

use criterion::Criterion;

/// The sizes of body that are measured, in bytes.
pub const SIZES: [usize; 5] = [16, 64, 256, 1024, 4096];

/// Enough samples to see a tenth more or less, and few enough that all benches together take about a minute.
pub fn criterion() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(30)
        .configure_from_args()
}
