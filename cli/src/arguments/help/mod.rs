//! The definition of the command line with its help: the usual options on one small screen for `-h`, all of it for `--help`.

mod notes;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Arg, CommandFactory};

use super::Arguments;
use super::side::Side;

/// Of the help and of what the parser says, on a terminal.
const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// How much the help tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// The usual options.
    Brief,
    /// All options by groups, notes and examples.
    Full,
}

/// The definition of the command line.
pub(crate) fn command(detail: Detail) -> clap::Command {
    tell(Arguments::command().styles(STYLES), &[], detail)
}

/// The command with this path, and those below it, with their help.
fn tell(command: clap::Command, above: &[String], detail: Detail) -> clap::Command {
    let name = command.get_name().to_owned();
    let path = [above, std::slice::from_ref(&name)].concat();
    let line = path.join(" ");
    let mut place = 0;
    let command = command.mut_args(|argument| {
        place += 10;
        let place = match argument.get_id().as_str() {
            // Behind the three arguments of the addresses, though it is declared after what pull has, too.
            "subscribe" => 35,
            // Every command has these; they come last.
            "quiet" | "verbose" | "help" | "version" => 1000 + place,
            _ => place,
        };
        tell_argument(argument, &line, detail).display_order(place)
    });
    let command = match detail {
        Detail::Full => command.after_help(notes::of(&line)),
        Detail::Brief => command.after_help(format!("`{line} --help` has more options, notes and examples.")),
    };
    let takes = |id: &str| command.get_arguments().any(|argument| argument.get_id() == id);
    let addresses = [("url", "URL"), ("urls", "URL...")].into_iter().find(|(id, _)| takes(id));
    let command = match addresses {
        Some((_, addresses)) => command.override_usage(format!("{line} [OPTIONS] {addresses}")),
        None => command,
    };
    command.mut_subcommands(|below| {
        let unusual = ["completions", "man"].contains(&below.get_name());
        tell(below, &path, detail).hide(unusual && detail == Detail::Brief)
    })
}

fn tell_argument(argument: Arg, command: &str, detail: Detail) -> Arg {
    let argument = match argument.get_id().as_str() {
        "url" | "urls" => {
            argument.help(match Side::of_role(command.rsplit(' ').next().unwrap_or_default()) {
                Side::Listens => "Listen on this address",
                Side::Dials => "Dial this address, or listen if it is * or port 0",
            })
        }
        "count" => match notes::of_count(command) {
            Some(help) => argument.help(help),
            None => argument,
        },
        _ => argument,
    };
    match detail {
        Detail::Full => argument.hide_short_help(false),
        Detail::Brief => {
            let unusual = argument.is_hide_short_help_set() || argument.is_hide_set();
            argument.hide_short_help(false).hide(unusual).help_heading("Options")
        }
    }
}
