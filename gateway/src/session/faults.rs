//! A session whose ends fail in every way that a network has, at every point, by seed.
//!
//! The client sends numbered messages, the upstream echoes frames. Whatever goes wrong:
//! each arrives at most once and in order, and whoever misses one was told.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use protocol::{Decoder, Framing};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf, duplex};
use tokio::time::{Sleep, sleep};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_util::sync::CancellationToken;

use crate::io::activity::ActivityStream;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::session::Session;
use crate::websocket::WebSocket;

const SEEDS: u64 = 3000;

/// A stream that delays, tears and breaks off, as its seed has it.
struct Faulty<S> {
    stream: S,
    chance: fastrand::Rng,
    delay: Option<Pin<Box<Sleep>>>,
    /// How many more calls succeed.
    lives: u32,
}

impl<S> Faulty<S> {
    fn new(stream: S, seed: u64) -> Self {
        let mut chance = fastrand::Rng::with_seed(seed);
        // Half of them break off some time, most others never.
        let lives = match chance.bool() {
            true => chance.u32(1..200),
            false => u32::MAX,
        };
        Self {
            stream,
            chance,
            delay: None,
            lives,
        }
    }

    /// Delays or fails a call, or says how many bytes it may move.
    fn poll_fault(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.delay.is_none() && self.chance.u8(0..8) == 0 {
            // Now and then longer than any time limit.
            let seconds = match self.chance.u8(0..100) {
                0 => 1000.0,
                _ => self.chance.f64(),
            };
            self.delay = Some(Box::pin(sleep(Duration::from_secs_f64(seconds))));
        }
        if let Some(delay) = &mut self.delay {
            std::task::ready!(delay.as_mut().poll(cx));
            self.delay = None;
        }
        self.lives -= 1;
        if self.lives == 0 {
            self.lives = 1;
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Poll::Ready(Ok(self.chance.usize(1..64)))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Faulty<S> {
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

impl<S: AsyncWrite + Unpin> AsyncWrite for Faulty<S> {
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

/// What the far ends saw.
#[derive(Debug)]
struct Seen {
    sent: u32,
    /// By the upstream.
    echoed: Vec<String>,
    /// By the client.
    received: Vec<String>,
    /// The reason in the Close that the client was sent, or why there was none.
    end: String,
}

/// Runs one session; `seed` decides all that chance does in it.
async fn run(seed: u64) -> Seen {
    let mut chance = fastrand::Rng::with_seed(seed);
    let (client, near_client) = duplex(256);
    let (upstream, near_upstream) = duplex(256);
    let near_client = ActivityStream::new(Faulty::new(near_client, chance.u64(..)));
    let near_upstream = Faulty::new(near_upstream, chance.u64(..));
    let near = WebSocket::new(near_client, Bytes::new(), 16 << 20);
    let (limits, metrics) = (Limits::default(), Metrics::new());
    let mut session = Session::new(near, near_upstream, Framing::U32LE, limits, metrics);
    let stop = CancellationToken::new();
    let ended = {
        let stop = stop.clone();
        tokio::spawn(async move { session.run(&stop).await })
    };
    let echo = tokio::spawn(echo(upstream, chance.fork()));

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
    Seen {
        sent,
        echoed: echo.await.unwrap(),
        received,
        end,
    }
}

/// An upstream that echoes frames, until it leaves in the middle, or is left.
async fn echo(mut stream: tokio::io::DuplexStream, mut chance: fastrand::Rng) -> Vec<String> {
    let mut decoder = Decoder::new(Framing::U32LE, usize::MAX);
    let (mut buffer, mut echoed) = (bytes::BytesMut::new(), Vec::new());
    let leaves_after = chance.usize(0..30);
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

/// Whether `texts` are messages 0, 1, 2 and so on.
fn in_order(texts: &[String]) -> bool {
    let numbers = texts.iter().map(|text| text.split(' ').next().unwrap());
    numbers
        .enumerate()
        .all(|(n, number)| number == n.to_string())
}

#[test]
fn whatever_fails_nothing_is_lost_unsaid_doubled_or_out_of_order() {
    let (mut complete, mut delivered) = (0, 0);
    for seed in 0..SEEDS {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let seen = runtime.block_on(run(seed));
        let (echoed, received) = (seen.echoed.len(), seen.received.len());
        assert!(in_order(&seen.echoed), "seed {seed}: {seen:?}");
        assert!(in_order(&seen.received), "seed {seed}: {seen:?}");
        assert!(received <= echoed, "seed {seed}: {seen:?}");
        if seen.end == "upstream closed the connection" {
            assert_eq!(received, echoed, "seed {seed}: {seen:?}");
            delivered += 1;
        }
        complete += u64::from(received == seen.sent as usize);
    }
    // The faults leave enough sessions whole for the test to mean something.
    assert!(complete > SEEDS / 10, "{complete}");
    assert!(delivered > SEEDS / 30, "{delivered}");
}
