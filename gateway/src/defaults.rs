//! Derived defaults: those that follow another option.
//!
//! Such an option has no default of clap's, so that its absence can be told. Its help text
//! says what it follows, and `framegate config` lists it with its source.

use std::time::Duration;

/// The idle timeout, unless the ping interval is a longer one.
pub(crate) const IDLE_TIMEOUT: Duration = Duration::from_secs(300);

/// The ping interval under a long idle timeout: many proxies drop connections that are idle
/// for a minute.
const PING_INTERVAL: Duration = Duration::from_secs(20);

/// The shortest ping timeout by default: a client may be busy for a moment.
const MIN_PING_TIMEOUT: Duration = Duration::from_secs(5);

/// The window of a resumable session, unless all sessions together keep less.
pub(crate) const RESUME_BUFFER: usize = 256 << 10;

/// The least window, in bytes: that of some short messages.
pub(crate) const MIN_RESUME_BUFFER: usize = 4096;

/// The bytes that all detached sessions keep, unless the window of one is more.
pub(crate) const RESUME_MEMORY: usize = 64 << 20;

/// Derives the idle timeout: two pings fit into it.
pub(crate) fn idle_timeout(ping_interval: Option<Duration>) -> Duration {
    let pings = ping_interval.map(|interval| interval.saturating_mul(2));
    pings.unwrap_or_default().max(IDLE_TIMEOUT)
}

/// Derives the ping interval: three pings fit into a short idle timeout.
pub(crate) fn ping_interval(idle_timeout: Option<Duration>) -> Option<Duration> {
    let Some(idle) = idle_timeout else {
        return Some(PING_INTERVAL);
    };
    let third = whole_millis(idle / 3);
    Some(PING_INTERVAL.min(third)).filter(|interval| !interval.is_zero())
}

/// Derives the ping timeout: a dead client is noticed after twice the interval.
pub(crate) fn ping_timeout(ping_interval: Option<Duration>) -> Option<Duration> {
    ping_interval.map(|interval| interval.max(MIN_PING_TIMEOUT))
}

/// Derives the window of a resumable session: one fits into the memory of all.
pub(crate) fn resume_buffer(memory: Option<usize>) -> usize {
    let memory = memory.unwrap_or(RESUME_MEMORY);
    RESUME_BUFFER.min(memory).max(MIN_RESUME_BUFFER)
}

/// Derives the memory of all detached sessions: the window of one fits into it.
pub(crate) fn resume_memory(buffer: usize) -> usize {
    RESUME_MEMORY.max(buffer)
}

/// Returns the whole milliseconds of a duration, which read better in a listing.
fn whole_millis(duration: Duration) -> Duration {
    duration - Duration::from_nanos(u64::from(duration.subsec_nanos() % 1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ping_interval_follows_a_short_idle_timeout() {
        let check = |idle: u64, expected: u64| {
            let millis = |it: u64| (it > 0).then(|| Duration::from_millis(it));
            assert_eq!(ping_interval(millis(idle)), millis(expected), "{idle}");
        };
        check(0, 20_000);
        check(300_000, 20_000);
        check(60_000, 20_000);
        check(10_000, 3333);
        check(2, 0);
    }
}
