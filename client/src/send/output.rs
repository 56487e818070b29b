//! Replies, printed.

use std::io::{self, IsTerminal, Write};

use data_encoding::HEXLOWER;

use crate::escape::{Controls, escaped};
use crate::send::args::Format;
use crate::send::error::SendError;
use crate::send::prompt::Printer;

/// Where replies go, and how they look.
pub(super) struct Output {
    format: Format,
    controls: Controls,
    /// What keeps them apart from a line that is being typed.
    printer: Option<Printer>,
}

impl Output {
    pub(super) fn new(format: Format, printer: Option<Printer>) -> Self {
        // A service does not get to steer a terminal.
        let controls = match io::stdout().is_terminal() {
            true => Controls::Escaped,
            false => Controls::AsTheyAre,
        };
        Self {
            format,
            controls,
            printer,
        }
    }

    /// Prints a reply at once.
    pub(super) fn show(&mut self, reply: &[u8]) -> io::Result<()> {
        let line = match self.format {
            Format::Raw => reply.to_vec(),
            Format::Hex => (HEXLOWER.encode(reply) + "\n").into_bytes(),
            Format::Text => (escaped(reply, self.controls) + "\n").into_bytes(),
        };
        self.print(&line)
    }

    /// Tells whoever types of a mistake.
    pub(super) fn tell(&mut self, error: &SendError) -> io::Result<()> {
        self.print(format!("{error}\n").as_bytes())
    }

    fn print(&mut self, line: &[u8]) -> io::Result<()> {
        if let Some(printer) = &mut self.printer {
            return printer.print(line);
        }
        let mut stdout = io::stdout().lock();
        stdout.write_all(line)?;
        stdout.flush()
    }

    /// Whether somebody types, who can be told of a mistake and go on.
    pub(super) fn is_prompt(&self) -> bool {
        self.printer.is_some()
    }
}
