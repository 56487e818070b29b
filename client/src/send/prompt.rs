//! A prompt: messages are typed at a terminal, and replies are printed above the line.

use std::fs;
use std::io::{self, IsTerminal};
use std::iter;
use std::path::PathBuf;

use etcetera::BaseStrategy;
use rustyline::error::ReadlineError;
use rustyline::{Config, DefaultEditor, ExternalPrinter};

use crate::read::ReadError;
use crate::send::input::Input;
use crate::send::terminal::TerminalGuard;

/// Returns true if standard input and output are a terminal.
pub(super) fn is_interactive() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Prints above the line that is being typed. Dropping it restores the terminal, even while
/// a line is edited.
pub(super) struct Printer {
    printer: Box<dyn ExternalPrinter + Send>,
    _guard: TerminalGuard,
}

/// Starts the prompt, in which each line is a message.
pub(super) fn start() -> Result<(Input, Printer), ReadError> {
    let guard = TerminalGuard::new();
    // Each pasted line is a message, too.
    let config = Config::builder()
        .auto_add_history(true)
        .history_ignore_space(true)
        .bracketed_paste(false)
        .build();
    let mut editor = DefaultEditor::with_config(config).map_err(failed)?;
    let printer = Printer {
        printer: Box::new(editor.create_external_printer().map_err(failed)?),
        _guard: guard,
    };
    let history = history();
    // The first time, there is no history file.
    let _ = history.as_ref().map(|path| editor.load_history(path));
    let input = Input::from_thread(iter::from_fn(move || {
        loop {
            return match editor.readline("> ") {
                Ok(line) => {
                    // The message is sent even if the history cannot be written.
                    let _ = history.as_ref().map(|path| editor.append_history(path));
                    Some(Ok(line.into()))
                }
                Err(ReadlineError::Interrupted) => continue,
                Err(ReadlineError::Eof) => None,
                Err(error) => Some(Err(failed(error))),
            };
        }
    }));
    Ok((input, printer))
}

impl Printer {
    pub(super) fn print(&mut self, line: &[u8]) -> io::Result<()> {
        let line = String::from_utf8_lossy(line).into_owned();
        self.printer.print(line).map_err(io::Error::other)
    }
}

/// Returns the path of the history file (XDG Base Directory Specification), in a folder that
/// exists.
fn history() -> Option<PathBuf> {
    let folder = etcetera::choose_base_strategy().ok()?.state_dir()?;
    let folder = folder.join("framegate");
    fs::create_dir_all(&folder).ok()?;
    Some(folder.join("history"))
}

fn failed(error: ReadlineError) -> ReadError {
    let source = match error {
        ReadlineError::Io(error) => error,
        error => io::Error::other(error),
    };
    ReadError::new("the terminal", source)
}
