//! Workers: a thread per core that serves connections, each with a runtime of its own.
//!
//! A connection stays on its worker. So no message wakes a thread on another core, as
//! happens with runtimes that steal tasks.

use std::future::Future;
use std::num::NonZero;
use std::thread::{self, JoinHandle};
use std::{io, mem};

use net::timer::TimerThread;
use tokio::runtime::{Builder, Handle};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Worker threads. Dropping them stops them, and cuts the connections that they still serve.
///
/// Without workers, as by default, connections are served by the runtime that accepts them.
#[derive(Debug, Default)]
pub struct Workers {
    threads: Vec<(Handle, JoinHandle<()>)>,
    stop: CancellationToken,
}

impl Workers {
    /// Starts a worker for each core that this process may use.
    ///
    /// # Errors
    /// If the system is out of threads or descriptors.
    pub fn start() -> io::Result<Self> {
        let timer = TimerThread::start()?;
        let mut workers = Self::default();
        for _ in 0..thread::available_parallelism().map_or(1, NonZero::get) {
            let worker = worker(timer.clone(), workers.stop.clone())?;
            workers.threads.push(worker);
        }
        Ok(workers)
    }

    /// Waits until each worker has run one more task, as a health check: a worker that hangs
    /// never does.
    pub async fn have_answered(&self) {
        for (runtime, _) in &self.threads {
            // Fails only if the runtime has shut down, which happens after this.
            let _ = runtime.spawn(async {}).await;
        }
    }

    /// Spawns a task of `tasks` on the worker with the fewest tasks. `task` makes it, on that
    /// worker's runtime.
    ///
    /// # Errors
    /// Those of `task`.
    pub(crate) fn spawn<F>(
        &self,
        tasks: &TaskTracker,
        task: impl FnOnce() -> io::Result<F>,
    ) -> io::Result<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let runtimes = self.threads.iter().map(|(runtime, _)| runtime);
        let worker = runtimes.min_by_key(|runtime| runtime.metrics().num_alive_tasks());
        let _guard = worker.map(Handle::enter);
        tasks.spawn(task()?);
        Ok(())
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.stop.cancel();
        for (_, thread) in mem::take(&mut self.threads) {
            // A panic was already reported, by the panic hook.
            let _ = thread.join();
        }
    }
}

fn worker(timer: TimerThread, stop: CancellationToken) -> io::Result<(Handle, JoinHandle<()>)> {
    let runtime = Builder::new_current_thread().enable_io().build()?;
    let handle = runtime.handle().clone();
    let thread = thread::Builder::new().name("worker".into());
    let thread = thread.spawn(move || {
        timer.serve_this_thread();
        runtime.block_on(stop.cancelled());
        // Does not wait for DNS lookups that still run.
        runtime.shutdown_background();
    })?;
    Ok((handle, thread))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use net::stream::Stream;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn panic_ends_its_own_connection_alone() {
        let (workers, tasks) = (Workers::start().unwrap(), TaskTracker::new());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let connect = async || {
            let client = TcpStream::connect(addr).await.unwrap();
            (client, Stream::Tcp(listener.accept().await.unwrap().0))
        };
        let (mut other, accepted) = connect().await;
        let echo = |mut stream: Stream| async move {
            let byte = stream.read_u8().await.unwrap();
            stream.write_u8(byte).await.unwrap();
        };
        let echo = || accepted.registered_here().map(echo);
        workers.spawn(&tasks, echo).unwrap();
        for _ in 0..4 * workers.threads.len() {
            let (mut client, accepted) = connect().await;
            let fail = |stream: Stream| async move {
                let _open = stream;
                panic!("a fault, which this test provokes");
            };
            let fail = || accepted.registered_here().map(fail);
            workers.spawn(&tasks, fail).unwrap();
            client.read_u8().await.unwrap_err();
        }
        other.write_u8(7).await.unwrap();
        assert_eq!(other.read_u8().await.unwrap(), 7);
    }

    #[tokio::test]
    async fn worker_that_hangs_does_not_answer() {
        const LONG: Duration = Duration::from_secs(10);
        const SHORT: Duration = Duration::from_millis(100);
        let workers = Workers::start().unwrap();
        timeout(LONG, workers.have_answered()).await.unwrap();

        let (go_on, hanging) = mpsc::channel::<()>();
        let (last, _) = workers.threads.last().unwrap();
        last.spawn(async move { hanging.recv() });
        assert!(timeout(SHORT, workers.have_answered()).await.is_err());

        drop(go_on);
        timeout(LONG, workers.have_answered()).await.unwrap();
    }
}
