//! Processors, divided between a server and its clients.

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// Two halves of the processors that this process may use; the same ones if it is one.
#[derive(Debug)]
pub(crate) struct Processors {
    server: CpuSet,
    client: CpuSet,
}

impl Processors {
    pub(crate) fn split() -> Self {
        let all = sched_getaffinity(Pid::from_raw(0)).expect("the processors");
        let numbers: Vec<_> = (0..CpuSet::count())
            .filter(|number| all.is_set(*number).unwrap_or_default())
            .collect();
        match numbers.split_at(numbers.len() / 2) {
            ([], _) => Self {
                server: all,
                client: all,
            },
            (server, client) => Self {
                server: set(server),
                client: set(client),
            },
        }
    }

    /// Moves the calling thread to the server's half.
    pub(crate) fn use_server_half(&self) {
        use_only(&self.server);
    }

    /// Moves the calling thread to the clients' half.
    pub(crate) fn use_client_half(&self) {
        use_only(&self.client);
    }
}

fn set(numbers: &[usize]) -> CpuSet {
    let mut set = CpuSet::new();
    for number in numbers {
        set.set(*number).expect("a processor of the system");
    }
    set
}

fn use_only(set: &CpuSet) {
    sched_setaffinity(Pid::from_raw(0), set).expect("processors that this process may use");
}
