//! The results of all sessions of a replay.

use std::collections::VecDeque;
use std::rc::Rc;

use tokio::task::JoinHandle;

use crate::output::print_report;
use crate::replay::error::ReplayError;
use crate::replay::player::SessionResult;
use crate::replay::script::RecordedSession;

/// A session that is being played.
pub(super) type RunningSession = (Rc<RecordedSession>, JoinHandle<SessionResult>);

/// Counts over all sessions.
#[derive(Default)]
pub(super) struct Summary {
    sessions: u64,
    sent: u64,
    replies: u64,
    matching: u64,
    pub(super) differences: u64,
}

impl Summary {
    /// Waits for `sessions` to end, and prints their differences.
    pub(super) async fn add_all(
        &mut self,
        sessions: VecDeque<RunningSession>,
    ) -> Result<(), ReplayError> {
        for (session, playing) in sessions {
            let result = playing.await.expect("a player does not panic");
            self.sessions += 1;
            self.sent += result.sent;
            self.replies += session.replies();
            self.matching += result.matching;
            self.differences += result.differences.len() as u64;
            for difference in &result.differences {
                print_report(&format!("{difference}\n"))?;
            }
        }
        Ok(())
    }

    /// Prints the counts of sessions and messages.
    pub(super) fn print(&self) -> Result<(), ReplayError> {
        print_report(&format!(
            "sessions {}, messages sent {}, replies as recorded {} of {}\n",
            self.sessions, self.sent, self.matching, self.replies
        ))?;
        Ok(())
    }
}
