//! Options of the recording and the live feed.

use std::path::PathBuf;

use clap::Args;
use net::units::{Size, number};

#[derive(Debug, Args)]
#[command(next_help_heading = "Recording and live feed")]
pub(crate) struct ObserveArgs {
    /// Enable the live feed: the page shows all clients and their messages
    ///
    /// Clients of the bridge and of the echo service. Programs get the live feed at /api/monitor,
    /// as server-sent events. Everyone who may open the page can then see the messages of
    /// others.
    #[arg(
        long,
        value_name = "BOOL",
        env = "FRAMEGATE_MONITOR",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        default_value = "false"
    )]
    pub(crate) monitor: bool,

    /// Record all sessions to FILE: append their messages, a JSON object per line
    ///
    /// With the time of each message, and when sessions open and close; clients of the echo
    /// service are not recorded. Recording never blocks the bridge: if the disk is too slow,
    /// messages are dropped, and counted in the file and in /metrics. Only the owner can read the
    /// file. SIGHUP reopens it.
    #[arg(long, value_name = "FILE", env = "FRAMEGATE_RECORD")]
    pub(crate) record: Option<PathBuf>,

    /// The size at which the recording is rotated; 0 disables rotation
    ///
    /// FILE is renamed to FILE.1, FILE.1 to FILE.2, and so on. A session may continue in the next
    /// file.
    #[arg(
        long,
        value_name = "SIZE",
        env = "FRAMEGATE_RECORD_MAX_SIZE",
        default_value = "100MiB"
    )]
    pub(crate) record_max_size: Size,

    /// The number of rotated files to keep
    ///
    /// With the defaults, all files together stay below 1 GiB.
    #[arg(
        long,
        value_name = "N",
        env = "FRAMEGATE_RECORD_KEEP",
        default_value = "9",
        value_parser = number::<usize>
    )]
    pub(crate) record_keep: usize,
}
