//! Live feed: publishes the connected clients and their messages to subscribers.
//!
//! All subscribers read from one broadcast ring. A slow one that misses events of the ring gets
//! a `dropped` event, and its subscription ends. A rate limiter bounds the messages in the
//! ring; the dropped ones are counted and reported.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use std::vec;

use bytes::Bytes;
use net::peer_addr::ClientHost;
use net::timer::sleep;
use protocol::MessageKind;
use recording::{Direction, Event, Record};
use serde::Serialize;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::observe::rate_limiter::RateLimiter;
use crate::observe::seats::{Seat, Seats};

/// The most bytes of a payload in an event: the page shows no more of one.
const MAX_PAYLOAD_LEN: usize = 4096;

/// The number of events that a subscriber may fall behind; their payloads take 4 MiB at most.
const RING_CAPACITY: usize = 1024;

/// The subscriber limit: each event is encoded and sent once per subscriber.
const MAX_SUBSCRIBERS: usize = 16;

/// The subscriber limit of one address, so that it leaves seats to others.
const MAX_SUBSCRIBERS_PER_IP: usize = 8;

/// The most messages published in one [`WINDOW`] of the rate limiter.
const MAX_MESSAGES_PER_WINDOW: u32 = 200;
const WINDOW: Duration = Duration::from_millis(100);

/// The longest delay until dropped messages are reported.
const REPORT_DROPPED_EVERY: Duration = Duration::from_secs(1);

/// The connected clients, and the ring of events about them. Clones share both.
#[derive(Debug, Clone)]
pub(crate) struct LiveFeed(Arc<FeedState>);

#[derive(Debug)]
struct FeedState {
    clients: Mutex<BTreeMap<u64, Arc<ConnectedClient>>>,
    ring: broadcast::Sender<Arc<FeedEvent>>,
    seats: Seats,
    started: Instant,
    rate_limiter: RateLimiter,
}

/// The kind of connection of a client.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Transport {
    /// A session of the bridge.
    WebSocket,
    /// A connection to the echo service.
    Tcp,
}

/// An event of the live feed, serialized as JSON: a record as in a recording, its payload
/// truncated, with totals.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FeedEvent {
    #[serde(flatten)]
    record: Record,
    /// Set in `open` events.
    #[serde(skip_serializing_if = "Option::is_none")]
    transport: Option<Transport>,
    /// The full length of a message's payload, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<usize>,
    /// The messages of the client so far.
    #[serde(flatten)]
    totals: Option<Totals>,
}

/// Numbers of messages that a client has sent and received.
#[derive(Debug, Clone, Copy, Serialize)]
struct Totals {
    sent: u64,
    received: u64,
}

/// A client that the live feed lists.
#[derive(Debug)]
struct ConnectedClient {
    open_record: Record,
    transport: Transport,
    sent: AtomicU64,
    received: AtomicU64,
}

/// The entry of a connected client in the live feed, until
/// [`disconnected`](Self::disconnected).
#[derive(Debug)]
pub(super) struct FeedEntry {
    live_feed: LiveFeed,
    client: Arc<ConnectedClient>,
}

impl LiveFeed {
    pub(crate) fn new() -> Self {
        Self(Arc::new(FeedState {
            clients: Mutex::default(),
            ring: broadcast::Sender::new(RING_CAPACITY),
            seats: Seats::new(MAX_SUBSCRIBERS, MAX_SUBSCRIBERS_PER_IP),
            started: Instant::now(),
            rate_limiter: RateLimiter::default(),
        }))
    }

    /// Lists a client, and publishes its `open` event.
    pub(super) fn connected(
        &self,
        id: u64,
        open_record: Record,
        transport: Transport,
    ) -> FeedEntry {
        let client = Arc::new(ConnectedClient {
            open_record,
            transport,
            sent: AtomicU64::default(),
            received: AtomicU64::default(),
        });
        let mut clients = self.lock();
        clients.insert(id, client.clone());
        self.publish(client.open_event());
        FeedEntry {
            live_feed: self.clone(),
            client,
        }
    }

    /// Subscribes the client at `host` to all events from now on; `None` if a subscriber limit is
    /// reached.
    pub(crate) fn subscribe(&self, host: ClientHost) -> Option<Subscription> {
        let seat = self.0.seats.take(host)?;
        // Under the lock, so that each later change is an event of the ring.
        let clients = self.lock();
        let listed: Vec<_> = clients.values().cloned().collect();
        Some(Subscription {
            listed: listed.into_iter(),
            ring: self.0.ring.subscribe(),
            live_feed: self.clone(),
            has_lagged: false,
            _seat: seat,
        })
    }

    fn has_subscribers(&self) -> bool {
        self.0.ring.receiver_count() > 0
    }

    fn publish(&self, event: FeedEvent) {
        if self.has_subscribers() {
            // Fails if the last subscriber has just left.
            let _ = self.0.ring.send(Arc::new(event));
        }
    }

    fn admits(&self) -> bool {
        let window = self.0.started.elapsed().as_millis() / WINDOW.as_millis();
        self.0
            .rate_limiter
            .admits(window as u32, MAX_MESSAGES_PER_WINDOW)
    }

    fn publish_dropped(&self) {
        let messages = self.0.rate_limiter.dropped.take();
        if messages > 0 {
            self.publish(FeedEvent::dropped(messages));
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<ConnectedClient>>> {
        // Not poisoned: no code under the lock panics.
        self.0
            .clients
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl FeedEntry {
    /// Counts a message, and publishes it unless the rate limiter drops it. Its payload is the
    /// concatenation of `parts`; `shared`, if present, is that payload in one buffer.
    pub(super) fn message(
        &self,
        time: SystemTime,
        direction: Direction,
        kind: MessageKind,
        parts: &[&[u8]],
        shared: Option<Bytes>,
    ) {
        let count = match direction {
            Direction::Sent => &self.client.sent,
            Direction::Received => &self.client.received,
        };
        count.fetch_add(1, Ordering::Relaxed);
        let live_feed = &self.live_feed;
        if !live_feed.has_subscribers() || !live_feed.admits() {
            return;
        }
        live_feed.publish_dropped();
        let payload = shared.filter(|payload| payload.len() <= MAX_PAYLOAD_LEN);
        let event = Event::Message {
            direction,
            kind,
            payload: payload.unwrap_or_else(|| truncate(parts, kind)),
        };
        live_feed.publish(FeedEvent {
            bytes: Some(parts.iter().map(|part| part.len()).sum()),
            ..self.client.feed_event(time, event)
        });
    }

    /// Publishes a change of a resumable session's connection.
    pub(super) fn connection_changed(&self, time: SystemTime, event: Event) {
        self.live_feed.publish(self.client.feed_event(time, event));
    }

    /// Removes the client from the list, and publishes its `close` event.
    pub(super) fn disconnected(&self, time: SystemTime, event: Event) {
        let Some(id) = self.client.open_record.session else {
            return;
        };
        let mut clients = self.live_feed.lock();
        clients.remove(&id);
        self.live_feed.publish(self.client.feed_event(time, event));
    }
}

impl ConnectedClient {
    /// Returns the `open` event, with the totals so far.
    fn open_event(&self) -> FeedEvent {
        let Record { time, event, .. } = self.open_record.clone();
        FeedEvent {
            transport: Some(self.transport),
            ..self.feed_event(time, event)
        }
    }

    fn feed_event(&self, time: SystemTime, event: Event) -> FeedEvent {
        FeedEvent {
            record: Record {
                time,
                session: self.open_record.session,
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
    fn dropped(messages: u64) -> Self {
        Self {
            record: Record {
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

/// A subscription to the live feed. It holds one of the [`MAX_SUBSCRIBERS`] seats.
#[derive(Debug)]
pub(crate) struct Subscription {
    /// The clients listed at the beginning whose `open` event is still to be sent.
    listed: vec::IntoIter<Arc<ConnectedClient>>,
    ring: broadcast::Receiver<Arc<FeedEvent>>,
    live_feed: LiveFeed,
    has_lagged: bool,
    _seat: Seat,
}

impl Subscription {
    /// Waits for the next event: first an `open` event per listed client, then those of the
    /// ring. `None` after events were missed: the subscriber may subscribe again.
    pub(crate) async fn next(&mut self) -> Option<Arc<FeedEvent>> {
        if self.has_lagged {
            return None;
        }
        if let Some(client) = self.listed.next() {
            return Some(Arc::new(client.open_event()));
        }
        loop {
            let received = tokio::select! {
                received = self.ring.recv() => received,
                () = sleep(REPORT_DROPPED_EVERY) => {
                    self.live_feed.publish_dropped();
                    continue;
                }
            };
            return match received {
                Ok(event) => Some(event),
                Err(RecvError::Lagged(missed)) => {
                    self.has_lagged = true;
                    Some(Arc::new(FeedEvent::dropped(missed)))
                }
                Err(RecvError::Closed) => None,
            };
        }
    }
}

/// Copies the first [`MAX_PAYLOAD_LEN`] bytes, without a partial character at the end of a text.
fn truncate(parts: &[&[u8]], kind: MessageKind) -> Bytes {
    let mut payload = Vec::new();
    for part in parts {
        let remaining = MAX_PAYLOAD_LEN - payload.len();
        payload.extend_from_slice(&part[..part.len().min(remaining)]);
    }
    if kind == MessageKind::Text
        && let Err(error) = str::from_utf8(&payload)
    {
        payload.truncate(error.valid_up_to());
    }
    payload.into()
}
