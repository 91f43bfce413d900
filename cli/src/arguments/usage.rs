//! Command lines that the parser takes and that make no sense all the same, and clearer words for some it does not take.

use std::borrow::Cow;
use std::ffi::OsString;

use clap::FromArgMatches;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::side::Side;
use super::{Arguments, Command, Detail, Receiving, Role, Sending, Separation, command};
use crate::format::Format;

/// The command line of this process.
pub(crate) fn parse() -> Result<Arguments, clap::Error> {
    parse_from(&std::env::args_os().collect::<Vec<_>>())
}

fn parse_from(words: &[OsString]) -> Result<Arguments, clap::Error> {
    let words = &help_as_an_option(words);
    let parsed = command(detail(words)).try_get_matches_from(words);
    let arguments = parsed.and_then(|matches| Arguments::from_arg_matches(&matches));
    let mut arguments = arguments.map_err(|error| explain(error, words))?;
    if let Some(why) = nonsense(&mut arguments.command) {
        return Err(complaint(words, ErrorKind::ArgumentConflict, why));
    }
    if let Command::Role(role) = &mut arguments.command {
        let side = Side::of_role(role.name());
        role.endpoints().settle(side);
    }
    Ok(arguments)
}

/// The command line, in which `help COMMAND` means `COMMAND --help`.
fn help_as_an_option(words: &[OsString]) -> Vec<OsString> {
    match words {
        [program, help, command @ ..] if help == "help" => {
            [std::slice::from_ref(program), command, &["--help".into()]].concat()
        }
        words => words.to_vec(),
    }
}

/// How much help is wanted, where help is wanted.
fn detail(words: &[OsString]) -> Detail {
    if words.iter().any(|word| word == "--help") { Detail::Full } else { Detail::Brief }
}

/// What makes no sense about this command, if anything.
fn nonsense(command: &mut Command) -> Option<Cow<'static, str>> {
    match command {
        Command::Role(role) => nonsense_of_role(role),
        Command::Device(device) => device.nonsense().map(Cow::Borrowed),
        Command::Perf(perf) => perf.nonsense(),
        Command::Completions(_) | Command::Man(_) => None,
    }
}

fn nonsense_of_role(role: &mut Role) -> Option<Cow<'static, str>> {
    if role.endpoints().is_empty() {
        return Some(no_address(role.name(), Side::of_role(role.name())).into());
    }
    let message = match role {
        Role::Sub(_) | Role::Pull(_) => "",
        _ => ". Is it a message? Give it with --data",
    };
    if let Some(text) = role.endpoints().text() {
        return Some(format!("`{text}` is not an address: it has no scheme, as tcp:// is{message}").into());
    }
    let sending = role.sending().and_then(nonsense_of_sending);
    let receiving =
        role.receiving().and_then(|(receiving, separation)| nonsense_of_receiving(receiving, separation));
    sending.or(receiving).or_else(|| nonsense_of_one(role)).map(Cow::Borrowed)
}

/// No address is given, to a command that does this with one.
pub(super) fn no_address(command: &str, side: Side) -> String {
    match side {
        Side::Listens => {
            format!("an address to listen on is missing, as in `hubless {command} tcp://127.0.0.1:5555`")
        }
        Side::Dials => {
            format!("an address to dial is missing, as in `hubless {command} tcp://127.0.0.1:5555`")
        }
    }
}

fn nonsense_of_sending(sending: &Sending) -> Option<&'static str> {
    (sending.interval.is_some() && sending.content.is_empty())
        .then_some("--interval sends one message again and again: give it with --data or --file")
}

fn nonsense_of_receiving(receiving: &Receiving, separation: &Separation) -> Option<&'static str> {
    match receiving.format {
        Format::Raw | Format::Msgpack if receiving.time => {
            Some("--time needs a format with lines: text, quoted, hex or json")
        }
        Format::Msgpack if separation.delimiter.is_some() => {
            Some("--delimiter does not go with --format msgpack, in which each message has its length")
        }
        _ => None,
    }
}

fn nonsense_of_one(role: &Role) -> Option<&'static str> {
    match role {
        Role::Pair(pair) if pair.hops.ttl.is_some() && !pair.version_1 => {
            Some("--ttl needs --pair-v1: version 0 of PAIR counts no hops")
        }
        Role::Pair(pair) if pair.talker.sending.wait_peers > 1 => {
            Some("--wait-peers cannot be more than 1: a pair has one peer at a time")
        }
        Role::Sub(sub)
            if sub.topic && matches!(sub.receiver.receiving.format, Format::Raw | Format::Msgpack) =>
        {
            Some("--topic needs a format with lines: text, quoted, hex or json")
        }
        _ => None,
    }
}

/// An option that this role lacks and others have: which.
fn explain(error: clap::Error, words: &[OsString]) -> clap::Error {
    let (ErrorKind::UnknownArgument, Some(ContextValue::String(option))) =
        (error.kind(), error.get(ContextKind::InvalidArg))
    else {
        return error;
    };
    let path = path(words);
    let Some((role, parents)) = path.split_last() else { return error };
    let option = option.split(['=', ' ']).next().unwrap_or(option);
    let others = roles_with(option, parents);
    if others.is_empty() {
        return error;
    }
    let why = format!("{role} has no {option}; it is an option of {}", others.join(", "));
    complaint(words, ErrorKind::UnknownArgument, why)
}

/// The roles under these names that have this option.
fn roles_with(option: &str, parents: &[String]) -> Vec<String> {
    let names = |argument: &clap::Arg| {
        argument.get_long().is_some_and(|long| option.strip_prefix("--") == Some(long))
            || argument
                .get_short()
                .is_some_and(|short| option.strip_prefix('-') == Some(short.to_string().as_str()))
    };
    named(&mut command(Detail::Brief), parents)
        .get_subcommands()
        .filter(|role| role.get_arguments().any(names))
        .map(|role| role.get_name().to_owned())
        .collect()
}

/// What the command line names: a role, or `perf` and one of its roles.
fn path(words: &[OsString]) -> Vec<String> {
    let mut command = &command(Detail::Brief);
    let mut path = Vec::new();
    for word in words.iter().skip(1) {
        if let Some(found) = command.find_subcommand(word) {
            path.push(found.get_name().to_owned());
            command = found;
        }
    }
    path
}

/// The command with this path.
fn named<'a>(command: &'a mut clap::Command, path: &[String]) -> &'a mut clap::Command {
    match path.split_first() {
        Some((name, rest)) if command.find_subcommand(name).is_some() => {
            named(command.find_subcommand_mut(name).expect("it was just found"), rest)
        }
        _ => command,
    }
}

/// An error with the usage of the role that the command line names.
fn complaint(words: &[OsString], kind: ErrorKind, why: impl std::fmt::Display) -> clap::Error {
    let mut command = command(Detail::Brief);
    command.build();
    named(&mut command, &path(words)).error(kind, why)
}

#[cfg(test)]
mod tests {
    use super::super::Endpoints;
    use super::*;

    fn parsed(line: &str) -> Result<Arguments, String> {
        parse_from(&line.split(' ').map(OsString::from).collect::<Vec<_>>())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_definition_is_consistent() {
        command(Detail::Brief).debug_assert();
        command(Detail::Full).debug_assert();
    }

    #[test]
    fn an_option_of_another_role_is_explained() {
        let why = parsed("hubless push --dial tcp://h:1 --subscribe x").unwrap_err();
        assert!(why.contains("push has no --subscribe; it is an option of sub"), "{why}");
        let why = parsed("hubless pull -d x --dial tcp://h:1").unwrap_err();
        assert!(why.contains("pull has no -d; it is an option of req, rep,"), "{why}");
        let why = parsed("hubless pub --dial tcp://h:1 --format=hex").unwrap_err();
        assert!(why.contains("pub has no --format; it is an option of req"), "{why}");
    }

    #[test]
    fn an_interval_needs_a_message() {
        let why = parsed("hubless push --dial tcp://h:1 -i 1").unwrap_err();
        assert!(why.contains("give it with --data or --file"), "{why}");
        assert!(parsed("hubless push --dial tcp://h:1 -i 1 -d x").is_ok());
        assert!(parsed("hubless push --dial tcp://h:1 -i 1 -f x").is_ok());
    }

    #[test]
    fn some_address_is_needed() {
        let why = parsed("hubless pull").unwrap_err();
        assert!(why.contains("an address to listen on is missing, as in `hubless pull tcp://"), "{why}");
        let why = parsed("hubless perf push --size 1 --count 1").unwrap_err();
        assert!(why.contains("an address to dial is missing, as in `hubless perf push tcp://"), "{why}");
        assert!(parsed("hubless pull tcp://a tcp://b --listen a --listen b --dial c --dial d").is_ok());
    }

    #[test]
    fn an_address_without_an_option_is_listened_on_or_dialed_as_the_role_does() {
        let sides = |line: &str| {
            let Command::Role(mut role) = parsed(line).unwrap().command else { panic!("{line}") };
            let Endpoints { listen, dial, .. } = role.endpoints();
            (listen.join(" "), dial.join(" "))
        };
        for role in ["rep", "pub", "pull", "surveyor"] {
            let line = format!("hubless {role} tcp://h:1 ipc://x --dial tcp://h:2");
            assert_eq!(sides(&line), ("tcp://h:1 ipc://x".into(), "tcp://h:2".into()));
        }
        for role in ["req", "sub", "push", "respondent", "pair", "bus"] {
            let line = format!("hubless {role} tcp://h:1 tcp://*:1 --listen tcp://h:2");
            assert_eq!(sides(&line), ("tcp://h:2 tcp://*:1".into(), "tcp://h:1".into()));
        }
        assert_eq!(sides("hubless pull --bind a --connect b"), ("a".into(), "b".into()));
    }

    #[test]
    fn a_message_in_the_place_of_an_address_is_explained() {
        let why = parsed("hubless pub tcp://h:1 hello").unwrap_err();
        assert!(why.contains("`hello` is not an address") && why.contains("--data"), "{why}");
    }

    #[test]
    fn what_cannot_be_printed_in_a_format_is_refused() {
        assert!(parsed("hubless pull tcp://h:1 --format raw -t").is_err());
        assert!(parsed("hubless pull tcp://h:1 --format msgpack --delimiter x").is_err());
        assert!(parsed("hubless pull tcp://h:1 --format raw --delimiter x").is_ok());
        assert!(parsed("hubless sub tcp://h:1 -s x --topic --format raw").is_err());
        assert!(parsed("hubless sub tcp://h:1 --topic").is_err());
    }

    #[test]
    fn help_stands_before_a_command_or_behind_it() {
        for command in ["", " sub", " device queue", " perf push"] {
            let behind = parsed(&format!("hubless{command} --help")).unwrap_err();
            assert_eq!(parsed(&format!("hubless help{command}")).unwrap_err(), behind);
            assert!(behind.contains("Usage:"), "{behind}");
        }
    }

    #[test]
    fn a_command_is_an_answer_of_its_own() {
        assert!(parsed("hubless rep tcp://h:1 -e cat -d x").is_err());
        assert!(parsed("hubless rep tcp://h:1 -e cat -j 2 --exec-timeout 1").is_ok());
        assert!(parsed("hubless rep tcp://h:1 -j 2").is_err());
        assert!(parsed("hubless req tcp://h:1 -e cat").is_err());
    }

    #[test]
    fn a_device_needs_a_front_and_most_need_a_back() {
        for kind in ["forwarder", "queue", "streamer", "survey"] {
            let why = parsed(&format!("hubless device {kind} --front-listen a")).unwrap_err();
            assert!(why.contains("the back has no address: give --back-listen or --back-dial"), "{why}");
            let why = parsed(&format!("hubless device {kind} --back-listen a")).unwrap_err();
            assert!(why.contains("the front has no address: give --front-listen or --front-dial"), "{why}");
            assert!(
                parsed(&format!("hubless device {kind} --front-dial a --front-dial b --back-dial c")).is_ok()
            );
        }
        for kind in ["pair", "bus"] {
            assert!(parsed(&format!("hubless device {kind} --front-listen a")).is_ok());
            assert!(parsed(&format!("hubless device {kind} --front-listen a --back-dial c")).is_ok());
            assert!(parsed(&format!("hubless device {kind} --back-listen a")).is_err());
        }
        assert!(parsed("hubless device pair --front-listen a --ttl 3").is_err());
        assert!(parsed("hubless device pair --front-listen a --ttl 3 --pair-v1").is_ok());
        let why = parsed("hubless device bus --front-listen a --ttl 3").unwrap_err();
        assert!(why.contains("bus has no --ttl; it is an option of queue, survey, pair"), "{why}");
    }

    #[test]
    fn the_message_may_begin_with_a_hyphen() {
        assert!(parsed("hubless push --dial tcp://h:1 -d -5").is_ok());
        assert!(parsed("hubless push --dial tcp://h:1 --data --what").is_ok());
    }

    #[test]
    fn a_pair_counts_hops_in_version_1_only() {
        assert!(parsed("hubless pair --dial tcp://h:1 --ttl 3").is_err());
        assert!(parsed("hubless pair --dial tcp://h:1 --ttl 3 --pair-v1").is_ok());
        assert!(parsed("hubless pair --dial tcp://h:1 --ttl 16 --pair-v1").is_err());
        assert!(parsed("hubless pair --dial tcp://h:1 --wait-peers 2").is_err());
    }

    #[test]
    fn verbosity_stands_before_or_after_the_role() {
        assert_eq!(parsed("hubless -vv pull --listen a").unwrap().verbosity.verbose, 2);
        assert_eq!(parsed("hubless pull --listen a -vv").unwrap().verbosity.verbose, 2);
        assert!(parsed("hubless pull --listen a -v -q").is_err());
    }
}
