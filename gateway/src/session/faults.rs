//! Fault injection by seed: the streams of a session are slow, split bytes and break off.
//!
//! The client sends numbered messages, the upstream echoes frames. Under all faults, each
//! message arrives at most once and in order, and a side that misses one is told of the end.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use protocol::{Decoder, Framing, Framings};
use tokio::io::{
    AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex,
};
use tokio::time::{Sleep, sleep};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_util::sync::CancellationToken;

use crate::io::activity::ActivityStream;
use crate::io::register_here::RegisterHere;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::session::Session;
use crate::session::plain_client::PlainClient;
use crate::websocket::WebSocket;

const SEEDS: u64 = 3000;

/// A stream that delays, splits and breaks off, by its seed.
pub(super) struct FaultyStream<S> {
    stream: S,
    chance: fastrand::Rng,
    delay: Option<Pin<Box<Sleep>>>,
    /// Calls that succeed before the stream breaks off.
    calls_left: u32,
    /// Longest delay, in seconds.
    longest: f64,
}

impl<S> FaultyStream<S> {
    pub(super) fn new(stream: S, seed: u64) -> Self {
        let mut chance = fastrand::Rng::with_seed(seed);
        // Half of the streams break off.
        let calls_left = match chance.bool() {
            true => chance.u32(1..200),
            false => u32::MAX,
        };
        Self {
            stream,
            chance,
            delay: None,
            calls_left,
            longest: 1000.0,
        }
    }

    /// A stream that delays for less than any time limit, splits, and never breaks off.
    pub(super) fn gentle(stream: S, seed: u64) -> Self {
        Self {
            calls_left: u32::MAX,
            longest: 1.0,
            ..Self::new(stream, seed)
        }
    }

    /// Delays or fails a call, or returns the number of bytes that it may move.
    fn poll_fault(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.delay.is_none() && self.chance.u8(0..8) == 0 {
            // Now and then longer than any time limit.
            let seconds = match self.chance.u8(0..100) {
                0 => self.longest,
                _ => self.chance.f64(),
            };
            self.delay = Some(Box::pin(sleep(Duration::from_secs_f64(seconds))));
        }
        if let Some(delay) = &mut self.delay {
            std::task::ready!(delay.as_mut().poll(cx));
            self.delay = None;
        }
        self.calls_left -= 1;
        if self.calls_left == 0 {
            self.calls_left = 1;
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Poll::Ready(Ok(self.chance.usize(1..64)))
    }
}

impl RegisterHere for FaultyStream<DuplexStream> {
    fn registered_here(self) -> io::Result<Self> {
        Ok(self)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for FaultyStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let most = std::task::ready!(self.poll_fault(cx))?;
        let mut torn = buf.take(most);
        let before = torn.filled().len();
        std::task::ready!(Pin::new(&mut self.stream).poll_read(cx, &mut torn))?;
        let read = torn.filled()[before..].len();
        let bytes = torn.filled().to_vec();
        buf.put_slice(&bytes[before..before + read]);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for FaultyStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let most = std::task::ready!(self.poll_fault(cx))?;
        Pin::new(&mut self.stream).poll_write(cx, &buf[..most.min(buf.len())])
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The outcome at the far ends.
#[derive(Debug)]
struct Outcome {
    sent: u32,
    /// Texts that the upstream echoed.
    echoed: Vec<String>,
    /// Texts that the client received.
    received: Vec<String>,
    /// The reason in the client's Close, or the error in its place.
    end: String,
}

/// Runs one session; `seed` decides every random choice.
async fn run(seed: u64) -> Outcome {
    let mut chance = fastrand::Rng::with_seed(seed);
    let (client, near_client) = duplex(256);
    let (upstream, near_upstream) = duplex(256);
    let near_client = ActivityStream::new(FaultyStream::new(near_client, chance.u64(..)));
    let near_upstream = FaultyStream::new(near_upstream, chance.u64(..));
    let near = WebSocket::new(near_client, &[], 16 << 20);
    let (limits, metrics) = (Limits::default(), Metrics::new());
    let mut session = Session::new(
        PlainClient(near),
        near_upstream,
        &Framings::default(),
        limits,
        metrics,
    );
    let stop = CancellationToken::new();
    let ended = {
        let stop = stop.clone();
        tokio::spawn(async move { session.run(&stop).await })
    };
    let leaves_after = chance.usize(0..30);
    let echo = tokio::spawn(echo(upstream, leaves_after));

    let client = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
    let (mut write, mut read) = client.split();
    let count = chance.u32(0..40);
    let closes = chance.bool();
    let stops_after = (chance.u8(0..4) == 0).then(|| Duration::from_secs(chance.u64(0..60)));
    let writer = tokio::spawn(async move {
        let mut sent = 0;
        while sent < count {
            let padding = "x".repeat(chance.usize(0..200));
            if write
                .send(Message::text(format!("{sent} {padding}")))
                .await
                .is_err()
            {
                break;
            }
            sent += 1;
            if chance.u8(0..4) == 0 {
                sleep(Duration::from_secs_f64(chance.f64())).await;
            }
        }
        if closes {
            let _ = write.close().await;
        }
        // Kept, so that the connection stays as it is.
        (sent, write)
    });
    let stopper = tokio::spawn(async move {
        if let Some(after) = stops_after {
            sleep(after).await;
            stop.cancel();
        }
    });
    let mut received = Vec::new();
    let end = loop {
        match read.next().await {
            Some(Ok(Message::Text(text))) => received.push(text.to_string()),
            Some(Ok(Message::Close(Some(close)))) => break close.reason.to_string(),
            Some(Ok(Message::Close(None))) | None => break "closed".into(),
            Some(Err(error)) => break error.to_string(),
            Some(Ok(_)) => {}
        }
    };
    let (sent, write) = writer.await.unwrap();
    drop((write, read));
    ended.await.unwrap();
    stopper.abort();
    Outcome {
        sent,
        echoed: echo.await.unwrap(),
        received,
        end,
    }
}

/// An upstream that echoes frames until it ends the connection, or the gateway does.
pub(super) async fn echo(mut stream: tokio::io::DuplexStream, leaves_after: usize) -> Vec<String> {
    let mut decoder = Decoder::new(Framing::U32LE, usize::MAX);
    let (mut buffer, mut echoed) = (bytes::BytesMut::new(), Vec::new());
    while let Ok(1..) = stream.read_buf(&mut buffer).await {
        while let Some(payload) = decoder.split_payload(&mut buffer).unwrap() {
            if echoed.len() >= leaves_after {
                return echoed;
            }
            echoed.push(String::from_utf8(payload.to_vec()).unwrap());
            let len = u32::try_from(payload.len()).unwrap().to_le_bytes();
            if stream
                .write_all(&[&len[..], &payload].concat())
                .await
                .is_err()
            {
                return echoed;
            }
        }
    }
    echoed
}

/// Runs a future in time that stands still, and moves on while all tasks wait.
pub(super) fn in_paused_time<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime.unwrap().block_on(future)
}

/// Returns true if `texts` are the messages 0, 1, 2 and so on.
pub(super) fn in_order(texts: &[String]) -> bool {
    let numbers = texts.iter().map(|text| text.split(' ').next().unwrap());
    numbers
        .enumerate()
        .all(|(n, number)| number == n.to_string())
}

#[test]
fn messages_arrive_once_and_in_order_under_all_faults() {
    let (mut complete, mut delivered) = (0, 0);
    for seed in 0..SEEDS {
        let outcome = in_paused_time(run(seed));
        let (echoed, received) = (outcome.echoed.len(), outcome.received.len());
        assert!(in_order(&outcome.echoed), "seed {seed}: {outcome:?}");
        assert!(in_order(&outcome.received), "seed {seed}: {outcome:?}");
        assert!(received <= echoed, "seed {seed}: {outcome:?}");
        if outcome.end == "upstream closed the connection" {
            assert_eq!(received, echoed, "seed {seed}: {outcome:?}");
            delivered += 1;
        }
        complete += u64::from(received == outcome.sent as usize);
    }
    // Enough sessions end without a fault for the test to prove something.
    assert!(complete > SEEDS / 10, "{complete}");
    assert!(delivered > SEEDS / 30, "{delivered}");
}
