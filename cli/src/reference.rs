//! What is made of the definition of the command line: completions for shells, and manual pages.

use std::io::{self, Write};

use crate::arguments::{Completions, Detail, Man, command};
use crate::exit::Outcome;

/// Prints what a shell needs to complete our command lines.
pub(crate) fn completions(completions: &Completions) -> Outcome {
    let mut command = command(Detail::Full);
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(completions.shell, &mut command, name, &mut script);
    print(&script)
}

/// Prints the manual page, or writes all of them into a folder.
pub(crate) fn man(man: &Man) -> Outcome {
    let command = command(Detail::Full);
    if let Some(folder) = &man.folder {
        return match clap_mangen::generate_to(command, folder) {
            Ok(()) => Outcome::Done,
            Err(error) => {
                Outcome::failed(format!("cannot write manual pages into {}", folder.display()), error)
            }
        };
    }
    let mut page = Vec::new();
    match clap_mangen::Man::new(command).render(&mut page) {
        Ok(()) => print(&page),
        Err(error) => Outcome::failed("cannot make the manual page", error),
    }
}

fn print(text: &[u8]) -> Outcome {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text).and_then(|()| stdout.flush()) {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::of_output(&error),
    }
}
