//! The derived defaults in a listing of `framegate config`, each with the option that it follows.

use std::time::Duration;

use humantime::format_duration;

use crate::config::Config;
use crate::defaults::{IDLE_TIMEOUT, RESUME_BUFFER, RESUME_MEMORY};

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
