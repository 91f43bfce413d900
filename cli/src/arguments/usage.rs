//! Command lines that the parser takes and that make no sense all the same, and clearer words for some it does not take.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};

use super::{Arguments, Command, Role, Sending};

/// The command line of this process.
pub(crate) fn parse() -> Result<Arguments, clap::Error> {
    parse_from(&std::env::args_os().collect::<Vec<_>>())
}

fn parse_from(words: &[OsString]) -> Result<Arguments, clap::Error> {
    let arguments = Arguments::try_parse_from(words).map_err(|error| explain(error, words))?;
    match nonsense(&arguments.command) {
        Some(why) => Err(complaint(words, ErrorKind::ArgumentConflict, why)),
        None => Ok(arguments),
    }
}

/// What makes no sense about this command, if anything.
fn nonsense(command: &Command) -> Option<&'static str> {
    match command {
        Command::Role(role) => nonsense_of_role(role),
        Command::Device(device) => device.nonsense(),
        Command::Perf(perf) => perf.nonsense(),
        Command::Completions(_) | Command::Man(_) => None,
    }
}

fn nonsense_of_role(role: &Role) -> Option<&'static str> {
    let sending = match role {
        Role::Pub(sender) | Role::Push(sender) => &sender.sending,
        Role::Req(req) => &req.asker.sending,
        Role::Surveyor(surveyor) => &surveyor.asker.sending,
        Role::Pair(pair) => &pair.talker.sending,
        Role::Bus(bus) => &bus.talker.sending,
        Role::Rep(_) | Role::Respondent(_) | Role::Sub(_) | Role::Pull(_) => return None,
    };
    if repeats_nothing(sending) {
        return Some("--interval sends the message of --data or --file again: one of them is needed");
    }
    match role {
        Role::Pair(pair) if pair.ttl.is_some() && !pair.version_1 => {
            Some("--ttl needs --pair-v1: version 0 of PAIR counts no hops")
        }
        Role::Pair(pair) if pair.talker.sending.wait_peers > 1 => {
            Some("--wait-peers cannot be more than 1: a pair has one peer at a time")
        }
        _ => None,
    }
}

fn repeats_nothing(sending: &Sending) -> bool {
    sending.interval.is_some() && sending.content.data.is_none() && sending.content.file.is_none()
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
    let why = format!("{option} makes no sense for {role}: it is for {}", others.join(", "));
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
    named(&mut Arguments::command(), parents)
        .get_subcommands()
        .filter(|role| role.get_arguments().any(names))
        .map(|role| role.get_name().to_owned())
        .collect()
}

/// What the command line names: a role, or `perf` and one of its roles.
fn path(words: &[OsString]) -> Vec<String> {
    let mut command = &Arguments::command();
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
    let mut command = Arguments::command();
    command.build();
    named(&mut command, &path(words)).error(kind, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Arguments, String> {
        parse_from(&line.split(' ').map(OsString::from).collect::<Vec<_>>())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_definition_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn an_option_of_another_role_is_explained() {
        let why = parsed("hubless push --dial tcp://h:1 --subscribe x").unwrap_err();
        assert!(why.contains("--subscribe makes no sense for push: it is for sub"), "{why}");
        let why = parsed("hubless pull -d x --dial tcp://h:1").unwrap_err();
        assert!(why.contains("-d makes no sense for pull: it is for req, rep,"), "{why}");
        let why = parsed("hubless pub --dial tcp://h:1 --format=hex").unwrap_err();
        assert!(why.contains("--format makes no sense for pub: it is for req"), "{why}");
    }

    #[test]
    fn an_interval_needs_a_message() {
        let why = parsed("hubless push --dial tcp://h:1 -i 1").unwrap_err();
        assert!(why.contains("one of them is needed"), "{why}");
        assert!(parsed("hubless push --dial tcp://h:1 -i 1 -d x").is_ok());
        assert!(parsed("hubless push --dial tcp://h:1 -i 1 -f x").is_ok());
    }

    #[test]
    fn some_address_is_needed() {
        let why = parsed("hubless pull").unwrap_err();
        assert!(why.contains("--listen <URL>") && why.contains("--dial <URL>"), "{why}");
        assert!(parsed("hubless pull --listen a --listen b --dial c --dial d").is_ok());
    }

    #[test]
    fn a_device_needs_a_front_and_most_need_a_back() {
        for kind in ["forwarder", "queue", "streamer", "survey"] {
            let why = parsed(&format!("hubless device {kind} --front-listen a")).unwrap_err();
            assert!(why.contains("--back-listen or --back-dial is needed"), "{why}");
            let why = parsed(&format!("hubless device {kind} --back-listen a")).unwrap_err();
            assert!(why.contains("--front-listen <URL>"), "{why}");
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
        assert!(why.contains("--ttl makes no sense for bus: it is for queue, survey, pair"), "{why}");
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
