//! Floods of frames, each of which is little: other tasks of the thread have their turns.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tokio::io::ReadBuf;
use tokio::task::{JoinHandle, yield_now};

use super::*;
use crate::buffer::sizes::{MAX_TURN_SHIFT, TURN_FRAMES, TURN_SIZE};
use crate::session::plain_client::PlainClient;
use crate::websocket::WebSocket;

/// Stream that always has the next of the same frames to read, up to a length that no test
/// should reach, and discards what is written. Without a frame, nothing comes.
struct Endless {
    frame: &'static [u8],
    read: Arc<AtomicUsize>,
}

/// Bytes after which the stream ends, so that a test without turns ends too.
const END: usize = 64 << 20;

impl AsyncRead for Endless {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.frame.is_empty() {
            return Poll::Pending;
        }
        let read = self.read.load(Relaxed);
        let count = buf.remaining().min(END - read);
        let bytes = self.frame.iter().cycle().skip(read % self.frame.len());
        buf.put_slice(&bytes.take(count).copied().collect::<Vec<_>>());
        self.read.fetch_add(count, Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Endless {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Runs a session whose sides send these short frames for ever, after `early` of the client's,
/// beside the test's own task.
async fn turns_come(early: &[u8], client: &'static [u8], upstream: &'static [u8]) {
    let bytes = TURN_FRAMES * client.len().max(upstream.len());
    turns_of_bytes_come(bytes, 200, early, client, upstream).await;
}

/// Runs a session as [`turns_come`] does, for a number of turns of `bytes` each. Each turn of the
/// test may find it two turns of work ahead.
async fn turns_of_bytes_come(
    bytes: usize,
    turns: usize,
    early: &[u8],
    client: &'static [u8],
    upstream: &'static [u8],
) {
    let read = Arc::new(AtomicUsize::new(0));
    let running = flood(&read, early, client, upstream);
    for turn in 1..=turns {
        yield_now().await;
        let most = TURN_SIZE + turn * 2 * bytes;
        let read = read.load(Relaxed);
        assert!(read <= most, "{read} bytes read before turn {turn}");
    }
    assert!(read.load(Relaxed) > TURN_SIZE, "the flood goes on");
    assert!(!running.is_finished());
    running.abort();
}

/// Starts a session whose sides send these frames for ever, after `early` of the client's; counts
/// the bytes that it reads.
fn flood(
    read: &Arc<AtomicUsize>,
    early: &[u8],
    client: &'static [u8],
    upstream: &'static [u8],
) -> JoinHandle<(SessionEnd, Traffic)> {
    let [client, upstream] = [client, upstream].map(|frame| Endless {
        frame,
        read: read.clone(),
    });
    let near = WebSocket::new(ActivityStream::new(client), early, 16 << 20);
    let limits = Limits::default();
    let mut session = Session::new(
        PlainClient(near),
        upstream,
        &Framings::default(),
        limits,
        Metrics::new(),
    );
    tokio::spawn(async move { session.run(&CancellationToken::new()).await })
}

/// First bytes of a fragmented message.
const START: &[u8] = b"\x02\x80\0\0\0\0";

#[tokio::test(start_paused = true)]
async fn other_tasks_have_turns_between_empty_messages() {
    turns_come(b"", b"\x82\x80\0\0\0\0", b"").await;
}

#[tokio::test(start_paused = true)]
async fn other_tasks_have_turns_between_messages_of_one_byte() {
    turns_come(b"", b"\x82\x81\0\0\0\0x", b"").await;
}

#[tokio::test(start_paused = true)]
async fn other_tasks_have_turns_between_empty_fragments() {
    turns_come(START, b"\0\x80\0\0\0\0", b"").await;
}

#[tokio::test(start_paused = true)]
async fn other_tasks_have_turns_between_pings() {
    turns_come(b"", b"\x89\x80\0\0\0\0", b"").await;
}

#[tokio::test(start_paused = true)]
async fn other_tasks_have_turns_between_empty_frames_of_an_upstream() {
    turns_come(b"", b"", b"\0\0\0\0").await;
}

#[tokio::test(start_paused = true)]
async fn other_tasks_have_turns_between_frames_of_one_byte_of_an_upstream() {
    turns_come(b"", b"", b"\x01\0\0\0x").await;
}

#[tokio::test(start_paused = true)]
async fn other_tasks_have_turns_within_a_long_message() {
    let frame = b"\x82\xff\0\0\0\0\0\xff\xff\xea\0\0\0\0";
    turns_of_bytes_come(TURN_SIZE << MAX_TURN_SHIFT, 20, b"", frame, b"").await;
}

#[tokio::test(start_paused = true)]
async fn other_tasks_have_turns_within_a_long_frame_of_an_upstream() {
    turns_of_bytes_come(TURN_SIZE << MAX_TURN_SHIFT, 20, b"", b"", b"\xfc\xff\xff\0").await;
}

/// Sessions with long messages, of which a few may have a turn before another task has one.
const MANY: usize = 40;

#[tokio::test(start_paused = true)]
async fn other_tasks_wait_for_few_of_many_long_messages() {
    let frame = b"\x82\xff\0\0\0\0\0\xff\xff\xea\0\0\0\0";
    let read = Arc::new(AtomicUsize::new(0));
    let floods: Vec<_> = (0..MANY).map(|_| flood(&read, b"", frame, b"")).collect();
    // The first turns of all, before one of them waits.
    yield_now().await;
    let mut before = read.load(Relaxed);
    for turn in 1..=20 {
        yield_now().await;
        let bytes = read.load(Relaxed) - before;
        assert!(
            bytes < MANY / 2 * TURN_SIZE,
            "{bytes} bytes read in turn {turn}"
        );
        before += bytes;
    }
    assert!(before > MANY * TURN_SIZE, "the floods go on");
    floods.iter().for_each(JoinHandle::abort);
}
