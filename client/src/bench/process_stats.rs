//! What a process takes of the machine, from Linux's `/proc`.

use std::time::Duration;
use std::{fs, io};

use net::error_text::io_error_text;
use thiserror::Error;

/// A process, and those that it has started.
#[derive(Debug, Clone, Copy)]
pub(super) struct Process(u32);

/// Why a process cannot be looked at.
#[derive(Debug, Error)]
pub enum UsageError {
    /// It is not there, or not for us to see.
    #[error("cannot look at process {pid}: {}", io_error_text(.source))]
    Process {
        /// Its number.
        pid: u32,
        /// What the system said.
        source: io::Error,
    },
    /// The system tells no such things, or otherwise.
    #[error("--server-pid needs Linux, whose /proc says what a process takes")]
    NoProc,
}

impl Process {
    pub(super) fn find(pid: u32) -> Result<Self, UsageError> {
        if !cfg!(target_os = "linux") {
            return Err(UsageError::NoProc);
        }
        let process = Self(pid);
        process.cpu()?;
        Ok(process)
    }

    /// The processor time that all of them have taken so far.
    pub(super) fn cpu(self) -> Result<Duration, UsageError> {
        self.sum(cpu_of)
    }

    /// The memory in use by all of them, in bytes: the resident set.
    pub(super) fn memory(self) -> Result<u64, UsageError> {
        self.sum(memory_of)
    }

    /// The sum over all that are still there.
    fn sum<T: Default + std::iter::Sum>(
        self,
        of: fn(u32) -> io::Result<T>,
    ) -> Result<T, UsageError> {
        let own = of(self.0).map_err(|source| UsageError::Process {
            pid: self.0,
            source,
        })?;
        let others = descendants(self.0);
        let others = others.into_iter().map(|pid| of(pid).unwrap_or_default());
        Ok(others.chain([own]).sum())
    }
}

/// All processes that a process has started, and those have, and so on.
fn descendants(pid: u32) -> Vec<u32> {
    let mut found = children(pid);
    let mut next = 0;
    while let Some(&pid) = found.get(next) {
        found.extend(children(pid));
        next += 1;
    }
    found
}

fn children(pid: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task"));
    let threads = threads.into_iter().flatten().flatten();
    let lists =
        threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    let pids = |list: String| -> Vec<u32> {
        list.split_whitespace()
            .filter_map(|pid| pid.parse().ok())
            .collect()
    };
    lists.flat_map(pids).collect()
}

/// `VmRSS` of proc(5), which is in KiB.
fn memory_of(pid: u32) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    // A process that has ended has no such line.
    let kib: Option<u64> = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    Ok(kib.unwrap_or(0) * 1024)
}

#[cfg(target_os = "linux")]
fn cpu_of(pid: u32) -> io::Result<Duration> {
    // To the nanosecond, where /proc counts hundredths of seconds.
    use nix::time::{clock_getcpuclockid, clock_gettime};
    use nix::unistd::Pid;
    let clock = clock_getcpuclockid(Pid::from_raw(pid.cast_signed()))?;
    Ok(clock_gettime(clock)?.into())
}

#[cfg(not(target_os = "linux"))]
fn cpu_of(_: u32) -> io::Result<Duration> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The processor time that this process has taken so far, where the system tells it.
pub(super) fn own_cpu() -> Option<Duration> {
    cpu_of(std::process::id()).ok()
}
