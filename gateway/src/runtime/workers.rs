//! The threads that serve connections: one for each processor, with a runtime each.
//!
//! A connection stays with the thread that it was given to. So no message wakes a thread on
//! another processor, as it does where threads take tasks from each other.

use std::future::Future;
use std::num::NonZero;
use std::thread::{self, JoinHandle};
use std::{io, mem};

use net::timer::TimerThread;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Handle};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Threads that serve connections, until this is dropped; what they still serve is cut off
/// then. Where there are none, as by default, connections are served where they are accepted.
#[derive(Debug, Default)]
pub struct Workers {
    threads: Vec<(Handle, JoinHandle<()>)>,
    stop: CancellationToken,
}

impl Workers {
    /// Starts one for each processor that this process may use.
    ///
    /// # Errors
    /// If the system has no threads or descriptors for them.
    pub fn start() -> io::Result<Self> {
        let clock = TimerThread::start()?;
        let mut workers = Self::default();
        for _ in 0..thread::available_parallelism().map_or(1, NonZero::get) {
            let worker = worker(clock.clone(), workers.stop.clone())?;
            workers.threads.push(worker);
        }
        Ok(workers)
    }

    /// Waits until each thread has run one more task, which one that hangs never does.
    pub async fn have_answered(&self) {
        for (runtime, _) in &self.threads {
            // None ends before this does.
            let _ = runtime.spawn(async {}).await;
        }
    }

    /// Has `stream` served by the thread that has the least to do, as one of `tasks`.
    ///
    /// # Errors
    /// If the stream cannot be watched there.
    pub(crate) fn spawn<F>(
        &self,
        tasks: &TaskTracker,
        stream: TcpStream,
        serve: impl FnOnce(TcpStream) -> F,
    ) -> io::Result<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let runtimes = self.threads.iter().map(|(runtime, _)| runtime);
        match runtimes.min_by_key(|runtime| runtime.metrics().num_alive_tasks()) {
            None => tasks.spawn(serve(stream)),
            Some(runtime) => {
                let stream = stream.into_std()?;
                let _there = runtime.enter();
                tasks.spawn(serve(TcpStream::from_std(stream)?))
            }
        };
        Ok(())
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.stop.cancel();
        for (_, thread) in mem::take(&mut self.threads) {
            // One that panicked has told so.
            let _ = thread.join();
        }
    }
}

fn worker(clock: TimerThread, stop: CancellationToken) -> io::Result<(Handle, JoinHandle<()>)> {
    let runtime = Builder::new_current_thread().enable_io().build()?;
    let handle = runtime.handle().clone();
    let thread = thread::Builder::new().name("worker".into());
    let thread = thread.spawn(move || {
        clock.serve_this_thread();
        runtime.block_on(stop.cancelled());
        // A name that is still being looked up is not waited for.
        runtime.shutdown_background();
    })?;
    Ok((handle, thread))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn one_thread_that_hangs_is_an_answer_that_does_not_come() {
        const SHARE_FROM: Duration = Duration::from_secs(10);
        const SHORT: Duration = Duration::from_millis(100);
        let workers = Workers::start().unwrap();
        timeout(SHARE_FROM, workers.have_answered()).await.unwrap();

        let (go_on, hanging) = mpsc::channel::<()>();
        let (last, _) = workers.threads.last().unwrap();
        last.spawn(async move { hanging.recv() });
        assert!(timeout(SHORT, workers.have_answered()).await.is_err());

        drop(go_on);
        timeout(SHARE_FROM, workers.have_answered()).await.unwrap();
    }
}
