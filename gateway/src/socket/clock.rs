//! Keeping long waits away from the threads that pass messages.

use std::cell::RefCell;
use std::future::pending;
use std::time::Duration;
use std::{io, thread};

use tokio::runtime::{Builder, Handle};
use tokio::time::{Sleep, sleep};

thread_local! {
    /// Who keeps this thread's long waits, if not its own runtime.
    static KEEPER: RefCell<Option<Handle>> = const { RefCell::new(None) };
}

/// A thread that keeps the long waits of others.
///
/// A runtime in which somebody waits for a time asks the system for it, and sets a timer of
/// the kernel's, whenever it waits for bytes. Every session has a limit to its silence, so
/// that would be twice a message.
#[derive(Debug, Clone)]
pub(crate) struct Clock(Handle);

impl Clock {
    /// Starts one, for as long as the process lives.
    ///
    /// # Errors
    /// If the system has no thread for it.
    pub(crate) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_time().build()?;
        let handle = runtime.handle().clone();
        let thread = thread::Builder::new().name("clock".into());
        thread.spawn(move || runtime.block_on(pending::<()>()))?;
        Ok(Self(handle))
    }

    /// Keeps the long waits of the thread that calls this, from now on.
    pub(crate) fn serve_this_thread(&self) {
        KEEPER.set(Some(self.0.clone()));
    }
}

/// A wait that is hardly ever over, beside what else its task does.
pub(crate) fn long_wait(duration: Duration) -> Sleep {
    KEEPER.with_borrow(|keeper| {
        let _elsewhere = keeper.as_ref().map(Handle::enter);
        sleep(duration)
    })
}
