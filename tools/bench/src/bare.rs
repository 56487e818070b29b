//! The forwarding loop of the two bare servers: the least work for messages with tokio.
//!
//! There are no limits, logs, metrics, timers or shutdown, and payloads are not validated.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::mem;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;

use bytes::{Buf, BufMut};
use tokio::io::AsyncWriteExt;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Builder;
use tokio_util::io::poll_read_buf;

/// The size of a read, in bytes: that of the references in C.
const CHUNK: usize = 256 * 1024;

/// The length from which a payload is written from the read buffer, without a copy, in bytes.
const LONG: usize = 16 * 1024;

thread_local! {
    /// The buffer pool: a connection that waits for bytes has no buffer.
    static POOL: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Serves each connection in a task, all on this thread, and calls `announce` with the
/// listener's address.
pub(crate) fn serve<F>(announce: impl FnOnce(SocketAddr), task: impl Fn(TcpStream) -> F)
where
    F: Future<Output: Send> + Send + 'static,
{
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let runtime = Builder::new_current_thread().enable_io().build();
    runtime.expect("a runtime").block_on(async {
        let listener = listen().expect("a free port");
        announce(listener.local_addr().expect("an address"));
        loop {
            if let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                tokio::spawn(task(stream));
            }
        }
    });
}

fn listen() -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    socket.listen(4096)
}

/// The lengths of a message's header and payload, in bytes.
pub(crate) struct Header {
    pub(crate) len: usize,
    pub(crate) payload_len: usize,
}

impl Header {
    /// Parses a frame's header; `None` if it is incomplete.
    pub(crate) fn of_frame(bytes: &[u8]) -> Option<Self> {
        let header = bytes.first_chunk()?;
        Some(Self {
            len: header.len(),
            payload_len: u32::from_le_bytes(*header) as usize,
        })
    }
}

/// Appends a frame's header.
pub(crate) fn push_header(frames: &mut Vec<u8>, payload_len: usize) {
    frames.extend_from_slice(&(payload_len as u32).to_le_bytes());
}

/// The translation of messages from one protocol to the other.
pub(crate) trait Translate {
    /// Parses the header at the beginning of `bytes`, and appends the translated header to
    /// `output`. Returns `None` if it is incomplete.
    ///
    /// # Errors
    /// If the connection has to end.
    fn header(&mut self, bytes: &[u8], output: &mut Vec<u8>) -> io::Result<Option<Header>>;

    /// Translates the next bytes of a payload in place.
    fn payload(&mut self, _bytes: &mut [u8]) {}
}

/// Forwards messages until a socket ends: one write for each read, and one more for each long
/// payload. Streams: the beginning of a message is forwarded before its end has come.
pub(crate) async fn forward(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    mut translation: impl Translate,
) -> io::Result<()> {
    let (mut input, mut left) = (Vec::new(), 0);
    while read(&mut from, &mut input).await? > 0 {
        let (mut at, mut output) = (0, take_buffer());
        while at < input.len() {
            if left == 0 {
                let Some(header) = translation.header(&input[at..], &mut output)? else {
                    break;
                };
                at += header.len;
                left = header.payload_len;
            }
            let len = left.min(input.len() - at);
            let payload = &mut input[at..at + len];
            translation.payload(payload);
            if len < LONG {
                output.extend_from_slice(payload);
            } else {
                let mut both = Buf::chain(&output[..], &*payload);
                to.write_all_buf(&mut both).await?;
                output.clear();
            }
            at += len;
            left -= len;
        }
        input.drain(..at);
        if input.is_empty() {
            put_buffer(mem::take(&mut input));
        }
        to.write_all(&output).await?;
        put_buffer(output);
    }
    Ok(())
}

/// Reads once, and appends to the incomplete header in `input`.
async fn read(from: &mut ReadHalf<'_>, input: &mut Vec<u8>) -> io::Result<usize> {
    poll_fn(|cx| {
        if input.is_empty() {
            *input = take_buffer();
        }
        input.reserve(CHUNK);
        let count = poll_read_buf(Pin::new(&mut *from), cx, &mut input.limit(CHUNK));
        if input.is_empty() {
            put_buffer(mem::take(input));
        }
        count
    })
    .await
}

fn take_buffer() -> Vec<u8> {
    let buffer = POOL.with_borrow_mut(Vec::pop);
    buffer.unwrap_or_else(|| Vec::with_capacity(CHUNK))
}

fn put_buffer(mut buffer: Vec<u8>) {
    buffer.clear();
    POOL.with_borrow_mut(|pool| pool.push(buffer));
}
