//! On which processors what is started runs: a process stays where whoever starts it is.

use nix::errno::Errno;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// The calling thread.
const THIS: Pid = Pid::from_raw(0);

/// Those that this thread may run on; it may again when this is dropped.
pub(crate) struct Processors(CpuSet);

impl Processors {
    pub(crate) fn own() -> Result<Self, Errno> {
        sched_getaffinity(THIS).map(Self)
    }

    /// From now on, this thread starts processes on the first of them alone.
    pub(crate) fn only_first(&self) -> Result<(), Errno> {
        self.only(|place| place == 0)
    }

    /// From now on, this thread starts processes on the others alone.
    pub(crate) fn only_others(&self) -> Result<(), Errno> {
        self.only(|place| place > 0)
    }

    fn only(&self, wanted: impl Fn(usize) -> bool) -> Result<(), Errno> {
        let own = (0..CpuSet::count()).filter(|cpu| self.0.is_set(*cpu).unwrap_or(false));
        let mut chosen = CpuSet::new();
        for (_, cpu) in own.enumerate().filter(|(place, _)| wanted(*place)) {
            chosen.set(cpu)?;
        }
        sched_setaffinity(THIS, &chosen)
    }
}

impl Drop for Processors {
    fn drop(&mut self) {
        // It was allowed before.
        let _ = sched_setaffinity(THIS, &self.0);
    }
}
