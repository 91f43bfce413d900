//! Everything that is not a received message goes to standard error.

use std::fmt;
use std::io::{self, Write};

use env_logger::Builder;
use log::{Level, LevelFilter};

use crate::arguments::Verbosity;

/// Starts logging: as `RUST_LOG` says where it is set, otherwise as `-q` and `-v` say.
pub(crate) fn start(verbosity: &Verbosity) {
    let mut builder = Builder::new();
    if std::env::var_os("RUST_LOG").is_some_and(|filters| !filters.is_empty()) {
        builder.parse_default_env();
    } else {
        let level = level(verbosity);
        builder.filter_level(level);
        if level <= LevelFilter::Info {
            // `connections` tells of peers that were turned away, with fewer words.
            builder.filter_module("hubless::peers", LevelFilter::Error);
            builder.format(|line, record| {
                // The line drops the style where standard error is no terminal.
                let style = line.default_level_style(record.level());
                writeln!(line, "hubless: {style}{}{style:#}: {}", name(record.level()), record.args())
            });
        }
    }
    builder.format_timestamp_millis().init();
}

/// Tells something that is no trouble and yet told without `-v`.
pub(crate) fn tell(what: fmt::Arguments<'_>) {
    if log::max_level() >= LevelFilter::Warn {
        // Where nobody reads standard error, there is nobody to tell that.
        let _ = writeln!(io::stderr(), "hubless: {what}");
    }
}

fn level(verbosity: &Verbosity) -> LevelFilter {
    match (verbosity.quiet, verbosity.verbose) {
        (true, _) => LevelFilter::Error,
        (false, 0) => LevelFilter::Warn,
        (false, 1) => LevelFilter::Info,
        (false, 2) => LevelFilter::Debug,
        (false, _) => LevelFilter::Trace,
    }
}

fn name(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warn => "warning",
        Level::Info => "info",
        Level::Debug => "debug",
        Level::Trace => "trace",
    }
}
