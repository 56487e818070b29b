//! CPU affinity: child processes inherit the processors of the thread that starts them.

use nix::errno::Errno;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// The calling thread.
const THIS: Pid = Pid::from_raw(0);

/// The processors of this thread; its affinity is restored on drop.
pub(crate) struct Affinity(CpuSet);

impl Affinity {
    /// Reads this thread's affinity.
    pub(crate) fn of_this_thread() -> Result<Self, Errno> {
        sched_getaffinity(THIS).map(Self)
    }

    /// Pins this thread, and the processes that it starts from now on, to the first processor.
    pub(crate) fn pin_to_first(&self) -> Result<(), Errno> {
        self.pin(|index| index == 0)
    }

    /// Pins this thread, and the processes that it starts from now on, to all processors but
    /// the first.
    pub(crate) fn pin_to_others(&self) -> Result<(), Errno> {
        self.pin(|index| index > 0)
    }

    fn pin(&self, wanted: impl Fn(usize) -> bool) -> Result<(), Errno> {
        let all = (0..CpuSet::count()).filter(|cpu| self.0.is_set(*cpu).unwrap_or(false));
        let mut chosen = CpuSet::new();
        for (_, cpu) in all.enumerate().filter(|(index, _)| wanted(*index)) {
            chosen.set(cpu)?;
        }
        sched_setaffinity(THIS, &chosen)
    }
}

impl Drop for Affinity {
    fn drop(&mut self) {
        // Cannot fail: these processors were allowed before.
        let _ = sched_setaffinity(THIS, &self.0);
    }
}
