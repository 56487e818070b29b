//! Registry of resumable sessions: finds a session by its token, and bounds the memory of those
//! that are detached.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use ring::error::Unspecified;

use crate::metrics::Metrics;
use crate::resume::connection::{Connection, Resumption};
use crate::resume::mailbox::{Call, Mailbox};
use crate::resume::options::{GatewayId, ResumeOptions};
use crate::resume::request::ResumeRefusal;
use crate::resume::token::{TokenHash, new_token};

/// Resumable sessions of a gateway. Clones share them.
#[derive(Debug)]
pub(crate) struct Registry<C>(Arc<Inner<C>>);

#[derive(Debug)]
struct Inner<C> {
    id: GatewayId,
    timeout: Duration,
    window: usize,
    max_kept: usize,
    sessions: Mutex<Sessions<C>>,
    metrics: Metrics,
}

#[derive(Debug)]
struct Sessions<C> {
    by_token: HashMap<TokenHash, Arc<Entry<C>>>,
    /// Detached sessions, the oldest first.
    detached: BTreeMap<u64, Detached<C>>,
    /// Bytes that they keep together.
    kept: usize,
    next: u64,
}

#[derive(Debug)]
struct Entry<C> {
    upstream: String,
    mailbox: Mailbox<C>,
}

#[derive(Debug)]
struct Detached<C> {
    entry: Arc<Entry<C>>,
    kept: usize,
}

/// Entry of a session in the registry. Dropping it removes the session.
#[derive(Debug)]
pub(crate) struct Registration<C> {
    registry: Arc<Inner<C>>,
    entry: Arc<Entry<C>>,
    /// The token that the client was told last.
    token: Option<TokenHash>,
    /// The token that it presented. It is good until the client is known to have the next one.
    presented: Option<TokenHash>,
    /// Number among the detached sessions.
    detached: Option<u64>,
}

impl<C> Clone for Registry<C> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<C> Registry<C> {
    /// Creates a registry; `None` if resumable sessions are disabled.
    ///
    /// # Errors
    /// If the system's random number generator failed.
    pub(crate) fn new(
        options: &ResumeOptions,
        metrics: Metrics,
    ) -> Result<Option<Self>, Unspecified> {
        let Some(timeout) = options.timeout else {
            return Ok(None);
        };
        Ok(Some(Self(Arc::new(Inner {
            id: match &options.gateway_id {
                Some(id) => id.clone(),
                None => GatewayId::random()?,
            },
            timeout,
            window: options.buffer,
            max_kept: options.memory,
            sessions: Mutex::new(Sessions {
                by_token: HashMap::new(),
                detached: BTreeMap::new(),
                kept: 0,
                next: 0,
            }),
            metrics,
        }))))
    }

    /// Registers a session with `upstream`, and returns its first token.
    ///
    /// # Errors
    /// If the system's random number generator failed.
    pub(crate) fn register(
        &self,
        upstream: &str,
    ) -> Result<(Registration<C>, String), Unspecified> {
        let mut registration = Registration {
            registry: self.0.clone(),
            entry: Arc::new(Entry {
                upstream: upstream.into(),
                mailbox: Mailbox::new(),
            }),
            token: None,
            presented: None,
            detached: None,
        };
        let token = registration.renew(None)?;
        Ok((registration, token))
    }

    /// Returns true if `token` is that of a session.
    pub(crate) fn has(&self, token: &TokenHash) -> bool {
        self.0.lock().by_token.contains_key(token)
    }

    /// Hands a connection to the session with `upstream` that its request names.
    ///
    /// # Errors
    /// [`ResumeRefusal`] if there is none, and the connection.
    pub(crate) fn resume(
        &self,
        upstream: &str,
        resumption: Box<Resumption<C>>,
    ) -> Result<(), (ResumeRefusal, Box<Resumption<C>>)> {
        let token = &resumption.request.token;
        let known = self.0.lock().by_token.get(token).cloned();
        let Some(entry) = known else {
            return Err((ResumeRefusal::Unknown, resumption));
        };
        if entry.upstream != upstream {
            return Err((ResumeRefusal::OtherUpstream, resumption));
        }
        let delivered = entry.mailbox.deliver(resumption);
        delivered.map_err(|resumption| (ResumeRefusal::Unknown, resumption))
    }
}

impl<C> Registration<C> {
    /// Time that the session is kept without a connection.
    pub(crate) fn timeout(&self) -> Duration {
        self.registry.timeout
    }

    /// Window of the session, in bytes.
    pub(crate) fn window(&self) -> usize {
        self.registry.window
    }

    /// Makes the next token. The one that the client has `presented` stays good until
    /// [`confirm`](Self::confirm), and no other.
    ///
    /// # Errors
    /// If the system's random number generator failed.
    pub(crate) fn renew(&mut self, presented: Option<TokenHash>) -> Result<String, Unspecified> {
        let token = new_token(&self.registry.id)?;
        let hash = TokenHash::of(&token);
        let mut sessions = self.registry.lock();
        for old in [self.token, self.presented].into_iter().flatten() {
            if Some(old) != presented {
                sessions.by_token.remove(&old);
            }
        }
        sessions.by_token.insert(hash, self.entry.clone());
        drop(sessions);
        (self.token, self.presented) = (Some(hash), presented);
        Ok(token)
    }

    /// Notes that the client has the last token: the one that it presented is good no longer.
    pub(crate) fn confirm(&mut self) {
        if let Some(presented) = self.presented.take() {
            self.registry.lock().by_token.remove(&presented);
        }
    }

    /// Notes that the session is detached, and keeps `kept` bytes.
    ///
    /// If all detached sessions together keep too many, the oldest ones have to give way.
    pub(crate) fn keep(&mut self, kept: usize) {
        let mut sessions = self.registry.lock();
        let number = *self.detached.get_or_insert_with(|| {
            sessions.next += 1;
            self.registry.metrics.resume().detached.inc();
            sessions.next
        });
        let detached = Detached {
            entry: self.entry.clone(),
            kept,
        };
        let before = sessions.detached.insert(number, detached);
        sessions.kept += kept;
        sessions.kept -= before.map_or(0, |before| before.kept);
        while sessions.kept > self.registry.max_kept
            && let Some((_, oldest)) = sessions.detached.pop_first()
        {
            sessions.kept -= oldest.kept;
            oldest.entry.mailbox.evict();
        }
        self.registry.report(&sessions);
    }

    /// Notes that the session is attached again, or has ended.
    pub(crate) fn leave_detached(&mut self) {
        let Some(number) = self.detached.take() else {
            return;
        };
        self.registry.metrics.resume().detached.dec();
        let mut sessions = self.registry.lock();
        if let Some(detached) = sessions.detached.remove(&number) {
            sessions.kept -= detached.kept;
            self.registry.report(&sessions);
        }
    }

    /// Waits for the next call.
    pub(crate) fn poll_call(&self, cx: &mut Context<'_>) -> Poll<Call<C>> {
        self.entry.mailbox.poll_call(cx)
    }

    /// Takes no further connection; returns one that is waiting.
    pub(crate) fn close(&self) -> Option<Connection<C>> {
        Some(self.entry.mailbox.close()?.connection)
    }
}

impl<C> Drop for Registration<C> {
    fn drop(&mut self) {
        self.leave_detached();
        self.close();
        let mut sessions = self.registry.lock();
        for token in [self.token, self.presented].into_iter().flatten() {
            sessions.by_token.remove(&token);
        }
    }
}

impl<C> Inner<C> {
    fn lock(&self) -> MutexGuard<'_, Sessions<C>> {
        // A poisoned lock can't occur: no code panics while holding it.
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn report(&self, sessions: &Sessions<C>) {
        let kept = i64::try_from(sessions.kept).unwrap_or(i64::MAX);
        self.metrics.resume().kept_bytes.set(kept);
    }
}
