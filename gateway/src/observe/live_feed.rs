//! Who is there, and what passes, for those who watch it live.
//!
//! All watchers read from one ring, each at its own pace: one that falls behind by more than
//! the ring holds is told so, and is let go. Only so many messages a second get into the
//! ring; nobody could read more, and the others are counted.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use std::vec;

use bytes::Bytes;
use net::timer::sleep;
use protocol::MessageKind;
use recording::{Direction, Event, Record};
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};

use crate::observe::counter::take;

/// How much of a payload is told, in bytes: what the page lays out of one.
pub(super) const SHOWN: usize = 4096;

/// How far a watcher may fall behind. At most so many payloads are held, 4 MiB.
const RING: usize = 1024;

/// How many may watch at once: each costs the writing of all that is told.
const WATCHERS: usize = 8;

/// How many messages are told in a [`WINDOW`].
const IN_WINDOW: u32 = 200;
const WINDOW: Duration = Duration::from_millis(100);

/// How long it takes at most until what was not told is counted.
const COUNT_EVERY: Duration = Duration::from_secs(1);

/// Keeps who is there, and tells watchers. Clones tell the same.
#[derive(Debug, Clone)]
pub(crate) struct LiveFeed(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    present: Mutex<BTreeMap<u64, Arc<ConnectedClient>>>,
    ring: broadcast::Sender<Arc<FeedEvent>>,
    seats: Arc<Semaphore>,
    pace: RateLimiter,
}

/// How a client is connected.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Transport {
    /// By a session of the bridge.
    WebSocket,
    /// To the echo service.
    Tcp,
}

/// What watchers are told: an entry as in a recording, the payload cut to what is shown, and
/// more.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FeedEvent {
    #[serde(flatten)]
    entry: Record,
    /// Of an opening.
    #[serde(skip_serializing_if = "Option::is_none")]
    transport: Option<Transport>,
    /// The length of a message's payload, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<usize>,
    /// What the client has sent and received by then.
    #[serde(flatten)]
    totals: Option<Totals>,
}

/// Numbers of messages.
#[derive(Debug, Clone, Copy, Serialize)]
struct Totals {
    sent: u64,
    received: u64,
}

/// A client that is there.
#[derive(Debug)]
struct ConnectedClient {
    opening: Record,
    transport: Transport,
    sent: AtomicU64,
    received: AtomicU64,
}

/// A client's place among those who are there; it leaves by [`left`](Self::left).
#[derive(Debug)]
pub(super) struct FeedEntry {
    monitor: LiveFeed,
    present: Arc<ConnectedClient>,
}

impl LiveFeed {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Shared {
            present: Mutex::default(),
            ring: broadcast::Sender::new(RING),
            seats: Arc::new(Semaphore::new(WATCHERS)),
            pace: RateLimiter::new(),
        }))
    }

    /// Tells that a client has come.
    pub(super) fn came(&self, id: u64, opening: Record, transport: Transport) -> FeedEntry {
        let present = Arc::new(ConnectedClient {
            opening,
            transport,
            sent: AtomicU64::default(),
            received: AtomicU64::default(),
        });
        let mut all = self.lock();
        all.insert(id, present.clone());
        self.tell(present.told());
        FeedEntry {
            monitor: self.clone(),
            present,
        }
    }

    /// Watches from now on, unless too many do.
    pub(crate) fn watch(&self) -> Option<Watch> {
        let seat = self.0.seats.clone().try_acquire_owned().ok()?;
        // Who comes or goes after this is told by the ring.
        let all = self.lock();
        let present: Vec<_> = all.values().cloned().collect();
        Some(Watch {
            present: present.into_iter(),
            ring: self.0.ring.subscribe(),
            monitor: self.clone(),
            is_behind: false,
            _seat: seat,
        })
    }

    fn is_watched(&self) -> bool {
        self.0.seats.available_permits() < WATCHERS
    }

    fn tell(&self, told: FeedEvent) {
        if self.is_watched() {
            // The last one may have gone.
            let _ = self.0.ring.send(Arc::new(told));
        }
    }

    fn tell_missed(&self) {
        let messages = take(&self.0.pace.missed);
        if messages > 0 {
            self.tell(FeedEvent::missed(messages));
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<ConnectedClient>>> {
        // Nothing panics while it holds the lock.
        self.0
            .present
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl FeedEntry {
    /// Tells of a message. Its payload is `parts`, one after another, and `whole` too, if
    /// that is there.
    pub(super) fn message(
        &self,
        time: SystemTime,
        direction: Direction,
        kind: MessageKind,
        parts: &[&[u8]],
        whole: Option<Bytes>,
    ) {
        let present = &self.present;
        let count = match direction {
            Direction::Sent => &present.sent,
            Direction::Received => &present.received,
        };
        count.fetch_add(1, Ordering::Relaxed);
        let monitor = &self.monitor;
        if !monitor.is_watched() || !monitor.0.pace.admits() {
            return;
        }
        monitor.tell_missed();
        let payload = whole.filter(|whole| whole.len() <= SHOWN);
        let event = Event::Message {
            direction,
            kind,
            payload: payload.unwrap_or_else(|| cut(parts, kind)),
        };
        monitor.tell(FeedEvent {
            bytes: Some(parts.iter().map(|part| part.len()).sum()),
            ..present.tells(time, event)
        });
    }

    /// Tells that the client has gone.
    pub(super) fn left(&self, time: SystemTime, event: Event) {
        let Some(id) = self.present.opening.session else {
            return;
        };
        let mut all = self.monitor.lock();
        all.remove(&id);
        self.monitor.tell(self.present.tells(time, event));
    }
}

impl ConnectedClient {
    /// The opening, again.
    fn told(&self) -> FeedEvent {
        let Record { time, event, .. } = self.opening.clone();
        FeedEvent {
            transport: Some(self.transport),
            ..self.tells(time, event)
        }
    }

    fn tells(&self, time: SystemTime, event: Event) -> FeedEvent {
        FeedEvent {
            entry: Record {
                time,
                session: self.opening.session,
                event,
            },
            transport: None,
            bytes: None,
            totals: Some(Totals {
                sent: self.sent.load(Ordering::Relaxed),
                received: self.received.load(Ordering::Relaxed),
            }),
        }
    }
}

impl FeedEvent {
    fn missed(messages: u64) -> Self {
        Self {
            entry: Record {
                time: SystemTime::now(),
                session: None,
                event: Event::Dropped { messages },
            },
            transport: None,
            bytes: None,
            totals: None,
        }
    }
}

/// Someone who watches.
#[derive(Debug)]
pub(crate) struct Watch {
    /// Those who were there at the beginning, and were not told of yet.
    present: vec::IntoIter<Arc<ConnectedClient>>,
    ring: broadcast::Receiver<Arc<FeedEvent>>,
    monitor: LiveFeed,
    is_behind: bool,
    _seat: OwnedSemaphorePermit,
}

impl Watch {
    /// What comes next; first all who are there. `None` once the watcher has fallen behind:
    /// it may begin anew.
    pub(crate) async fn next(&mut self) -> Option<Arc<FeedEvent>> {
        if self.is_behind {
            return None;
        }
        if let Some(present) = self.present.next() {
            return Some(Arc::new(present.told()));
        }
        loop {
            let told = tokio::select! {
                told = self.ring.recv() => told,
                () = sleep(COUNT_EVERY) => {
                    self.monitor.tell_missed();
                    continue;
                }
            };
            return match told {
                Ok(told) => Some(told),
                Err(RecvError::Lagged(missed)) => {
                    self.is_behind = true;
                    Some(Arc::new(FeedEvent::missed(missed)))
                }
                Err(RecvError::Closed) => None,
            };
        }
    }
}

/// Lets only so many messages through in each window of time. Threads that meet at the
/// beginning of one may let a few more through.
#[derive(Debug)]
struct RateLimiter {
    began: Instant,
    window: AtomicU64,
    admitted: AtomicU32,
    missed: AtomicU64,
}

impl RateLimiter {
    fn new() -> Self {
        Self {
            began: Instant::now(),
            window: AtomicU64::default(),
            admitted: AtomicU32::default(),
            missed: AtomicU64::default(),
        }
    }

    /// Whether one more may pass; counts it otherwise.
    fn admits(&self) -> bool {
        let window = (self.began.elapsed().as_millis() / WINDOW.as_millis()) as u64;
        if self.window.swap(window, Ordering::Relaxed) != window {
            self.admitted.store(0, Ordering::Relaxed);
        }
        let admits = self.admitted.fetch_add(1, Ordering::Relaxed) < IN_WINDOW;
        if !admits {
            self.missed.fetch_add(1, Ordering::Relaxed);
        }
        admits
    }
}

/// A copy of the beginning; of a text, whole characters.
fn cut(parts: &[&[u8]], kind: MessageKind) -> Bytes {
    let mut beginning = Vec::new();
    for part in parts {
        let room = SHOWN - beginning.len();
        beginning.extend_from_slice(&part[..part.len().min(room)]);
    }
    if kind == MessageKind::Text
        && let Err(error) = str::from_utf8(&beginning)
    {
        beginning.truncate(error.valid_up_to());
    }
    beginning.into()
}
