//! A terminal, left as it was found.

use std::io::{self, Write};

#[cfg(unix)]
use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};

/// Takes a line away that is still being typed when this is dropped, and gives the terminal
/// the settings back that it had: whoever edits the line cannot be told to stop.
pub(super) struct Restore {
    #[cfg(unix)]
    settings: Option<Termios>,
}

impl Restore {
    pub(super) fn new() -> Self {
        Self {
            #[cfg(unix)]
            settings: tcgetattr(io::stdin()).ok(),
        }
    }
}

impl Drop for Restore {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(settings) = &self.settings {
            let _ = tcsetattr(io::stdin(), SetArg::TCSANOW, settings);
        }
        let mut stdout = io::stdout().lock();
        let _ = stdout.write_all(b"\r\x1b[K");
        let _ = stdout.flush();
    }
}
