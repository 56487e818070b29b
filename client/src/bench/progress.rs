//! Progress of a phase: a line at the terminal, and the detection of a stalled server.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::bench::error::BenchError;
use crate::bench::phase::Phase;
use crate::bench::report::format_count;

/// Shows the progress of a phase, and fails if there is none for too long.
pub(super) struct Progress<'a> {
    phase: &'a Phase,
    /// The longest time without any reply.
    limit: Option<Duration>,
    bar: ProgressBar,
    /// The last count of replies, and the time of its last change.
    seen: (u64, Instant),
}

impl<'a> Progress<'a> {
    pub(super) fn new(name: &'static str, phase: &'a Phase, limit: Option<Duration>) -> Self {
        let style = ProgressStyle::with_template("{prefix} {elapsed:>4}  {msg}");
        // It draws nothing if standard error is not a terminal.
        let bar = ProgressBar::new_spinner()
            .with_style(style.expect("a valid template"))
            .with_prefix(name);
        Self {
            phase,
            limit,
            bar,
            seen: (0, Instant::now()),
        }
    }

    /// Updates the line.
    ///
    /// # Errors
    /// [`BenchError::Stalled`] if no reply has arrived for too long, while `waiting`
    /// connections have messages in flight.
    pub(super) fn update(&mut self, waiting: usize) -> Result<(), BenchError> {
        let (answered, now) = (self.phase.answered(), Instant::now());
        let (before, at) = self.seen;
        if answered > before {
            let rate = (answered - before) as f64 / (now - at).as_secs_f64();
            let rate = format_count(rate);
            self.bar
                .set_message(format!("{answered} answered, {rate} a second"));
            self.seen = (answered, now);
        } else if let Some(limit) = self.limit.filter(|limit| now - at > *limit) {
            return Err(BenchError::Stalled {
                limit,
                answered,
                waiting,
            });
        }
        self.bar.tick();
        Ok(())
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
