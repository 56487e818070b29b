//! The echo service: each frame is answered by a frame of its payload behind a prefix, and a
//! stream without frames by its own bytes (RFC 862).

use std::future::poll_fn;
use std::io::{self, ErrorKind::ConnectionReset};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use humantime::format_duration;
use protocol::{Decoder, Encoder, FrameError, Framing};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tracing::field::display;
use tracing::{Instrument, debug, info, info_span, trace, warn};

use crate::Config;
use crate::metrics::Metrics;
use crate::observe::{Observers, Tap};
use crate::reason::reason;
use crate::socket::admission::{Admission, Permit};
use crate::socket::drain::{closing_time, last_call, linger, within};
use crate::socket::liveness::Silence;
use crate::socket::proxied::{Caller, Proxies, ProxyError};
use crate::socket::rarely::Rarely;
use crate::socket::read::{Payload, each_payload, poll_land, poll_write};
use crate::socket::spare::{return_scratch, scratch};

/// What the echo service answers, the same for all of its connections.
#[derive(Debug)]
pub(crate) struct Echo {
    prefix: Bytes,
    decoder: Decoder,
    framing: Framing,
    idle_timeout: Option<Duration>,
    drain_timeout: Option<Duration>,
    admission: Admission,
    proxies: Option<Proxies>,
    metrics: Metrics,
    observers: Observers,
    /// Set when no frames but those that have arrived are to be answered.
    stop: CancellationToken,
}

/// What one read brought.
#[derive(Default)]
struct Batch {
    frames: u64,
    /// Bytes of payload.
    bytes: u64,
}

impl Batch {
    #[inline]
    fn count(&mut self, payload: &[u8]) {
        trace!(payload = %payload.escape_ascii(), "received");
        self.frames += 1;
        self.bytes += payload.len() as u64;
    }
}

/// Why a connection ended other than by the client's wish.
#[derive(Debug, Error)]
enum EchoError {
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error("connection lost: {}", reason(.0))]
    Io(#[from] io::Error),
    #[error("nothing received for {}", format_duration(*.0))]
    Silent(Duration),
    #[error("no reply taken for {}", format_duration(*.0))]
    Stalled(Duration),
}

impl Echo {
    pub(crate) fn new(
        config: &Config,
        admission: &Admission,
        metrics: &Metrics,
        observers: &Observers,
        stop: &CancellationToken,
    ) -> Self {
        Self {
            prefix: config.prefix.clone().into(),
            decoder: Decoder::new(config.framing, config.max_echo()),
            framing: config.framing,
            idle_timeout: config.limits.idle_timeout,
            drain_timeout: config.limits.drain_timeout,
            admission: admission.clone(),
            proxies: Proxies::of(config),
            metrics: metrics.clone(),
            observers: observers.clone(),
            stop: stop.clone(),
        }
    }

    /// Serves a connection, if there is room for it.
    pub(crate) async fn admit(self: Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        let Some((stream, caller, place)) = self.let_in(stream, peer).await else {
            return;
        };
        let client = caller.proxied.map(|it| display(it.ends.source));
        let span = info_span!("echo", %peer, client);
        match place.settle(caller.client().ip()) {
            // Apart, because the compiler would make room for it twice.
            Ok(_permit) => Box::pin(self.serve(stream, caller)).instrument(span).await,
            Err(full) => span.in_scope(|| debug!("refused: {full}")),
        }
    }

    /// Finds out for whom a connection is, if there is room for one more.
    async fn let_in(
        &self,
        mut stream: TcpStream,
        peer: SocketAddr,
    ) -> Option<(TcpStream, Caller, Permit)> {
        let place = Proxies::admit(self.proxies.as_ref(), peer.ip(), &self.admission)
            .inspect_err(|full| debug!(%peer, "refused: {full}"))
            .ok()?;
        let Some(proxies) = &self.proxies else {
            return Some((stream, Caller::direct(peer), place));
        };
        let identify = async {
            tokio::select! {
                identified = self.identify(proxies, &mut stream, peer) => Some(identified),
                () = last_call(&self.stop) => None,
            }
        };
        // Apart, because only few have to tell, and all would have room for it.
        let identified = Box::pin(identify).await?;
        match identified {
            Ok(caller) => Some((stream, caller, place)),
            Err(error) => {
                error.tell(peer, &self.metrics);
                None
            }
        }
    }

    async fn identify(
        &self,
        proxies: &Proxies,
        stream: &mut TcpStream,
        peer: SocketAddr,
    ) -> Result<Caller, ProxyError> {
        match proxies.identify(stream, peer).await {
            // What looks like a header is what a client of ours has sent.
            Err(ProxyError::Untrusted) if self.admission.is_own(peer) => Ok(Caller::direct(peer)),
            identified => identified,
        }
    }

    /// Answers the client until it ends its side, or until the stop is set and what it had
    /// sent by then is answered.
    async fn serve(&self, mut stream: TcpStream, caller: Caller) {
        info!("connected");
        let _open = self.metrics.echo_opened();
        let mut frames = 0;
        let mut tap = self.tap(caller);
        let answered = self
            .answer_all(&mut stream, caller, &mut frames, &mut tap)
            .await;
        match &answered {
            Ok(()) => info!(frames, "disconnected"),
            Err(error) => warn!(frames, %error, "disconnected"),
        }
        if let Some(tap) = &mut tap {
            tap.left(answered.map_or_else(|error| error.to_string(), |()| String::new()));
        }
        linger(&mut stream).await;
    }

    /// What tells of a client, if somebody watches; `None` while it is not known whether it
    /// is the gateway itself.
    fn tap(&self, caller: Caller) -> Option<Tap> {
        if self.observers.monitor.is_none() {
            return Some(Tap::default());
        }
        let is_own = self.admission.is_known_as_own(caller.peer)?;
        Some(self.tap_if_foreign(caller, is_own))
    }

    /// Sessions tell of themselves.
    fn tap_if_foreign(&self, caller: Caller, is_own: bool) -> Tap {
        match is_own {
            true => Tap::default(),
            false => self.observers.echo(caller.client(), self.framing),
        }
    }

    /// One read, then one write of every reply to it: a client that does not read its
    /// replies is not read from either.
    async fn answer_all(
        &self,
        stream: &mut TcpStream,
        caller: Caller,
        frames: &mut u64,
        tap: &mut Option<Tap>,
    ) -> Result<(), EchoError> {
        let mut decoder = self.decoder.clone();
        let mut kept = BytesMut::new();
        let mut output = Encoder::new(self.framing);
        let mut stopped = pin!(last_call(&self.stop));
        let mut closing = pin!(closing_time(&self.stop, self.drain_timeout));
        let (mut until_stopped, mut until_closing) = (Rarely::default(), Rarely::default());
        let mut silence = Silence::new(self.idle_timeout);
        loop {
            let mut batch = Batch::default();
            let read = poll_fn(|cx| {
                poll_land(stream, cx, &mut kept, |landed, count| {
                    output.lend(scratch());
                    // A session claims its connection before it writes to it.
                    let is_own = || self.admission.is_own(caller.peer);
                    let tap = tap.get_or_insert_with(|| self.tap_if_foreign(caller, is_own()));
                    let replied = self.reply(&mut decoder, landed, &mut output, &mut batch, tap);
                    (count, replied)
                })
            });
            let (count, replied) = tokio::select! {
                biased;
                () = until_closing.wait(closing.as_mut()) => return Ok(()),
                read = read => match read {
                    // So ends whoever only looks whether somebody is here.
                    Err(error) if error.kind() == ConnectionReset && *frames == 0 && kept.is_empty() => {
                        return Ok(());
                    }
                    read => read?,
                },
                () = until_stopped.wait(stopped.as_mut()) => return Ok(()),
                lasted = silence.over() => match self.admission.is_own(caller.peer) {
                    // Its session may be idle, and watches over both.
                    true => {
                        silence.broken();
                        continue;
                    }
                    false => return Err(EchoError::Silent(lasted)),
                },
            };
            if count == 0 {
                return Ok(decoder.finish(&kept)?);
            }
            silence.broken();
            self.metrics.echoed(batch.frames, batch.bytes);
            *frames += batch.frames;
            // Also before an error: the frames in front of a bad one are owed replies.
            self.write(stream, &mut output).await?;
            return_scratch(output.reclaim());
            replied?;
        }
    }

    async fn write(&self, stream: &mut TcpStream, output: &mut Encoder) -> Result<(), EchoError> {
        while output.has_remaining() {
            let write = poll_fn(|cx| poll_write(stream, cx, output));
            let written = within(self.idle_timeout, write).await;
            let limit = self.idle_timeout.unwrap_or_default();
            written.ok_or(EchoError::Stalled(limit))??;
        }
        Ok(())
    }

    /// Moves the frames that `input` begins with into `output`, as their replies.
    fn reply(
        &self,
        decoder: &mut Decoder,
        input: &mut BytesMut,
        output: &mut Encoder,
        batch: &mut Batch,
        tap: &mut Tap,
    ) -> Result<(), FrameError> {
        each_payload(decoder, input, u64::MAX, |payload| {
            batch.count(payload.as_ref());
            tap.echo(&self.prefix, payload.as_ref());
            match payload {
                Payload::InPlace(payload) => output.push_copy(&[&self.prefix, payload]),
                Payload::Apart(payload) => output.push([self.prefix.clone(), payload]),
            }
        })
    }
}
