//! Derived defaults: those that follow another option.
//!
//! Such an option has no default of clap's, so that its absence can be told. Its help text
//! says what it follows, [`checks`](crate::cli::checks) derive it, and `framegate config`
//! lists it with its source.

use std::time::Duration;

use humantime::format_duration;

use crate::config::Config;

/// The ping interval under a long idle timeout: many proxies drop connections that are idle
/// for a minute.
const PING_INTERVAL: Duration = Duration::from_secs(20);

/// The shortest ping timeout by default: a client may be busy for a moment.
const MIN_PING_TIMEOUT: Duration = Duration::from_secs(5);

/// The value of an option whose default follows another option.
#[derive(Debug)]
pub(super) struct DerivedDefault {
    /// The option's name, as in a configuration file.
    pub(super) name: &'static str,
    /// The value in force, as on the command line.
    pub(super) value: String,
    /// The name of the option that it follows.
    pub(super) from: &'static str,
}

/// Returns the derived defaults under `config`, whether or not they are overridden.
pub(super) fn derived_defaults(config: &Config) -> [DerivedDefault; 3] {
    let derived = |name, value, from| DerivedDefault { name, value, from };
    let interval = duration_text(config.limits.ping_interval);
    let timeout = duration_text(config.limits.ping_timeout);
    [
        derived("ping-interval", interval, "idle-timeout"),
        derived("ping-timeout", timeout, "ping-interval"),
        derived("prefix", config.prefix.clone(), "framing"),
    ]
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

/// Returns the whole milliseconds of a duration, which read better in a listing.
fn whole_millis(duration: Duration) -> Duration {
    duration - Duration::from_nanos(u64::from(duration.subsec_nanos() % 1_000_000))
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
