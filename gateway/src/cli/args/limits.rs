//! Options of the limits.

use clap::Args;
use net::units::{OptionalDuration, Size, number};

#[derive(Debug, Args)]
#[command(next_help_heading = "Limits (sizes as 64KiB, durations as 30s; 0 disables)")]
pub(crate) struct LimitArgs {
    /// The longest payload that a client may send
    ///
    /// A longer payload is refused as soon as its header announces it, before memory is
    /// allocated: TCP clients are disconnected, WebSocket clients are closed with 1009. This
    /// limit cannot be disabled.
    #[arg(
        long,
        value_name = "SIZE",
        env = "FRAMEGATE_MAX_FRAME",
        default_value = "16MiB"
    )]
    pub(crate) max_frame: Size,

    /// The most open connections, on both listeners together
    ///
    /// Beyond it, HTTP clients get 503, and TCP clients are disconnected. The limit on open files
    /// is raised to match, as far as the system allows. The --admin listener is not counted.
    #[arg(
        long,
        value_name = "N",
        env = "FRAMEGATE_MAX_CONNECTIONS",
        default_value = "10000",
        value_parser = number::<usize>
    )]
    pub(crate) max_connections: usize,

    /// The most open connections from one IP address
    ///
    /// Disabled by default, because all users behind one proxy or NAT share its address. All peers
    /// on Unix sockets are one address, unless --proxy-protocol tells their clients'.
    #[arg(
        long,
        value_name = "N",
        env = "FRAMEGATE_MAX_CONNECTIONS_PER_IP",
        default_value = "0",
        value_parser = number::<usize>
    )]
    pub(crate) max_connections_per_ip: usize,

    /// Idle timeout: the longest time without a sign of life from a peer [default: 5m, or twice
    /// --ping-interval if that is more]
    ///
    /// Also the longest time without progress in the middle of a frame, or in writing to a peer.
    /// WebSocket clients stay connected by answering keep-alive pings; clients of the echo service
    /// have to send something, or to take replies. Upstreams may be idle.
    #[arg(long, value_name = "DURATION", env = "FRAMEGATE_IDLE_TIMEOUT")]
    pub(crate) idle_timeout: Option<OptionalDuration>,

    /// The time without bytes from a WebSocket client before it is sent a keep-alive ping
    /// [default: 20s, or a third of --idle-timeout if that is less]
    ///
    /// Has to be shorter than the idle timeout. Many proxies drop connections that are idle for
    /// a minute.
    #[arg(long, value_name = "DURATION", env = "FRAMEGATE_PING_INTERVAL")]
    pub(crate) ping_interval: Option<OptionalDuration>,

    /// The time that a WebSocket client has to answer a keep-alive ping [default: that of
    /// --ping-interval, but at least 5s]
    ///
    /// It begins anew while the client takes messages, and allows for those that are on their
    /// way.
    #[arg(long, value_name = "DURATION", env = "FRAMEGATE_PING_TIMEOUT")]
    pub(crate) ping_timeout: Option<OptionalDuration>,

    /// The longest time to connect to an upstream
    ///
    /// With the look-up of its name and the TLS handshake. The default allows for two lost SYNs.
    #[arg(
        long,
        value_name = "DURATION",
        env = "FRAMEGATE_CONNECT_TIMEOUT",
        default_value = "5s"
    )]
    pub(crate) connect_timeout: OptionalDuration,

    /// Drain timeout: the longest graceful shutdown after Ctrl-C or SIGTERM
    ///
    /// A drain accepts nothing new, answers messages that have arrived and closes sessions with
    /// 1001; then the remaining connections are cut. Many supervisors kill a process after 30
    /// seconds.
    #[arg(
        long,
        value_name = "DURATION",
        env = "FRAMEGATE_DRAIN_TIMEOUT",
        default_value = "10s"
    )]
    pub(crate) drain_timeout: OptionalDuration,
}
