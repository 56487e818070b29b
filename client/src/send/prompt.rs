//! Messages typed at a terminal, and replies shown beside them.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::PathBuf;

use etcetera::BaseStrategy;
use rustyline::error::ReadlineError;
use rustyline::{Config, DefaultEditor, ExternalPrinter};

use crate::send::input::{Input, InputError};
use crate::send::terminal::Restore;

/// Whether there is somebody who types, and sees what comes.
pub(super) fn is_wanted() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Prints above the line that is being typed. The terminal is as it was once this is
/// dropped, also in the middle of a line.
pub(super) struct Printer {
    printer: Box<dyn ExternalPrinter + Send>,
    _restores: Restore,
}

/// Asks for messages, one a line.
pub(super) fn start() -> Result<(Input, Printer), InputError> {
    let restore = Restore::new();
    // What is pasted is lines like those that are typed.
    let config = Config::builder()
        .auto_add_history(true)
        .history_ignore_space(true)
        .bracketed_paste(false)
        .build();
    let mut editor = DefaultEditor::with_config(config).map_err(failed)?;
    let printer = Printer {
        printer: Box::new(editor.create_external_printer().map_err(failed)?),
        _restores: restore,
    };
    let history = history();
    // There is none at first.
    let _ = history.as_ref().map(|path| editor.load_history(path));
    let input = Input::awaited(move |sender| {
        loop {
            let message = match editor.readline("> ") {
                Ok(line) => {
                    // A message goes out, whether it can be remembered or not.
                    let _ = history.as_ref().map(|path| editor.append_history(path));
                    Ok(line.into())
                }
                Err(ReadlineError::Interrupted) => continue,
                Err(ReadlineError::Eof) => return,
                Err(error) => Err(failed(error)),
            };
            if sender.blocking_send(message).is_err() {
                return;
            }
        }
    });
    Ok((input, printer))
}

impl Printer {
    pub(super) fn print(&mut self, line: &[u8]) -> io::Result<()> {
        let line = String::from_utf8_lossy(line).into_owned();
        self.printer.print(line).map_err(io::Error::other)
    }
}

/// Where earlier messages are kept (XDG Base Directory Specification).
fn history() -> Option<PathBuf> {
    let folder = etcetera::choose_base_strategy().ok()?.state_dir()?;
    let folder = folder.join("framegate");
    fs::create_dir_all(&folder).ok()?;
    Some(folder.join("history"))
}

fn failed(error: ReadlineError) -> InputError {
    let source = match error {
        ReadlineError::Io(error) => error,
        error => io::Error::other(error),
    };
    InputError::new("the terminal", source)
}
