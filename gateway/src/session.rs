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

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use futures_util::{SinkExt, StreamExt};
use protocol::{Decoder, Encoder, Framing};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_util::io::poll_write_buf;
use tokio_util::sync::CancellationToken;
use tracing::trace;

use crate::Limits;
use crate::drain::{last_call, linger, within};
use crate::end::End;
use crate::liveness::Pulse;
use crate::metrics::Metrics;
use crate::read::{poll_read, release};
use crate::traffic::Traffic;
use crate::watch::{Finding, Movement, Watch};

/// How many bytes of frames are gathered for one write to the upstream.
const BATCH: usize = 64 * 1024;

/// A WebSocket joined to a connection to the upstream.
#[derive(Debug)]
pub(crate) struct Session<C, U> {
    client: WebSocketStream<Pulse<C>>,
    upstream: Pulse<U>,
    decoder: Decoder,
    /// Frames for the upstream, not yet written.
    outgoing: Encoder,
    /// Bytes from the upstream that are no whole frame yet.
    incoming: BytesMut,
    /// Whether the client was given messages that are not flushed yet.
    unflushed: bool,
    /// Whether a pong for the client is not flushed yet.
    pong_due: bool,
    /// What kind of message the client sent last, and so is answered with.
    speaks: Kind,
    traffic: Traffic,
    /// What of it the metrics know.
    counted: Traffic,
    metrics: Metrics,
    watch: Watch,
    limits: Limits,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    Binary,
}

impl<C, U> Session<C, U>
where
    C: AsyncRead + AsyncWrite + Unpin,
    U: AsyncRead + AsyncWrite + Unpin,
{
    pub(crate) fn new(
        client: WebSocketStream<Pulse<C>>,
        upstream: U,
        framing: Framing,
        limits: Limits,
        metrics: Metrics,
    ) -> Self {
        Self {
            client,
            upstream: Pulse::new(upstream),
            decoder: Decoder::new(framing, limits.max_reply()),
            outgoing: Encoder::new(framing),
            incoming: BytesMut::new(),
            unflushed: false,
            pong_due: false,
            speaks: Kind::Text,
            traffic: Traffic::default(),
            counted: Traffic::default(),
            metrics,
            watch: Watch::new(&limits),
            limits,
        }
    }

    /// Passes messages on until either side ends or `stop` is set, then closes both.
    pub(crate) async fn run(mut self, stop: CancellationToken) -> (End, Traffic) {
        let end = tokio::select! {
            biased;
            end = self.pass_on() => end,
            () = last_call(&stop) => End::Shutdown,
        };
        let owed = end.owed(self.traffic.sent);
        within(self.limits.drain_timeout, self.deliver(owed)).await;
        self.count();
        tokio::join!(
            close_client(&mut self.client, &end, &self.limits),
            close_upstream(&mut self.upstream, &mut self.outgoing, &self.limits),
        );
        (end, self.traffic)
    }

    async fn pass_on(&mut self) -> End {
        poll_fn(|cx| {
            if let Poll::Ready(end) = self.poll_watch(cx) {
                return Poll::Ready(end);
            }
            loop {
                match (self.poll_up(cx), self.poll_down(cx, u64::MAX)) {
                    (Poll::Ready(Err(end)), _) | (_, Poll::Ready(Err(end))) => {
                        return Poll::Ready(end);
                    }
                    (Poll::Pending, Poll::Pending) => return Poll::Pending,
                    _ => {}
                }
            }
        })
        .await
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

    /// Client to upstream: writes what was gathered, then gathers what is ready.
    fn poll_up(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), End>> {
        ready!(self.poll_write(cx)).map_err(End::UpstreamLost)?;
        self.count();
        while self.outgoing.remaining() < BATCH {
            match self.poll_message(cx) {
                Poll::Ready(message) => self.take(message?)?,
                Poll::Pending if self.outgoing.has_remaining() => break,
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Result<Message, End>> {
        // tungstenite has queued it, and would queue any number: a client that does not
        // take its pongs may not go on pinging.
        if self.pong_due {
            ready!(self.client.poll_flush_unpin(cx)).map_err(End::from_client)?;
            self.pong_due = false;
        }
        let message = ready!(self.client.poll_next_unpin(cx));
        Poll::Ready(message.ok_or(End::ClientLost)?.map_err(End::from_client))
    }

    /// Upstream to client: passes on and flushes what was read, then reads what is
    /// ready. Passes on no frame past the session's first `limit`.
    fn poll_down(&mut self, cx: &mut Context<'_>, limit: u64) -> Poll<Result<(), End>> {
        while self.traffic.received < limit {
            // Asked first: a frame that is taken off then surely goes out.
            ready!(self.client.poll_ready_unpin(cx)).map_err(End::from_client)?;
            match self.decoder.split_payload(&mut self.incoming) {
                Ok(Some(payload)) => self.give(payload)?,
                Ok(None) => break,
                Err(error) => return Poll::Ready(Err(End::UpstreamFrame(error))),
            }
        }
        if self.unflushed {
            ready!(self.client.poll_flush_unpin(cx)).map_err(End::from_client)?;
            self.unflushed = false;
            self.count();
        }
        if self.traffic.received >= limit {
            return Poll::Ready(Ok(()));
        }
        release(&mut self.incoming);
        match ready!(poll_read(&mut self.upstream, cx, &mut self.incoming)) {
            Ok(0) => Poll::Ready(Err(self.upstream_end())),
            Ok(_) => Poll::Ready(Ok(())),
            Err(error) => Poll::Ready(Err(End::UpstreamLost(error))),
        }
    }

    /// Pings a client that is silent, and ends a session in which nothing moves that
    /// should.
    fn poll_watch(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        loop {
            let (client, upstream) = (self.client.get_mut(), &mut self.upstream);
            let movement = || Movement {
                client_spoke: client.take_read(),
                client_took: client.take_wrote(),
                upstream_moved: upstream.take_read() | upstream.take_wrote(),
                client_owes: self.unflushed,
                upstream_owes: self.outgoing.has_remaining(),
                inside_frame: !self.incoming.is_empty(),
            };
            match ready!(self.watch.poll(cx, movement)) {
                Some(Finding::Over(end)) => return Poll::Ready(end),
                Some(Finding::Ping) => self.ping(cx),
                None => {}
            }
        }
    }

    fn ping(&mut self, cx: &mut Context<'_>) {
        // One that cannot be sent, or is refused, shows as silence.
        if let Poll::Ready(Ok(())) = self.client.poll_ready_unpin(cx) {
            let ping = Message::Ping(Bytes::new());
            self.unflushed |= self.client.start_send_unpin(ping).is_ok();
        }
    }

    /// Makes a message from the client a frame for the upstream.
    fn take(&mut self, message: Message) -> Result<(), End> {
        let (speaks, payload) = match message {
            Message::Text(text) => (Kind::Text, Bytes::from(text)),
            Message::Binary(bytes) => (Kind::Binary, bytes),
            Message::Close(frame) => return Err(End::ClientClosed(frame)),
            Message::Ping(_) => {
                self.pong_due = true;
                return Ok(());
            }
            Message::Pong(_) | Message::Frame(_) => return Ok(()),
        };
        trace!(payload = %payload.escape_ascii(), "client to upstream");
        self.speaks = speaks;
        self.traffic.sent += 1;
        self.traffic.sent_bytes += payload.len() as u64;
        self.outgoing.push([payload]).map_err(End::from_message)
    }

    /// Makes a frame from the upstream a message for the client.
    fn give(&mut self, payload: Bytes) -> Result<(), End> {
        trace!(payload = %payload.escape_ascii(), "upstream to client");
        self.traffic.received += 1;
        self.traffic.received_bytes += payload.len() as u64;
        let message = match self.speaks {
            Kind::Text => match Utf8Bytes::try_from(payload.clone()) {
                Ok(text) => Message::Text(text),
                Err(_) => Message::Binary(payload),
            },
            Kind::Binary => Message::Binary(payload),
        };
        self.unflushed = true;
        self.client
            .start_send_unpin(message)
            .map_err(End::from_client)
    }

    /// Writes to the upstream until nothing is left to write.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut upstream = Pin::new(&mut self.upstream);
        while self.outgoing.has_remaining() {
            if ready!(poll_write_buf(upstream.as_mut(), cx, &mut self.outgoing))? == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Tells the metrics, once for a batch.
    fn count(&mut self) {
        let before = std::mem::replace(&mut self.counted, self.traffic);
        self.metrics.passed(self.traffic.since(before));
    }

    fn upstream_end(&self) -> End {
        match self.decoder.finish(&self.incoming) {
            Ok(()) => End::UpstreamClosed,
            Err(error) => End::UpstreamFrame(error),
        }
    }
}

/// Tells the client how the session ended, and waits for it to take note.
pub(crate) async fn close_client<C>(client: &mut WebSocketStream<C>, end: &End, limits: &Limits)
where
    C: AsyncRead + AsyncWrite + Unpin,
{
    let closing = async {
        match end.close_frame() {
            Some(frame) => client.close(Some(frame)).await?,
            // The answer to the client's own Close.
            None => client.flush().await?,
        }
        while let Some(message) = client.next().await {
            message?;
        }
        Ok::<_, tokio_tungstenite::tungstenite::Error>(())
    };
    // A client that is gone or does not answer is not told twice.
    let _ = timeout(limits.close_timeout, closing).await;
    linger(client.get_mut()).await;
}

/// Lets the upstream have what the client had sent, then its end.
async fn close_upstream<U>(upstream: &mut U, outgoing: &mut Encoder, limits: &Limits)
where
    U: AsyncRead + AsyncWrite + Unpin,
{
    // An upstream that is gone or does not read cannot be given more.
    let _ = timeout(limits.close_timeout, upstream.write_all_buf(outgoing)).await;
    linger(upstream).await;
}

#[cfg(test)]
mod faults;
#[cfg(test)]
mod tests;
