//! TCP keep-alive, and the other socket options by which a vanished peer is noticed.

use std::io;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

/// Silence before the first keep-alive probe, by default.
const PROBE_AFTER: Duration = Duration::from_secs(20);

/// Shortest time between two probes: the system counts in seconds.
const MIN_PROBE_INTERVAL: Duration = Duration::from_secs(1);

/// Longest time between two probes, in seconds: Linux takes no more (`MAX_TCP_KEEPIDLE`).
const MAX_PROBE_INTERVAL: Duration = Duration::from_secs(32_767);

/// Longest user timeout: Linux has its milliseconds in 31 bits.
#[cfg(any(target_os = "android", target_os = "linux"))]
const MAX_USER_TIMEOUT: Duration = Duration::from_millis(i32::MAX as u64);

/// Bytes that the kernel may hold without having sent them.
///
/// A slow peer then lets a writer go on every 128 KiB, and its progress is seen. The kernel's
/// own buffer of up to 4 MiB lets it go on every 1.3 MiB, which takes a peer at 300 kB/s longer
/// than short time limits.
#[cfg(any(target_os = "android", target_os = "linux"))]
const UNSENT: u32 = 256 * 1024;

/// Socket options for half-open connections: the kernel ends a connection whose peer vanished.
///
/// Keep-alive probes find it while nothing is sent (RFC 9293, section 3.8.4), the user timeout
/// while sent bytes are not acknowledged (RFC 5482).
#[derive(Debug, Clone, Copy)]
pub struct KeepAlive {
    /// Silence before a probe, and between two probes.
    pub probe_after: Duration,
    /// Time after which unacknowledged bytes or probes end the connection. The system's limits
    /// hold without one: 9 probes, and about 15 minutes for sent bytes.
    pub user_timeout: Option<Duration>,
}

impl Default for KeepAlive {
    fn default() -> Self {
        Self {
            probe_after: PROBE_AFTER,
            user_timeout: None,
        }
    }
}

impl KeepAlive {
    /// Sets the options of `stream`; times beyond the system's limits are cut to these.
    ///
    /// # Errors
    /// The system's.
    pub fn set(&self, stream: &TcpStream) -> io::Result<()> {
        let socket = SockRef::from(stream);
        let probe_after = self
            .probe_after
            .clamp(MIN_PROBE_INTERVAL, MAX_PROBE_INTERVAL);
        let probes = TcpKeepalive::new().with_time(probe_after);
        #[cfg(not(any(target_os = "openbsd", target_os = "haiku")))]
        let probes = probes.with_interval(probe_after);
        socket.set_tcp_keepalive(&probes)?;
        #[cfg(any(target_os = "android", target_os = "linux"))]
        {
            let user_timeout = self.user_timeout.map(|it| it.min(MAX_USER_TIMEOUT));
            socket.set_tcp_user_timeout(user_timeout)?;
            socket.set_tcp_notsent_lowat(UNSENT)?;
        }
        Ok(())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn socket_has_the_options_that_find_a_vanished_peer() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let stream = TcpStream::connect(addr).await.unwrap();
        let keep_alive = KeepAlive {
            probe_after: Duration::from_secs(7),
            user_timeout: Some(Duration::from_secs(9)),
        };
        keep_alive.set(&stream).unwrap();
        let socket = SockRef::from(&stream);
        assert!(socket.keepalive().unwrap());
        assert_eq!(socket.tcp_keepalive_time().unwrap(), keep_alive.probe_after);
        let interval = socket.tcp_keepalive_interval().unwrap();
        assert_eq!(interval, keep_alive.probe_after);
        let user_timeout = socket.tcp_user_timeout().unwrap();
        assert_eq!(user_timeout, keep_alive.user_timeout);
    }
}
