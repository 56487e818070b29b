//! A guard that restores the terminal.

use std::io::{self, Write};

#[cfg(unix)]
use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};

/// Restores the terminal's settings when it is dropped, and clears the line that is being
/// typed: the thread that edits it blocks, and cannot do so itself.
pub(super) struct TerminalGuard {
    #[cfg(unix)]
    settings: Option<Termios>,
}

impl TerminalGuard {
    pub(super) fn new() -> Self {
        Self {
            #[cfg(unix)]
            settings: tcgetattr(io::stdin()).ok(),
        }
    }
}

impl Drop for TerminalGuard {
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
