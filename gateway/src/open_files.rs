//! The limit on open files (`RLIMIT_NOFILE`), raised to match the limit on connections.

use net::error_text::io_error_text;
use tracing::{info, warn};

/// Sockets of a session with the gateway's own echo service; other sessions have two.
const SOCKETS_PER_SESSION: u64 = 3;

/// An allowance for all other open files.
const OTHER_FILES: u64 = 100;

/// Raises the limit on open files as far as `max_connections` needs and the system allows.
pub(crate) fn raise_open_files(max_connections: Option<usize>) {
    let Some(max) = max_connections else {
        return;
    };
    let wanted = (max as u64)
        .saturating_mul(SOCKETS_PER_SESSION)
        .saturating_add(OTHER_FILES);
    match rlimit::increase_nofile_limit(wanted) {
        Ok(granted) if granted < wanted => {
            let sessions = granted.saturating_sub(OTHER_FILES) / SOCKETS_PER_SESSION;
            info!("the system's limit of {granted} open files is enough for {sessions} sessions");
        }
        Ok(_) => {}
        Err(error) => {
            let error = io_error_text(&error);
            warn!(error, "cannot raise the limit on open files");
        }
    }
}
