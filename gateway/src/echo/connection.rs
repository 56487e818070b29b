//! A connection to the echo service: one read, then one write of every reply to it.

use std::future::poll_fn;
use std::io::{self, ErrorKind::ConnectionReset};
use std::mem;
use std::pin::pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use humantime::format_duration;
use net::error_text::io_error_text;
use net::stream::Stream;
use net::timer::sleep;
use net::timer::timeout_opt;
use protocol::{Encoder, FrameError, Payload};
use thiserror::Error;
use tracing::field::display;
use tracing::{Span, debug, info, info_span, trace, warn};

use crate::buffer::frame_reader::{FrameReader, Frames};
use crate::buffer::sizes::READ_SIZE;
use crate::buffer::write_batch::WriteBatch;
use crate::echo::service::EchoService;
use crate::io::idle::IdleTimeout;
use crate::io::lingering_close::{LINGER_TIMEOUT, lingering_close};
use crate::listener::peer::Peer;
use crate::logging::{is_trace_enabled, line_span, shown_payload};
use crate::observe::Tap;
use crate::runtime::stop::GRACE_PERIOD;
use crate::runtime::wake_filter::WakeFilter;

/// A client of the echo service. Backpressure: while it does not read its replies, it is not
/// read from.
#[derive(Debug)]
pub(super) struct Connection<'a> {
    service: &'a EchoService,
    stream: Stream,
    pub(super) peer: Peer,
    input: FrameReader,
    /// Replies, not yet written.
    output: WriteBatch<Encoder>,
    /// The error after the frames that are being answered.
    frame_error: Option<FrameError>,
    /// Set if nothing more is read.
    is_finishing: bool,
    frames: u64,
    /// Set once bytes have arrived: only then is the connection logged.
    has_received: bool,
    /// Observes the client; `None` while it is unknown if it is the gateway itself.
    tap: Option<Tap>,
    idle_timeout: IdleTimeout,
}

/// An end of a connection that the client did not ask for.
#[derive(Debug, Error)]
enum EchoError {
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error("connection lost: {}", io_error_text(.0))]
    Io(#[from] io::Error),
    #[error("nothing received for {}", format_duration(*.0))]
    Silent(Duration),
    #[error("no reply taken for {}", format_duration(*.0))]
    Stalled(Duration),
}

impl<'a> Connection<'a> {
    pub(super) fn new(service: &'a EchoService, stream: Stream, peer: Peer) -> Self {
        Self {
            service,
            stream,
            peer,
            input: FrameReader::new(service.decoder.clone()),
            output: WriteBatch::new(Encoder::new(service.framing)),
            frame_error: None,
            is_finishing: false,
            frames: 0,
            has_received: false,
            tap: service.tap(peer),
            idle_timeout: IdleTimeout::new(service.shared.limits.idle_timeout),
        }
    }

    /// Answers the client until it ends its side, or until the stop is set and its earlier
    /// messages are answered.
    pub(super) async fn serve(&mut self) {
        let _open = self.service.shared.metrics.echo_opened();
        let answered = self.serve_until_stop().await;
        self.report_end(answered);
        // Boxed: its size would otherwise be part of every connection.
        let drain_timeout = self.service.shared.limits.drain_timeout;
        let linger = drain_timeout.map_or(LINGER_TIMEOUT, |limit| limit / 4);
        Box::pin(lingering_close(&mut self.stream, linger)).await;
    }

    fn report_end(&mut self, answered: Result<(), EchoError>) {
        let frames = self.frames;
        self.log(|| match &answered {
            // A port check: its connection was not logged, either.
            Ok(()) if !self.has_received => debug!("checked the port"),
            Ok(()) => info!(frames, "disconnected"),
            Err(error) => warn!(frames, %error, "disconnected"),
        });
        if let Some(tap) = &mut self.tap {
            let reason = answered.map_or_else(|error| error.to_string(), |()| String::new());
            tap.echo_ended(&reason.into());
        }
    }

    fn log(&self, line: impl FnOnce()) {
        line_span(|| span(&self.peer)).in_scope(line);
    }

    async fn serve_until_stop(&mut self) -> Result<(), EchoError> {
        let mut stopped = pin!(self.service.shared.stop.cancelled());
        let mut until_stopped = WakeFilter::default();
        let answered = poll_fn(|cx| match self.poll_serve(cx) {
            Poll::Ready(answered) => Poll::Ready(Some(answered)),
            Poll::Pending => until_stopped
                .poll(cx, |cx| stopped.as_mut().poll(cx))
                .map(|()| None),
        });
        match answered.await {
            Some(answered) => answered,
            // The session behind it is drained, and ends it.
            None if self.service.own_connections.is_own(self.peer.addr) => {
                poll_fn(|cx| self.poll_serve(cx)).await
            }
            None => Box::pin(self.finish()).await,
        }
    }

    /// Answers the frames that have arrived. A client that goes on sending is read for at most
    /// half of the drain timeout, so that its connection still ends in good order.
    async fn finish(&mut self) -> Result<(), EchoError> {
        let limit = self
            .service
            .shared
            .limits
            .drain_timeout
            .map(|limit| limit / 2);
        let answered = timeout_opt(limit, async {
            tokio::select! {
                biased;
                answered = poll_fn(|cx| self.poll_serve(cx)) => Some(answered),
                () = sleep(GRACE_PERIOD) => None,
            }
        });
        if let Some(Some(answered)) = answered.await {
            return answered;
        }
        self.is_finishing = true;
        poll_fn(|cx| self.poll_serve(cx)).await
    }

    /// Answers the ready frames, and enforces the idle timeout.
    fn poll_serve(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), EchoError>> {
        if let Poll::Ready(answered) = self.poll_echo(cx) {
            return Poll::Ready(answered);
        }
        loop {
            let limit = ready!(self.idle_timeout.poll_elapsed(cx));
            if self.output.has_remaining() {
                return Poll::Ready(Err(EchoError::Stalled(limit)));
            }
            if !self.service.own_connections.is_own(self.peer.addr) {
                return Poll::Ready(Err(EchoError::Silent(limit)));
            }
            // An own connection may be idle: the session's watchdog covers it.
            self.idle_timeout.reset();
        }
    }

    fn poll_echo(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), EchoError>> {
        loop {
            ready!(self.poll_write(cx))?;
            // After the write: frames before a bad one are owed replies.
            if let Some(error) = self.frame_error.take() {
                return Poll::Ready(Err(error.into()));
            }
            if self.is_finishing {
                return Poll::Ready(Ok(()));
            }
            match ready!(self.poll_read(cx)) {
                Ok(true) => {
                    self.idle_timeout.reset();
                    if !mem::replace(&mut self.has_received, true) {
                        self.log(|| info!("connected"));
                    }
                }
                Ok(false) => match self.input.finish()? {
                    Some(last) => self.reply_to_last(&last),
                    None => return Poll::Ready(Ok(())),
                },
                // A reset without a frame is a port check.
                Err(error)
                    if error.kind() == ConnectionReset
                        && self.frames == 0
                        && self.input.is_empty() =>
                {
                    return Poll::Ready(Ok(()));
                }
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
    }

    /// Reads once, and encodes the replies; returns false at the end of the stream.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let (service, peer) = (self.service, &self.peer);
        let (tap, output) = (&mut self.tap, &mut self.output);
        let read = self
            .input
            .poll_frames(&mut self.stream, cx, READ_SIZE, |frames| {
                // By now it is known: a session registers its connection before it writes to it.
                let tap = tap.get_or_insert_with(|| {
                    let is_own = service.own_connections.is_own(peer.addr);
                    service.tap_unless_own(*peer, is_own)
                });
                reply(service, tap, frames, output.begin())
            });
        let Some((count, replied)) = ready!(read)? else {
            return Poll::Ready(Ok(false));
        };
        self.frames += count;
        self.frame_error = replied.err();
        Poll::Ready(Ok(true))
    }

    /// Encodes the reply to a message that the end of the stream ended.
    fn reply_to_last(&mut self, payload: &[u8]) {
        let reply = [&self.service.prefix, payload];
        self.frame_error = self.output.begin().push_copy(&reply).err();
        self.frames += 1;
        self.service.shared.metrics.echoed(1, payload.len() as u64);
        self.is_finishing = true;
    }

    /// Writes all replies.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let on_write = || self.idle_timeout.reset();
        self.output.poll_write(&mut self.stream, cx, on_write)
    }
}

/// Encodes the replies to `frames`. Returns their number, and the error that follows them.
fn reply(
    service: &EchoService,
    tap: &mut Tap,
    frames: &mut Frames<'_>,
    output: &mut Encoder,
) -> (u64, Result<(), FrameError>) {
    let (mut count, mut bytes) = (0, 0);
    let mut observe = |payload: &[u8]| {
        if is_trace_enabled() {
            trace_received(payload);
        }
        tap.echo(&service.prefix, payload);
        bytes += payload.len() as u64;
    };
    let replied = loop {
        let pushed = if let Some(payload) = frames.next_short_payload() {
            observe(payload);
            output.push_copy(&[&service.prefix, payload])
        } else {
            match frames.next_payload() {
                Ok(Some(payload)) => {
                    let payload = frames.share(payload);
                    observe(&payload);
                    push_reply(output, &service.prefix, payload)
                }
                end => break end.map(drop),
            }
        };
        if pushed.is_err() {
            break pushed;
        }
        count += 1;
    };
    service.shared.metrics.echoed(count, bytes);
    (count, replied)
}

#[inline(never)]
fn push_reply(
    output: &mut Encoder,
    prefix: &Bytes,
    payload: Payload<'_>,
) -> Result<(), FrameError> {
    match payload {
        Payload::Borrowed(payload) => output.push_copy(&[prefix, payload]),
        Payload::Shared(payload) => output.push([prefix.clone(), payload]),
    }
}

/// The span of a connection's log lines.
pub(super) fn span(peer: &Peer) -> Span {
    let client = peer.proxied.map(|it| display(it.addrs.source));
    info_span!("echo", peer = %peer.addr, client)
}

#[cold]
fn trace_received(payload: &[u8]) {
    trace!(payload = %shown_payload(payload), "received");
}
