//! TCP proxy whose connections can be cut, and whose upstream can be replaced.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::harness::within;

/// Bytes of a connection that is not cut by its length.
pub(crate) const UNLIMITED: i64 = i64::MAX;

/// Proxy, which stops when it is dropped.
pub(crate) struct CuttingProxy {
    addr: SocketAddr,
    upstream: watch::Sender<SocketAddr>,
    /// Changes at each cut.
    cuts: watch::Sender<u64>,
    accepted: watch::Receiver<u64>,
    accepting: JoinHandle<()>,
}

impl CuttingProxy {
    /// Starts a proxy to `upstream`. `budget` tells after how many bytes, both ways, a connection
    /// is cut.
    pub(crate) async fn start(
        upstream: SocketAddr,
        mut budget: impl FnMut() -> i64 + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (upstream, current) = watch::channel(upstream);
        let (cuts, cut) = watch::channel(0);
        let (count, accepted) = watch::channel(0);
        let accepting = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                count.send_modify(|count| *count += 1);
                let (upstream, mut cut, budget) = (*current.borrow(), cut.clone(), budget());
                cut.mark_unchanged();
                tokio::spawn(async move {
                    tokio::select! {
                        () = relay(client, upstream, budget) => {}
                        _ = cut.changed() => {}
                    }
                });
            }
        });
        Self {
            addr,
            upstream,
            cuts,
            accepted,
            accepting,
        }
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Cuts all connections.
    pub(crate) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Connects new clients to another upstream.
    pub(crate) fn lead_to(&self, upstream: SocketAddr) {
        self.upstream.send_replace(upstream);
    }

    /// Number of connections so far.
    pub(crate) fn accepted(&self) -> u64 {
        *self.accepted.borrow()
    }

    /// Waits until `count` connections were accepted.
    pub(crate) async fn has_accepted(&mut self, count: u64) {
        let accepted = self.accepted.wait_for(|accepted| *accepted >= count);
        within(accepted).await.unwrap();
    }
}

impl Drop for CuttingProxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

/// Relays until an end, or until `budget` bytes have passed.
async fn relay(client: TcpStream, upstream: SocketAddr, budget: i64) {
    let Ok(upstream) = TcpStream::connect(upstream).await else {
        return;
    };
    let left = Arc::new(AtomicI64::new(budget));
    let ((client_read, client_write), (upstream_read, upstream_write)) =
        (client.into_split(), upstream.into_split());
    tokio::select! {
        () = pump(client_read, upstream_write, &left) => {}
        () = pump(upstream_read, client_write, &left) => {}
    }
}

async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, left: &AtomicI64) {
    let mut buffer = vec![0; 4096];
    loop {
        let len = match from.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(len) => len,
        };
        let left = left.fetch_sub(len as i64, Ordering::Relaxed);
        let passed = len.min(usize::try_from(left).unwrap_or(0));
        if to.write_all(&buffer[..passed]).await.is_err() || passed < len {
            return;
        }
    }
}
