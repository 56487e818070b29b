//! Processor time and memory of processes, from Linux's `/proc`.

use std::time::Duration;
use std::{fs, io};

use net::error_text::io_error_text;
use thiserror::Error;

/// A process and its descendants.
#[derive(Debug, Clone, Copy)]
pub(super) struct Process(u32);

/// A process that cannot be measured.
#[derive(Debug, Error)]
pub enum ProcessError {
    /// It does not exist, or is not accessible.
    #[error("cannot measure process {pid}: {}", io_error_text(.source))]
    Inaccessible {
        /// The process's id.
        pid: u32,
        /// The system's error.
        source: io::Error,
    },
    /// The system has no `/proc`, or another one.
    #[error("--server-pid requires Linux")]
    NoProc,
}

impl Process {
    /// Returns the process with this id, if it is accessible.
    pub(super) fn find(pid: u32) -> Result<Self, ProcessError> {
        if !cfg!(target_os = "linux") {
            return Err(ProcessError::NoProc);
        }
        let process = Self(pid);
        process.cpu()?;
        Ok(process)
    }

    /// The processor time of all of them so far.
    pub(super) fn cpu(self) -> Result<Duration, ProcessError> {
        self.sum(cpu_of)
    }

    /// The memory of all of them, in bytes: the resident set size.
    pub(super) fn memory(self) -> Result<u64, ProcessError> {
        self.sum(memory_of)
    }

    /// Returns the sum over all that still run.
    fn sum<T: Default + std::iter::Sum>(
        self,
        of: fn(u32) -> io::Result<T>,
    ) -> Result<T, ProcessError> {
        let own = of(self.0).map_err(|source| ProcessError::Inaccessible {
            pid: self.0,
            source,
        })?;
        let others = descendants(self.0);
        let others = others.into_iter().map(|pid| of(pid).unwrap_or_default());
        Ok(others.chain([own]).sum())
    }
}

/// Returns the child processes of a process, their children, and so on.
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

/// Returns the resident set size in bytes: `VmRSS` of proc(5), which is in KiB.
fn memory_of(pid: u32) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    // A zombie process has no such line.
    let kib: Option<u64> = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    Ok(kib.unwrap_or(0) * 1024)
}

#[cfg(target_os = "linux")]
fn cpu_of(pid: u32) -> io::Result<Duration> {
    // In nanoseconds; /proc counts hundredths of seconds.
    use nix::time::{clock_getcpuclockid, clock_gettime};
    use nix::unistd::Pid;
    let clock = clock_getcpuclockid(Pid::from_raw(pid.cast_signed()))?;
    Ok(clock_gettime(clock)?.into())
}

#[cfg(not(target_os = "linux"))]
fn cpu_of(_: u32) -> io::Result<Duration> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The processor time of this process so far, if the system has a clock for it.
pub(super) fn own_cpu() -> Option<Duration> {
    cpu_of(std::process::id()).ok()
}
