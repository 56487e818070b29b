//! Printing of replies.

use std::io::{self, IsTerminal};

use data_encoding::HEXLOWER;

use crate::escape::{Controls, escaped};
use crate::output::{OutputError, print};
use crate::send::args::Format;
use crate::send::error::SendError;
use crate::send::prompt::Printer;

/// Prints replies to standard output, or above the prompt.
pub(super) struct Output {
    format: Format,
    controls: Controls,
    /// The printer of the prompt, if there is one.
    printer: Option<Printer>,
}

impl Output {
    pub(super) fn new(format: Format, printer: Option<Printer>) -> Self {
        // A service must not control the terminal.
        let controls = match io::stdout().is_terminal() {
            true => Controls::Escaped,
            false => Controls::Kept,
        };
        Self {
            format,
            controls,
            printer,
        }
    }

    /// Prints a reply, and flushes it.
    pub(super) fn print_reply(&mut self, reply: &[u8]) -> Result<(), OutputError> {
        let line = match self.format {
            Format::Raw if self.controls == Controls::Kept => reply.to_vec(),
            Format::Raw => escaped(reply, self.controls).into_bytes(),
            Format::Hex => (HEXLOWER.encode(reply) + "\n").into_bytes(),
            Format::Text => (escaped(reply, self.controls) + "\n").into_bytes(),
        };
        self.print(&line)
    }

    /// Prints the error of a typed message.
    pub(super) fn report(&mut self, error: &SendError) -> Result<(), OutputError> {
        let text = error.to_string();
        self.print((escaped(text.as_bytes(), Controls::OneLine) + "\n").as_bytes())
    }

    fn print(&mut self, line: &[u8]) -> Result<(), OutputError> {
        match &mut self.printer {
            Some(printer) => Ok(printer.print(line)?),
            None => print(line),
        }
    }

    /// Returns true if messages are typed at a prompt, where the user can correct them.
    pub(super) fn is_interactive(&self) -> bool {
        self.printer.is_some()
    }
}
