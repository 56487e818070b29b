//! Name look-ups by the system's resolver, one at a time for each service.
//!
//! A look-up blocks a thread for as long as its name server is silent. So each service has one
//! look-up at most, on a thread of its own: connections that need it meanwhile wait for the same
//! answer, and services with other names wait for nothing.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::watch;

use crate::endpoint::Endpoint;
use crate::error_text::io_error_text;

/// The addresses of a name, or the error of its look-up; shared by all that wait for it.
type Answer = Arc<io::Result<Vec<SocketAddr>>>;

/// A function that looks a name up, and blocks meanwhile.
type LookUp = dyn Fn(&Endpoint) -> io::Result<Vec<SocketAddr>> + Send + Sync;

/// The name look-ups of one service. Clones share them.
#[derive(Clone)]
pub struct Resolver {
    endpoint: Endpoint,
    look_up: Arc<LookUp>,
    /// The look-up that is running, if there is one.
    running: Arc<Mutex<Option<watch::Receiver<Option<Answer>>>>>,
}

impl Resolver {
    /// A resolver for the host of `endpoint`, by the system: hosts file, DNS and the rest of
    /// nsswitch.conf.
    pub fn new(endpoint: Endpoint) -> Self {
        Self::with(endpoint, |endpoint| {
            endpoint.as_pair().to_socket_addrs().map(Iterator::collect)
        })
    }

    /// A resolver that calls `look_up`, which may block.
    fn with(
        endpoint: Endpoint,
        look_up: impl Fn(&Endpoint) -> io::Result<Vec<SocketAddr>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            endpoint,
            look_up: Arc::new(look_up),
            running: Arc::default(),
        }
    }

    /// Returns the addresses of the host, by a look-up that is running or by a new one. A host
    /// that is an IP address needs none.
    ///
    /// A caller that gives up leaves the look-up running, for those that come after it.
    ///
    /// # Errors
    /// The resolver's, or the system's if it has no thread left.
    pub async fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        if let Ok(ip) = self.endpoint.host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(ip, self.endpoint.port)]);
        }
        let mut answer = self.running()?;
        let answer = answer.wait_for(Option::is_some).await;
        match answer.ok().and_then(|answer| answer.clone()).as_deref() {
            Some(Ok(addrs)) => Ok(addrs.clone()),
            Some(Err(error)) => Err(io::Error::new(error.kind(), look_up_error_text(error))),
            None => Err(io::Error::other("the name look-up failed")),
        }
    }

    /// Returns the look-up that is running, or starts one.
    fn running(&self) -> io::Result<watch::Receiver<Option<Answer>>> {
        // Nothing panics while it holds the lock.
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        // The thread of a look-up that panicked has dropped its sender without an answer.
        if let Some(answer) = &*running
            && answer.borrow().is_none()
            && answer.has_changed().is_ok()
        {
            return Ok(answer.clone());
        }
        let (sender, answer) = watch::channel(None);
        let (endpoint, look_up) = (self.endpoint.clone(), self.look_up.clone());
        thread::Builder::new()
            .name("look-up".into())
            .spawn(move || sender.send(Some(Arc::new(look_up(&endpoint)))))?;
        *running = Some(answer.clone());
        Ok(answer)
    }
}

/// Returns the message of a look-up's error, such as "name or service not known".
fn look_up_error_text(error: &io::Error) -> String {
    let text = io_error_text(error);
    // The standard library puts this before the resolver's own message.
    match text.strip_prefix("failed to lookup address information: ") {
        Some(text) => text.to_ascii_lowercase(),
        None => text,
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Resolver").field(&self.endpoint).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;
    use crate::timer::timeout_opt;

    const ADDR: &str = "192.0.2.1:7000";

    fn name() -> Endpoint {
        "db.example:7000".parse().unwrap()
    }

    #[tokio::test]
    async fn silent_name_server_takes_one_thread_however_many_wait() {
        let (answer, silence) = mpsc::channel::<()>();
        let silence = Mutex::new(silence);
        let count = Arc::new(AtomicUsize::new(0));
        let counted = count.clone();
        let resolver = Resolver::with(name(), move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            let _ = silence.lock().unwrap().recv();
            Ok(vec![ADDR.parse().unwrap()])
        });
        for _ in 0..1000 {
            let gave_up = timeout_opt(Some(Duration::ZERO), resolver.addresses()).await;
            assert!(gave_up.is_none());
        }
        let waiting = resolver.clone();
        let waiting = tokio::spawn(async move { waiting.addresses().await });
        tokio::task::yield_now().await;
        answer.send(()).unwrap();
        assert_eq!(waiting.await.unwrap().unwrap(), [ADDR.parse().unwrap()]);
        assert_eq!(count.load(Ordering::SeqCst), 1);
        drop(answer);
        resolver.addresses().await.unwrap();
    }

    #[tokio::test]
    async fn each_connection_after_an_answer_is_looked_up_again() {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = count.clone();
        let resolver = Resolver::with(name(), move |_| {
            match counted.fetch_add(1, Ordering::SeqCst) {
                0 => Err(io::Error::other("no such host")),
                1 => panic!("a look-up that panics"),
                _ => Ok(vec![ADDR.parse().unwrap()]),
            }
        });
        let error = resolver.addresses().await.unwrap_err();
        assert_eq!(error.to_string(), "no such host");
        // The thread of an answered look-up may still be about to end.
        while let Err(error) = resolver.addresses().await {
            assert!(["no such host", "the name look-up failed"].contains(&&*error.to_string()));
        }
        assert_eq!(count.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn ip_address_needs_no_look_up() {
        let resolver = Resolver::with(ADDR.parse().unwrap(), |_| panic!("looked up"));
        assert_eq!(resolver.addresses().await.unwrap(), [ADDR.parse().unwrap()]);
    }
}
