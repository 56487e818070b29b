//! One WebSocket and one TCP connection, joined.
//!
//! One message is one frame, each way, exactly. The two directions are two loops of
//! the same shape: read all that is ready, up to a batch, then write it at once; while
//! a write is blocked, that direction reads nothing. That is the backpressure, and
//! why no queue here can grow beyond a batch and one message.
//!
//! Both loops are poll functions over one owner rather than two tasks over halves: no
//! lock stands between them, and a session can leave them at any point, because what
//! they were in the middle of is in its fields.

pub(crate) mod session_end;
pub(crate) mod watchdog;

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use net::timer::timeout;
use net::timer::timeout_opt;
use protocol::MessageKind;
use protocol::{Decoder, Encoder, FrameError, Framing};
use recording::Direction;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_util::sync::CancellationToken;
use tracing::trace;

use crate::buffer::frame_reader::{FrameReader, ReadChunk};
use crate::buffer::payload::Payload;
use crate::buffer::pool::{return_scratch, scratch};
use crate::io::activity::ActivityStream;
use crate::io::lingering_close::lingering_close;
use crate::io::write::poll_write_all;
use crate::limits::Limits;
use crate::logging::is_trace_enabled;
use crate::metrics::Metrics;
use crate::observe::Tap;
use crate::runtime::stop::stopped_and_settled;
use crate::runtime::wake_filter::WakeFilter;
use crate::session::session_end::SessionEnd;
use crate::session::watchdog::{Movement, Verdict, Watchdog};
use crate::traffic::Traffic;
use crate::websocket::{Event, ReceiveError, WebSocket};

/// A WebSocket joined to a connection to the upstream.
#[derive(Debug)]
pub(crate) struct Session<C, U> {
    client: WebSocket<ActivityStream<C>>,
    upstream: ActivityStream<U>,
    /// Frames for the upstream, not yet written.
    outgoing: Encoder,
    /// What the upstream has sent.
    incoming: FrameReader,
    framing: Framing,
    /// What kind of message the client sent last, and so is answered with.
    speaks: MessageKind,
    /// Whether it is answered with binary messages whatever it sends.
    only_binary: bool,
    traffic: Traffic,
    /// What of it the metrics know.
    counted: Traffic,
    metrics: Metrics,
    /// Tells those who watch.
    tap: Tap,
    watchdog: Watchdog,
    limits: Arc<Limits>,
}

impl<C, U> Session<C, U>
where
    C: AsyncRead + AsyncWrite + Unpin,
    U: AsyncRead + AsyncWrite + Unpin,
{
    pub(crate) fn new(
        client: WebSocket<ActivityStream<C>>,
        upstream: U,
        framing: Framing,
        limits: impl Into<Arc<Limits>>,
        metrics: Metrics,
    ) -> Self {
        let limits = limits.into();
        Self {
            client,
            upstream: ActivityStream::new(upstream),
            outgoing: Encoder::new(framing),
            incoming: FrameReader::new(Decoder::new(framing, limits.max_reply())),
            framing,
            speaks: MessageKind::Text,
            // What arrives may be cut inside a character.
            only_binary: framing == Framing::Raw,
            traffic: Traffic::default(),
            counted: Traffic::default(),
            metrics,
            tap: Tap::default(),
            watchdog: Watchdog::new(&limits),
            limits,
        }
    }

    /// Makes every message to the client a binary one.
    pub(crate) fn send_binary(&mut self) {
        self.only_binary = true;
    }

    /// Has `tap` tell of the session.
    pub(crate) fn observe(&mut self, tap: Tap) {
        self.tap = tap;
    }

    /// Passes messages on until either side ends or `stop` is set, then closes both.
    pub(crate) async fn run(&mut self, stop: &CancellationToken) -> (SessionEnd, Traffic) {
        let end = {
            let (mut rarely, stopped) = (WakeFilter::default(), pin!(stopped_and_settled(stop)));
            tokio::select! {
                biased;
                end = self.pass_on() => end,
                () = rarely.wait(stopped) => SessionEnd::Shutdown,
            }
        };
        // Apart, because every session would have room for it.
        Box::pin(self.finish(&end)).await;
        (end, self.traffic)
    }

    /// Passes on what is still owed, and closes both sides.
    async fn finish(&mut self, end: &SessionEnd) {
        let owed = end.owed(self.asked());
        let patience = match end {
            SessionEnd::ClientClosed(_) => Some(self.limits.close_timeout),
            _ => self.limits.drain_timeout,
        };
        timeout_opt(patience, self.deliver(owed)).await;
        self.count();
        end.report(&mut self.tap);
        tokio::join!(
            close_client(&mut self.client, end, &self.limits),
            close_upstream(&mut self.upstream, &mut self.outgoing, &self.limits),
        );
    }

    /// How many frames the upstream may still owe for what the client has sent. A stream has
    /// no frames to count: only its end says that all is answered.
    fn asked(&self) -> u64 {
        match self.framing {
            Framing::Raw if self.traffic.sent_bytes > 0 => u64::MAX,
            Framing::Raw => 0,
            _ => self.traffic.sent,
        }
    }

    async fn pass_on(&mut self) -> SessionEnd {
        poll_fn(|cx| {
            if let Poll::Ready(end) = self.poll_watch(cx) {
                return Poll::Ready(end);
            }
            match self.pass_ready(cx) {
                Err(end) => Poll::Ready(end),
                Ok(()) => Poll::Pending,
            }
        })
        .await
    }

    /// Passes on what is ready, the directions in turns, each until it is pending: then it
    /// wakes the task by itself.
    fn pass_ready(&mut self, cx: &mut Context<'_>) -> Result<(), SessionEnd> {
        let (mut up, mut down) = (true, true);
        while up || down {
            up = up && is_ready(self.poll_up(cx))?;
            down = down && is_ready(self.poll_down(cx, u64::MAX))?;
        }
        Ok(())
    }

    /// Takes nothing more from the client, and passes frames on to it until it has had
    /// `owed` of them or there are no more.
    ///
    /// The upstream's side is ended, so that one that answers several messages with one
    /// frame, or with none, says by its own end that it is done.
    async fn deliver(&mut self, owed: u64) {
        let mut half_closed = false;
        poll_fn(|cx| {
            while self.traffic.received < owed {
                if !half_closed && self.poll_write(cx).is_ready() {
                    half_closed = Pin::new(&mut self.upstream).poll_shutdown(cx).is_ready();
                }
                if ready!(self.poll_down(cx, owed)).is_err() {
                    break;
                }
            }
            Poll::Ready(())
        })
        .await;
    }

    /// Client to upstream: writes what was gathered, then gathers what one read brings.
    fn poll_up(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SessionEnd>> {
        if self.outgoing.has_remaining() {
            ready!(self.poll_write(cx)).map_err(SessionEnd::UpstreamLost)?;
            return_scratch(self.outgoing.take_buffer());
            self.count();
        }
        // A client that does not take its pongs may not go on pinging.
        if self.client.outbox().has_pong() {
            ready!(self.client.poll_flush(cx))?;
        }
        let (outgoing, traffic) = (&mut self.outgoing, &mut self.traffic);
        let (speaks, tap) = (&mut self.speaks, &mut self.tap);
        self.client.poll_receive(cx, |event, outbox| match event {
            Event::Message(kind, payload) => {
                *speaks = kind;
                if !outgoing.has_remaining() {
                    outgoing.set_buffer(scratch());
                }
                let len = payload.as_ref().len();
                if is_trace_enabled() {
                    trace_passing("client to upstream", payload.as_ref());
                }
                let pushed = match &payload {
                    Payload::Borrowed(payload) => outgoing.push_copy(&[payload]),
                    Payload::Shared(payload) => outgoing.push([payload.clone()]),
                };
                pushed.map_err(SessionEnd::from_message)?;
                traffic.count_sent(len);
                tap.message(Direction::Sent, kind, &payload);
                Ok(())
            }
            Event::Ping(payload) => {
                outbox.push_pong(payload);
                Ok(())
            }
            Event::Pong => Ok(()),
            Event::Close(close) => Err(SessionEnd::ClientClosed(close)),
        })
    }

    /// Upstream to client: flushes what was passed on, then passes on what one read brings.
    /// Passes on no frame past the session's first `limit`.
    fn poll_down(&mut self, cx: &mut Context<'_>, limit: u64) -> Poll<Result<(), SessionEnd>> {
        if self.client.owes() {
            ready!(self.client.poll_flush(cx))?;
            return_scratch(self.client.outbox().take_buffer());
            self.count();
        }
        if self.traffic.received >= limit {
            return Poll::Ready(Ok(()));
        }
        let read = ready!(self.incoming.poll_read(&mut self.upstream, cx));
        let Some(landed) = read.map_err(SessionEnd::UpstreamLost)? else {
            return Poll::Ready(Err(upstream_end(&self.incoming)));
        };
        self.client.outbox().set_buffer(scratch());
        let mut rest = landed.bytes();
        let passed = self.pass_down(&landed, &mut rest, limit);
        let left = rest.len();
        self.incoming.keep(landed, left);
        Poll::Ready(passed.map_err(SessionEnd::from))
    }

    /// Makes messages of the frames in `rest` of what `landed`, up to the session's first
    /// `limit`, and takes them off it.
    fn pass_down<'l>(
        &mut self,
        landed: &'l ReadChunk,
        rest: &mut &'l [u8],
        limit: u64,
    ) -> Result<(), FrameError> {
        let speaks = match self.only_binary {
            true => MessageKind::Binary,
            false => self.speaks,
        };
        let outbox = self.client.outbox();
        while self.traffic.received < limit {
            let Some(payload) = self.incoming.next_payload(rest)? else {
                break;
            };
            if is_trace_enabled() {
                trace_passing("upstream to client", payload);
            }
            self.traffic.count_received(payload.len());
            let kind = kind_of(payload, speaks);
            let payload = landed.payload(payload);
            self.tap.message(Direction::Received, kind, &payload);
            outbox.push(kind, payload);
        }
        Ok(())
    }

    /// Pings a client that is silent, and ends a session in which nothing moves that
    /// should.
    fn poll_watch(&mut self, cx: &mut Context<'_>) -> Poll<SessionEnd> {
        loop {
            let client_blocked = self.client.owes();
            let (client, upstream) = (self.client.stream_mut(), &mut self.upstream);
            let movement = || Movement {
                client_sent: client.take_read(),
                client_read: client.take_wrote(),
                upstream_moved: upstream.take_read() | upstream.take_wrote(),
                client_blocked,
                upstream_blocked: self.outgoing.has_remaining(),
                inside_frame: !self.incoming.is_empty(),
            };
            match ready!(self.watchdog.poll(cx, movement)) {
                Some(Verdict::Over(end)) => return Poll::Ready(end),
                Some(Verdict::Ping) => self.client.outbox().push_ping(),
                None => {}
            }
        }
    }

    /// Writes to the upstream until nothing is left to write.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        poll_write_all(&mut self.upstream, cx, &mut self.outgoing, || {})
    }

    /// Tells the metrics, once for a batch.
    fn count(&mut self) {
        let before = std::mem::replace(&mut self.counted, self.traffic);
        self.metrics.passed(self.traffic.since(before));
    }
}

fn is_ready(polled: Poll<Result<(), SessionEnd>>) -> Result<bool, SessionEnd> {
    match polled {
        Poll::Ready(passed) => passed.map(|()| true),
        Poll::Pending => Ok(false),
    }
}

/// What the end of the upstream's side means.
fn upstream_end(incoming: &FrameReader) -> SessionEnd {
    match incoming.finish() {
        Ok(()) => SessionEnd::UpstreamClosed,
        Err(error) => SessionEnd::UpstreamFrame(error),
    }
}

/// What a frame from the upstream becomes for a client that speaks so.
#[inline]
fn kind_of(payload: &[u8], speaks: MessageKind) -> MessageKind {
    match speaks {
        MessageKind::Text => MessageKind::of(payload),
        MessageKind::Binary => MessageKind::Binary,
    }
}

#[cold]
fn trace_passing(way: &str, payload: &[u8]) {
    trace!(payload = %payload.escape_ascii(), "{way}");
}

/// Tells the client how the session ended, and waits for it to take note.
pub(crate) async fn close_client<C>(client: &mut WebSocket<C>, end: &SessionEnd, limits: &Limits)
where
    C: AsyncRead + AsyncWrite + Unpin,
{
    if !matches!(end, SessionEnd::ClientLost) {
        client.outbox().push_close(end.close_frame().as_ref());
    }
    let closing = async {
        poll_fn(|cx| client.poll_flush(cx)).await?;
        loop {
            // What comes before the client's own Close is too late.
            poll_fn(|cx| client.poll_receive(cx, |_, _| Ok::<_, ReceiveError>(()))).await?;
        }
    };
    // A client that is gone or does not answer is not told twice.
    let _: Result<Result<(), ReceiveError>, _> = timeout(limits.close_timeout, closing).await;
    lingering_close(client.stream_mut()).await;
}

/// Lets the upstream have what the client had sent, then its end.
async fn close_upstream<U>(upstream: &mut U, outgoing: &mut Encoder, limits: &Limits)
where
    U: AsyncRead + AsyncWrite + Unpin,
{
    // An upstream that is gone or does not read cannot be given more.
    let _ = timeout(limits.close_timeout, upstream.write_all_buf(outgoing)).await;
    lingering_close(upstream).await;
}

#[cfg(test)]
mod faults;
#[cfg(test)]
mod tests;
