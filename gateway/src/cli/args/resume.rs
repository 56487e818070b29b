//! Options of resumable sessions.

use clap::Args;
use net::units::{OptionalDuration, Size};

use crate::resume::options::GatewayId;

#[derive(Debug, Args)]
#[command(next_help_heading = "Resumable sessions (subprotocol framegate.1)")]
pub(crate) struct ResumeArgs {
    /// The time that a session waits for a client that lost its connection; 0 disables resumable
    /// sessions
    ///
    /// The upstream's connection stays open, and counts for --max-connections. A client that comes
    /// back in time gets every message once, as if nothing had happened. Most losses are over
    /// within seconds; the default allows for a walk through a tunnel.
    #[arg(
        long,
        value_name = "DURATION",
        env = "FRAMEGATE_RESUME_TIMEOUT",
        default_value = "60s"
    )]
    pub(crate) resume_timeout: OptionalDuration,

    /// The window of a session: the most bytes to a client that it has not acknowledged [default:
    /// 256KiB, or --resume-memory if that is less]
    ///
    /// They are kept in memory, to be sent again. A client that acknowledges none holds the
    /// upstream back: this is backpressure up to the page's code. One longer message is kept all
    /// the same.
    #[arg(long, value_name = "SIZE", env = "FRAMEGATE_RESUME_BUFFER")]
    pub(crate) resume_buffer: Option<Size>,

    /// The most bytes that all detached sessions keep together [default: 64MiB, or
    /// --resume-buffer if that is more]
    ///
    /// Beyond it, the session that lost its client first ends: that client is the least likely to
    /// come back.
    #[arg(long, value_name = "SIZE", env = "FRAMEGATE_RESUME_MEMORY")]
    pub(crate) resume_memory: Option<Size>,

    /// The id of this gateway among several, at the beginning of its sessions' tokens [default: a
    /// random one]
    ///
    /// A load balancer sends a returning client to its gateway by it: letters, digits, - and _, 32
    /// at most.
    #[arg(long, value_name = "ID", env = "FRAMEGATE_GATEWAY_ID")]
    pub(crate) gateway_id: Option<GatewayId>,
}
