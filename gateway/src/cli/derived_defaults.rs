//! Derived defaults: those that follow another option.
//!
//! Such an option has no default of clap's, so that its absence can be told. Its help text
//! says what it follows, [`checks`](crate::cli::checks) derive it, and `framegate config`
//! lists it with its source.

use std::time::Duration;

use humantime::format_duration;

use crate::config::Config;
use crate::resume::options::ResumeOptions;

/// The idle timeout, unless the ping interval is a longer one.
const IDLE_TIMEOUT: Duration = Duration::from_secs(300);

/// The ping interval under a long idle timeout: many proxies drop connections that are idle
/// for a minute.
const PING_INTERVAL: Duration = Duration::from_secs(20);

/// The shortest ping timeout by default: a client may be busy for a moment.
const MIN_PING_TIMEOUT: Duration = Duration::from_secs(5);

/// The window of a resumable session, unless all sessions together keep less.
const RESUME_BUFFER: usize = 256 << 10;

/// The bytes that all detached sessions keep, unless the window of one is more.
const RESUME_MEMORY: usize = 64 << 20;

/// The value of an option whose default follows another option.
#[derive(Debug)]
pub(super) struct DerivedDefault {
    /// The option's name, as in a configuration file.
    pub(super) name: &'static str,
    /// The value in force, as on the command line.
    pub(super) value: String,
    /// The name of the option that it follows; `None` if that leaves the value as it is.
    pub(super) from: Option<&'static str>,
}

/// Returns the derived defaults under `config`, whether or not they are overridden.
pub(super) fn derived_defaults(config: &Config) -> [DerivedDefault; 6] {
    let derived = |name, value, from| DerivedDefault { name, value, from };
    let (limits, resume) = (&config.limits, &config.resume);
    let idle = limits.idle_timeout;
    let (buffer, memory) = (resume.buffer, resume.memory);
    let unless = |is_usual: bool, from| (!is_usual).then_some(from);
    [
        derived(
            "idle-timeout",
            duration_text(idle),
            unless(idle == Some(IDLE_TIMEOUT), "ping-interval"),
        ),
        derived(
            "ping-interval",
            duration_text(limits.ping_interval),
            Some("idle-timeout"),
        ),
        derived(
            "ping-timeout",
            duration_text(limits.ping_timeout),
            Some("ping-interval"),
        ),
        derived(
            "resume-buffer",
            size_text(buffer),
            unless(buffer == RESUME_BUFFER, "resume-memory"),
        ),
        derived(
            "resume-memory",
            size_text(memory),
            unless(memory == RESUME_MEMORY, "resume-buffer"),
        ),
        derived("prefix", config.prefix.clone(), Some("framing")),
    ]
}

/// Derives the idle timeout: two pings fit into it.
pub(super) fn idle_timeout(ping_interval: Option<Duration>) -> Duration {
    let pings = ping_interval.map(|interval| interval.saturating_mul(2));
    pings.unwrap_or_default().max(IDLE_TIMEOUT)
}

/// Derives the ping interval: three pings fit into a short idle timeout.
pub(super) fn ping_interval(idle_timeout: Option<Duration>) -> Option<Duration> {
    let Some(idle) = idle_timeout else {
        return Some(PING_INTERVAL);
    };
    let third = whole_millis(idle / 3);
    Some(PING_INTERVAL.min(third)).filter(|interval| !interval.is_zero())
}

/// Derives the ping timeout: a dead client is noticed after twice the interval.
pub(super) fn ping_timeout(ping_interval: Option<Duration>) -> Option<Duration> {
    ping_interval.map(|interval| interval.max(MIN_PING_TIMEOUT))
}

/// Derives the window of a resumable session: one fits into the memory of all.
pub(super) fn resume_buffer(memory: Option<usize>) -> usize {
    let memory = memory.unwrap_or(RESUME_MEMORY);
    RESUME_BUFFER.min(memory).max(ResumeOptions::MIN_BUFFER)
}

/// Derives the memory of all detached sessions: the window of one fits into it.
pub(super) fn resume_memory(buffer: usize) -> usize {
    RESUME_MEMORY.max(buffer)
}

/// Returns the whole milliseconds of a duration, which read better in a listing.
fn whole_millis(duration: Duration) -> Duration {
    duration - Duration::from_nanos(u64::from(duration.subsec_nanos() % 1_000_000))
}

fn size_text(bytes: usize) -> String {
    const KIB: usize = 1 << 10;
    const MIB: usize = 1 << 20;
    match (bytes % MIB, bytes % KIB) {
        (0, _) => format!("{}MiB", bytes / MIB),
        (_, 0) => format!("{}KiB", bytes / KIB),
        _ => bytes.to_string(),
    }
}

fn duration_text(duration: Option<Duration>) -> String {
    duration.map_or("0".into(), |it| format_duration(it).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ping_interval_follows_a_short_idle_timeout() {
        let check = |idle: &str, expected: &str| {
            let idle = Some(humantime::parse_duration(idle).unwrap());
            let interval = ping_interval(idle.filter(|it| !it.is_zero()));
            assert_eq!(duration_text(interval), expected);
        };
        check("0s", "20s");
        check("5m", "20s");
        check("60s", "20s");
        check("10s", "3s 333ms");
        check("2ms", "0");
    }
}
