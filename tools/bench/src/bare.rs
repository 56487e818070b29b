//! What the two bare servers share: the least that it takes to carry messages with tokio.
//!
//! No limits, logs, metrics, timers or stops, and payloads may hold anything.

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

/// How much is read at once, in bytes: as in the C programs.
const CHUNK: usize = 256 * 1024;

/// From this many bytes on, a payload is written from where it was read.
const LONG: usize = 16 * 1024;

thread_local! {
    /// Buffers at hand: a connection that waits has none.
    static SPARE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Serves each connection by a task of its own, all on this thread; `announce` says where.
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

/// How long a message's header is, and its payload.
pub(crate) struct Header {
    pub(crate) len: usize,
    pub(crate) payload_len: usize,
}

impl Header {
    /// The header of a frame, if `bytes` begin with all of it.
    pub(crate) fn of_frame(bytes: &[u8]) -> Option<Self> {
        let header = bytes.first_chunk()?;
        Some(Self {
            len: header.len(),
            payload_len: u32::from_le_bytes(*header) as usize,
        })
    }
}

/// Appends the header of a frame.
pub(crate) fn push_header(frames: &mut Vec<u8>, payload_len: usize) {
    frames.extend_from_slice(&(payload_len as u32).to_le_bytes());
}

/// What becomes of messages on their way.
pub(crate) trait Translate {
    /// Looks for a header at the beginning of `bytes`, and appends the one that goes out for it.
    /// Returns `None` if it is incomplete.
    ///
    /// # Errors
    /// If nothing goes out any more.
    fn header(&mut self, bytes: &[u8], output: &mut Vec<u8>) -> io::Result<Option<Header>>;

    /// Changes the next bytes of a payload to those that go out.
    fn payload(&mut self, _bytes: &mut [u8]) {}
}

/// Carries messages until a socket ends: one read, then one write of all that became of it, and
/// one for each long payload. A message goes on before it is whole.
pub(crate) async fn carry(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    mut by: impl Translate,
) -> io::Result<()> {
    let (mut input, mut left) = (Vec::new(), 0);
    while read(&mut from, &mut input).await? > 0 {
        let (mut at, mut output) = (0, spare());
        while at < input.len() {
            if left == 0 {
                let Some(header) = by.header(&input[at..], &mut output)? else {
                    break;
                };
                at += header.len;
                left = header.payload_len;
            }
            let len = left.min(input.len() - at);
            let payload = &mut input[at..at + len];
            by.payload(payload);
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
            give_back(mem::take(&mut input));
        }
        to.write_all(&output).await?;
        give_back(output);
    }
    Ok(())
}

/// Reads once, behind what `input` holds of a header.
async fn read(from: &mut ReadHalf<'_>, input: &mut Vec<u8>) -> io::Result<usize> {
    poll_fn(|cx| {
        if input.is_empty() {
            *input = spare();
        }
        input.reserve(CHUNK);
        let count = poll_read_buf(Pin::new(&mut *from), cx, &mut input.limit(CHUNK));
        if input.is_empty() {
            give_back(mem::take(input));
        }
        count
    })
    .await
}

fn spare() -> Vec<u8> {
    let spare = SPARE.with_borrow_mut(Vec::pop);
    spare.unwrap_or_else(|| Vec::with_capacity(CHUNK))
}

fn give_back(mut buffer: Vec<u8>) {
    buffer.clear();
    SPARE.with_borrow_mut(|spare| spare.push(buffer));
}
