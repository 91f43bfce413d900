// Where the chapters' links lead in this reference. The first definition of a link counts, and each file ends with those for a
// repository's page.
#![doc = include_str!("links.md")]
#![doc = include_str!("../../docs/guide/README.md")]

#[allow(unused_imports, reason = "so that the chapters can name what they write about")]
use crate::*;

/// A chapter, with the program that shows it. That is compiled as the example it is, and not once more as a test of the documentation. One
/// that needs more than the library is an example of the package `hubless-examples`.
macro_rules! chapter {
    ($name:ident, $text:literal $(, $program:literal)?) => {
        chapter!($name, $text, in "" $(, $program)?);
    };
    ($name:ident, $text:literal, in $package:literal $(, $program:literal)?) => {
        #[doc = include_str!("links.md")]
        #[doc = include_str!(concat!("../../docs/guide/", $text, ".md"))]
        $(
            #[doc = concat!(
                "\n## The program\n\n`examples/", $program, ".rs`, as `cargo run ", $package, "--example ", $program,
                "` runs it:\n"
            )]
            #[cfg_attr(not(doctest), doc = concat!("```rust\n", include_str!(concat!("../../examples/", $program, ".rs")), "\n```"))]
        )?
        pub mod $name {}
    };
}

chapter!(patterns, "patterns");
chapter!(guarantees, "guarantees");
chapter!(service, "service", in "-p hubless-examples ", "service");
chapter!(structured_messages, "structured_messages", in "-p hubless-examples ", "structured");
chapter!(waiting, "waiting", "event_loop");
chapter!(endpoints, "endpoints");
chapter!(processes, "processes");
chapter!(retrying_clients, "retrying_clients", "retry");
chapter!(heartbeats, "heartbeats", "heartbeat");
chapter!(last_value, "last_value", "last_value");
chapter!(acknowledged_work, "acknowledged_work", "acknowledged");
chapter!(broker, "broker", "broker");
chapter!(brokered_pub_sub, "brokered_pub_sub", "relay");
chapter!(other_languages, "other_languages");
chapter!(before_and_after, "before_and_after");
chapter!(coming_from, "coming_from");
chapter!(deploying, "deploying");
chapter!(transports, "transports", "own_transport");
chapter!(tuning, "tuning");
chapter!(troubleshooting, "troubleshooting");
