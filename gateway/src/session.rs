//! A session: one WebSocket joined to one upstream connection.
//!
//! One message is one frame, each way. Each direction is a loop: it reads what is ready, up to
//! a batch, then writes the batch at once; while a write is blocked, it reads nothing. That is
//! the backpressure: no queue grows beyond a batch and one message.
//!
//! Both loops are poll functions over one owner rather than two tasks over split halves: there
//! is no lock, and a session can leave the loops at any point, because their state is in its
//! fields.

pub(crate) mod client_side;
pub(crate) mod close_client;
mod closing;
pub(crate) mod deadlines;
pub(crate) mod plain_client;
pub(crate) mod resumable_client;
pub(crate) mod resume_log;
mod service_times;
pub(crate) mod session_end;
mod watchdog;

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Buf;
use net::timer::sleep;
use protocol::{Encoder, Framing, Framings, MessageKind, Payload};
use recording::Direction;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, Sleep};
use tokio_util::sync::CancellationToken;
use tracing::trace;

use crate::buffer::frame_reader::{FrameReader, Frames};
use crate::buffer::write_batch::WriteBatch;
use crate::io::activity::ActivityStream;
use crate::limits::Limits;
use crate::logging::{is_trace_enabled, shown_payload};
use crate::metrics::Metrics;
use crate::observe::Tap;
use crate::runtime::stop::stopped_and_settled;
use crate::runtime::wake_filter::WakeFilter;
use crate::session::client_side::{Batch, ClientSide};
use crate::session::session_end::SessionEnd;
use crate::session::watchdog::{Movement, Verdict, Watchdog};
use crate::traffic::Traffic;

/// Time that a session stays half-open: the upstream has ended its sending side, and may still
/// take messages. It begins anew with each of them.
///
/// Nothing tells a half-close from a close until a write fails, so it is short: most services
/// that end one side are gone.
const HALF_OPEN: Duration = Duration::from_millis(200);

/// A client joined to an upstream connection.
#[derive(Debug)]
pub(crate) struct Session<C, U> {
    client: C,
    upstream: ActivityStream<U>,
    /// Frames for the upstream, not yet written.
    outgoing: WriteBatch<Encoder>,
    /// Frames from the upstream.
    incoming: FrameReader,
    /// Set once the upstream has ended its sending side; elapses when the session ends too.
    half_open: Option<Pin<Box<Sleep>>>,
    /// Set if the upstream's stream has no frames.
    is_raw: bool,
    /// The kind of the client's last message; replies have it too.
    reply_kind: MessageKind,
    /// Set if all messages to the client are binary.
    binary_only: bool,
    traffic: Traffic,
    /// The part of the traffic that was reported to the metrics.
    reported: Traffic,
    metrics: Metrics,
    /// Reports to the observers.
    tap: Tap,
    watchdog: Watchdog,
    limits: Arc<Limits>,
}

impl<C, U> Session<C, U>
where
    C: ClientSide,
    U: AsyncRead + AsyncWrite + Unpin,
{
    pub(crate) fn new(
        client: C,
        upstream: U,
        framings: &Framings,
        limits: impl Into<Arc<Limits>>,
        metrics: Metrics,
    ) -> Self {
        let limits = limits.into();
        let is_raw = framings.framing == Framing::Raw;
        Self {
            client,
            upstream: ActivityStream::new(upstream),
            outgoing: WriteBatch::new(framings.encoder()),
            incoming: FrameReader::new(framings.decoder(limits.max_reply())),
            half_open: None,
            is_raw,
            reply_kind: MessageKind::Text,
            // A chunk of a raw stream may end inside a character.
            binary_only: is_raw,
            traffic: Traffic::default(),
            reported: Traffic::default(),
            metrics,
            tap: Tap::default(),
            watchdog: Watchdog::new(&limits),
            limits,
        }
    }

    /// Makes every message to the client a binary one.
    pub(crate) fn send_binary(&mut self) {
        self.binary_only = true;
    }

    /// Sets the tap that observes the session.
    pub(crate) fn observe(&mut self, tap: Tap) {
        self.tap = tap;
    }

    /// Relays messages until either side ends or `stop` is set, then closes both.
    pub(crate) async fn run(&mut self, stop: &CancellationToken) -> (SessionEnd, Traffic) {
        let end = {
            let (mut filter, stopped) = (WakeFilter::default(), pin!(stopped_and_settled(stop)));
            tokio::select! {
                biased;
                end = self.relay() => end,
                () = filter.wait(stopped) => SessionEnd::Shutdown,
            }
        };
        // Boxed: its size would otherwise be part of every session.
        Box::pin(self.finish(&end, stop)).await;
        (end, self.traffic)
    }

    async fn relay(&mut self) -> SessionEnd {
        poll_fn(|cx| {
            if let Poll::Ready(end) = self.poll_watchdog(cx) {
                return Poll::Ready(end);
            }
            loop {
                if let Err(end) = self.relay_ready(cx) {
                    return Poll::Ready(end);
                }
                let event = self.client.poll_event(cx);
                self.report_changes();
                if let Err(end) = ready!(event) {
                    return Poll::Ready(end);
                }
            }
        })
        .await
    }

    /// Relays the ready messages, the directions in turns, each until it is pending and will
    /// wake the task.
    fn relay_ready(&mut self, cx: &mut Context<'_>) -> Result<(), SessionEnd> {
        let (mut up, mut down) = (true, true);
        while up || down {
            up = up && is_ready(self.poll_client_to_upstream(cx))?;
            down |= self.client.take_unblocked();
            down = down && is_ready(self.poll_upstream_to_client(cx, u64::MAX))?;
        }
        Ok(())
    }

    /// Client to upstream: writes the batch, then fills it from one read.
    fn poll_client_to_upstream(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SessionEnd>> {
        if self.outgoing.has_begun() {
            match self.poll_write(cx) {
                Poll::Ready(written) => {
                    written.map_err(|error| self.lost_upstream(error))?;
                    self.report_traffic();
                    // The client still sends.
                    if let Some(half_open) = &mut self.half_open {
                        half_open.as_mut().reset(Instant::now() + HALF_OPEN);
                    }
                }
                Poll::Pending if self.client.reads_ahead() => {}
                Poll::Pending => return Poll::Pending,
            }
        }
        let (outgoing, traffic) = (&mut self.outgoing, &mut self.traffic);
        let (reply_kind, tap) = (&mut self.reply_kind, &mut self.tap);
        self.client.poll_receive(cx, |kind, payload| {
            *reply_kind = kind;
            let len = payload.as_ref().len();
            if is_trace_enabled() {
                trace_message("client to upstream", payload.as_ref());
            }
            let pushed = match &payload {
                Payload::Borrowed(payload) => outgoing.begin().push_copy(&[payload]),
                Payload::Shared(payload) => outgoing.begin().push([payload.clone()]),
            };
            pushed.map_err(SessionEnd::from_message)?;
            traffic.count_sent(len);
            tap.message(Direction::Sent, kind, &payload);
            Ok(())
        })
    }

    /// Upstream to client: flushes the batch, then fills it from one read, up to the frame
    /// number `limit` of the session.
    fn poll_upstream_to_client(
        &mut self,
        cx: &mut Context<'_>,
        limit: u64,
    ) -> Poll<Result<(), SessionEnd>> {
        if self.client.needs_flush() {
            ready!(self.client.poll_flush(cx))?;
            self.report_traffic();
        }
        if self.traffic.received >= limit {
            return Poll::Ready(Ok(()));
        }
        if let Some(half_open) = &mut self.half_open {
            ready!(half_open.as_mut().poll(cx));
            return Poll::Ready(Err(SessionEnd::UpstreamClosed));
        }
        let Some(room) = self.client.room() else {
            return Poll::Pending;
        };
        let allowed = limit - self.traffic.received;
        let reply_kind = self.message_kind();
        let (client, traffic, tap) = (&mut self.client, &mut self.traffic, &mut self.tap);
        let take_frames = |frames: &mut Frames<'_>| {
            let mut batch = client.begin_batch();
            let mut observe = |payload: &Payload<'_>| {
                if is_trace_enabled() {
                    trace_message("upstream to client", payload);
                }
                traffic.count_received(payload.len());
                let kind = message_kind(payload, reply_kind);
                tap.message(Direction::Received, kind, payload);
                kind
            };
            for _ in 0..allowed {
                if let Some(payload) = frames.next_short_payload() {
                    let kind = observe(&Payload::Borrowed(payload));
                    batch.push_copy(kind, payload);
                } else if let Some(payload) = frames.next_payload()? {
                    let payload = frames.share(payload);
                    batch.push(observe(&payload), payload);
                } else {
                    break;
                }
            }
            Ok::<_, SessionEnd>(())
        };
        let upstream = &mut self.upstream;
        let read = self.incoming.poll_frames(upstream, cx, room, take_frames);
        Poll::Ready(match ready!(read).map_err(SessionEnd::UpstreamLost)? {
            Some(passed) => passed,
            None => self.end_of_upstream(),
        })
    }

    /// Notes the end of the upstream's sending side, which has to be between two frames. Its
    /// other side stays open for messages that the client sends soon.
    #[cold]
    fn end_of_upstream(&mut self) -> Result<(), SessionEnd> {
        if let Some(payload) = self.incoming.finish()? {
            let kind = message_kind(&payload, self.message_kind());
            self.traffic.count_received(payload.len());
            let payload = Payload::Shared(payload);
            self.tap.message(Direction::Received, kind, &payload);
            self.client.begin_batch().push(kind, payload);
        }
        self.half_open = Some(Box::pin(sleep(HALF_OPEN)));
        Ok(())
    }

    /// The kind of messages to the client that are UTF-8.
    fn message_kind(&self) -> MessageKind {
        match self.binary_only {
            true => MessageKind::Binary,
            false => self.reply_kind,
        }
    }

    #[cold]
    fn lost_upstream(&self, error: io::Error) -> SessionEnd {
        match self.half_open {
            // The end of its sending side was its end.
            Some(_) => SessionEnd::UpstreamClosed,
            None => SessionEnd::UpstreamLost(error),
        }
    }

    /// Acts on the watchdog's verdicts: pings the client, or ends the session.
    fn poll_watchdog(&mut self, cx: &mut Context<'_>) -> Poll<SessionEnd> {
        loop {
            let (client, upstream) = (&mut self.client, &mut self.upstream);
            let movement = || Movement {
                client: client.movement(),
                upstream_moved: upstream.take_read() | (upstream.take_written() > 0),
                upstream_blocked: self.outgoing.has_remaining(),
                inside_frame: !self.incoming.is_empty(),
            };
            match ready!(self.watchdog.poll(cx, movement)) {
                Some(Verdict::Over(end)) => {
                    if let Err(end) = self.client.give_up(end) {
                        return Poll::Ready(end);
                    }
                }
                Some(Verdict::Ping) => self.client.ping(),
                None => {}
            }
        }
    }

    /// Writes to the upstream until nothing is left to write.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.outgoing.poll_write(&mut self.upstream, cx, || {}))?;
        self.client.note_written(cx);
        Poll::Ready(Ok(()))
    }

    /// Reports changes of the client's connection to the observers.
    fn report_changes(&mut self) {
        for change in self.client.take_changes() {
            self.tap.connection_changed(change);
        }
    }

    /// Reports the traffic since the last call to the metrics, once a batch.
    fn report_traffic(&mut self) {
        let before = std::mem::replace(&mut self.reported, self.traffic);
        self.metrics.passed(self.traffic.since(before));
    }
}

fn is_ready(polled: Poll<Result<(), SessionEnd>>) -> Result<bool, SessionEnd> {
    match polled {
        Poll::Ready(passed) => passed.map(|()| true),
        Poll::Pending => Ok(false),
    }
}

/// The kind of message for a frame from the upstream: text if the client uses it and the
/// payload is UTF-8.
#[inline]
fn message_kind(payload: &[u8], reply_kind: MessageKind) -> MessageKind {
    match reply_kind {
        MessageKind::Text => MessageKind::of(payload),
        MessageKind::Binary => MessageKind::Binary,
    }
}

#[cold]
fn trace_message(direction: &str, payload: &[u8]) {
    trace!(payload = %shown_payload(payload), "{direction}");
}

#[cfg(test)]
mod fairness;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod resume_faults;
#[cfg(test)]
mod resume_tests;
#[cfg(test)]
mod tests;
