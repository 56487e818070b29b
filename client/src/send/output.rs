//! Printing of replies.

use std::io::{self, IsTerminal};
use std::time::Duration;

use data_encoding::HEXLOWER;

use crate::decode::Decode;
use crate::escape::{Controls, escaped};
use crate::output::{OutputError, note, print};
use crate::send::args::{Format, SendArgs};
use crate::send::error::SendError;
use crate::send::prompt::Printer;

/// Prints replies to standard output, or above the prompt.
pub(super) struct Output {
    format: Format,
    decode: Option<Decode>,
    /// The longest message when it is unpacked.
    max_len: usize,
    is_verbose: bool,
    controls: Controls,
    /// The printer of the prompt, if there is one.
    printer: Option<Printer>,
}

impl Output {
    pub(super) fn new(args: &SendArgs, printer: Option<Printer>) -> Self {
        // A service must not control the terminal.
        let controls = match io::stdout().is_terminal() {
            true => Controls::Escaped,
            false => Controls::Kept,
        };
        Self {
            format: args.output,
            decode: args.decode.clone(),
            max_len: args.max_frame.0,
            is_verbose: args.verbose,
            controls,
            printer,
        }
    }

    /// Prints a reply, and flushes it.
    pub(super) fn print_reply(&mut self, reply: &[u8]) -> Result<(), OutputError> {
        if let Some(decode) = &self.decode {
            let lines = decode.lines(reply, self.max_len);
            return self.print(lines.as_bytes());
        }
        let line = match self.format {
            Format::Raw if self.controls == Controls::Kept => reply.to_vec(),
            Format::Raw => escaped(reply, self.controls).into_bytes(),
            Format::Hex => (HEXLOWER.encode(reply) + "\n").into_bytes(),
            Format::Text => (escaped(reply, self.controls) + "\n").into_bytes(),
        };
        self.print(&line)
    }

    /// Prints the service's time for a reply, if that was asked for and is known.
    pub(super) fn note_service_time(&mut self, time: Option<Duration>) -> Result<(), OutputError> {
        match time.filter(|_| self.is_verbose) {
            Some(time) => self.note(format!("service {:.2} ms", time.as_secs_f64() * 1e3)),
            None => Ok(()),
        }
    }

    /// Prints a note: above the prompt, or to standard error.
    pub(super) fn note(&mut self, text: String) -> Result<(), OutputError> {
        match &mut self.printer {
            Some(printer) => Ok(printer.print((text + "\n").as_bytes())?),
            None => {
                note(text);
                Ok(())
            }
        }
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
