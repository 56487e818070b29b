//! Server side of a TLS connection, by the unbuffered API of rustls.
//!
//! Records are decrypted and encrypted in buffers of the thread. So an idle connection has no
//! buffer, and one read or write takes as many records as are ready.

use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::iter;
use std::mem::take;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::rustls::server::{ServerConnectionData, UnbufferedServerConnection};
use tokio_rustls::rustls::unbuffered::{
    ConnectionState, EncodeError, EncodeTlsData, EncryptError, UnbufferedStatus, WriteTraffic,
};
use tokio_rustls::rustls::{self, ServerConfig};

/// Longest plaintext of a record (RFC 8446, section 5.1).
const RECORD_LEN: usize = 16 * 1024;

/// Bytes by which a record of TLS 1.3 is longer than its plaintext: header, type and tag.
const RECORD_OVERHEAD: usize = 22;

/// Room for an alert or a key update that comes before a write's records, and for the nonces in
/// records of TLS 1.2.
const ROOM_FOR_MESSAGES: usize = 1024;

/// Longest plaintext of one write, in bytes, and of one read beside the reader's own limit.
const TURN_LEN: usize = 64 * 1024;

/// Shortest read from the socket, in bytes: small readers get a record in few reads, too.
const MIN_READ_LEN: usize = 4 * 1024;

/// Longest ciphertext that is kept: a handshake message in fragments, or a turn's records.
const MAX_UNREAD: usize = 2 * TURN_LEN;

/// Length from which a part of a vectored write is encrypted where it is. Shorter ones are copied
/// together, so that they share a record.
const ENCRYPT_IN_PLACE_FROM: usize = 4 * 1024;

thread_local! {
    /// Ciphertext of one read.
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static OUTPUT: RefCell<Output> = const { RefCell::new(Output::new()) };
}

/// Server side of a TLS connection on `S`.
pub struct ServerStream<S> {
    stream: S,
    connection: UnbufferedServerConnection,
    /// Ciphertext that is not decrypted: a part of a record, or records that did not fit.
    unread: Vec<u8>,
    /// Set if `unread` begins with records that did not fit.
    has_records: bool,
    /// Plaintext that did not fit.
    plaintext: Vec<u8>,
    /// Ciphertext that the socket did not take.
    unsent: Vec<u8>,
    /// Set once the peer has sent a close_notify: no plaintext follows.
    is_ended: bool,
    /// Set once our close_notify is among the ciphertext.
    is_closed: bool,
    /// Set after a violation of the protocol.
    is_failed: bool,
}

/// Outcome of a step of rustls.
enum Step<T> {
    /// There may be more to do.
    Progress,
    /// Plaintext may be sent, and more ciphertext is needed to receive some.
    Open(T),
    /// More ciphertext is needed, or both sides have closed.
    Blocked,
}

/// Ciphertext of one write, and plaintext on its way there.
struct Output {
    /// Memory that stays initialized, of which `len` bytes are in use.
    bytes: Vec<u8>,
    len: usize,
    gathered: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> ServerStream<S> {
    /// Does the handshake on `stream`.
    ///
    /// # Errors
    /// Those of the stream and of the handshake, which
    /// [`io_error_text`](crate::error_text::io_error_text) describes.
    pub async fn accept(stream: S, config: Arc<ServerConfig>) -> io::Result<Box<Self>> {
        let connection = UnbufferedServerConnection::new(config).map_err(io::Error::other)?;
        let mut accepted = Box::new(Self {
            stream,
            connection,
            unread: Vec::new(),
            has_records: false,
            plaintext: Vec::new(),
            unsent: Vec::new(),
            is_ended: false,
            is_closed: false,
            is_failed: false,
        });
        poll_fn(|cx| accepted.poll_handshake(cx)).await?;
        Ok(accepted)
    }

    /// The stream under TLS.
    pub fn get_ref(&self) -> &S {
        &self.stream
    }

    fn poll_handshake(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut unread = take(&mut self.unread);
            // All plaintext is kept: a client may send some together with the end of its handshake.
            let taken = self.open(&mut unread, &mut ReadBuf::new(&mut []), cx)?;
            self.unread = unread[taken..].to_vec();
            ready!(self.poll_send(cx))?;
            if !self.connection.is_handshaking() {
                return Poll::Ready(Ok(()));
            }
            self.unread = ready!(INPUT.with_borrow_mut(|input| {
                let received = ready!(self.poll_receive(cx, input, TURN_LEN))?;
                Poll::Ready(Ok::<_, io::Error>(received.to_vec()))
            }))?;
            if self.unread.is_empty() {
                let error = io::ErrorKind::UnexpectedEof;
                return Poll::Ready(Err(io::Error::new(error, "tls handshake eof")));
            }
        }
    }

    /// Reads up to `len` bytes from the socket, and returns them behind `unread`, which is empty
    /// then. Returns nothing at the end of the stream.
    fn poll_receive<'a>(
        &mut self,
        cx: &mut Context<'_>,
        input: &'a mut Vec<u8>,
        len: usize,
    ) -> Poll<io::Result<&'a mut [u8]>> {
        let kept = self.unread.len();
        if kept > MAX_UNREAD {
            let error = io::Error::new(io::ErrorKind::InvalidData, "TLS message is too long");
            return Poll::Ready(Err(error));
        }
        if input.len() < kept + len {
            *input = vec![0; kept + len];
        }
        let mut received = ReadBuf::new(&mut input[kept..kept + len]);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut received))?;
        let count = received.filled().len();
        if count == 0 {
            return Poll::Ready(Ok(&mut []));
        }
        // After the read: most often it is pending.
        input[..kept].copy_from_slice(&take(&mut self.unread));
        Poll::Ready(Ok(&mut input[..kept + count]))
    }

    /// Decrypts `input` to `buf` until that is full, and returns how much of it is done. Without
    /// room in `buf`, decrypts all of it, and keeps the plaintext.
    fn open(
        &mut self,
        input: &mut [u8],
        buf: &mut ReadBuf<'_>,
        cx: &mut Context<'_>,
    ) -> io::Result<usize> {
        let stops_when_full = buf.remaining() > 0;
        let mut taken = 0;
        loop {
            self.has_records = stops_when_full && buf.remaining() == 0;
            if self.has_records {
                return Ok(taken);
            }
            let (discard, step) = self.step(&mut input[taken..], buf, |_| ());
            match step {
                Ok(Step::Progress) => taken += discard,
                Ok(Step::Open(()) | Step::Blocked) => return Ok(taken + discard),
                Err(error) => {
                    self.is_failed = true;
                    self.encode_alert(&mut input[taken..]);
                    let _ = self.poll_send(cx);
                    return Err(io::Error::new(io::ErrorKind::InvalidData, error));
                }
            }
        }
    }

    /// Encodes the alert that says why `input` is refused, and the records before it: those of
    /// TLS 1.3 begin with the server's own.
    fn encode_alert(&mut self, input: &mut [u8]) {
        // Further steps would read the input again, and refuse it again.
        while self.connection.wants_write() {
            let (_, step) = self.step(input, &mut ReadBuf::new(&mut []), |_| ());
            if !matches!(step, Ok(Step::Progress)) {
                return;
            }
        }
    }

    /// Lets rustls do one step on `input`; returns how many bytes of it are done. Calls `write`
    /// when plaintext can be sent.
    fn step<T>(
        &mut self,
        input: &mut [u8],
        buf: &mut ReadBuf<'_>,
        write: impl FnOnce(WriteTraffic<'_, ServerConnectionData>) -> T,
    ) -> (usize, Result<Step<T>, rustls::Error>) {
        let UnbufferedStatus { discard, state, .. } = self.connection.process_tls_records(input);
        let step = match state {
            Ok(ConnectionState::ReadTraffic(mut traffic)) => {
                while let Some(record) = traffic.next_record() {
                    let Ok(record) = record else { break };
                    let (fits, rest) = record
                        .payload
                        .split_at(record.payload.len().min(buf.remaining()));
                    buf.put_slice(fits);
                    self.plaintext.extend_from_slice(rest);
                }
                Step::Progress
            }
            Ok(ConnectionState::EncodeTlsData(mut data)) => {
                encode(&mut data, &mut self.unsent);
                Step::Progress
            }
            Ok(ConnectionState::TransmitTlsData(data)) => {
                // It is in `unsent`, which all else follows.
                data.done();
                Step::Progress
            }
            Ok(ConnectionState::PeerClosed) => {
                self.is_ended = true;
                Step::Progress
            }
            Ok(ConnectionState::WriteTraffic(traffic)) => Step::Open(write(traffic)),
            // Early data is off by default.
            Ok(_) => Step::Blocked,
            Err(error) => return (discard, Err(error)),
        };
        (discard, Ok(step))
    }

    /// Calls `write` as soon as what was received allows it.
    fn write<T>(
        &mut self,
        mut write: impl FnMut(WriteTraffic<'_, ServerConnectionData>) -> Result<T, EncryptError>,
    ) -> io::Result<T> {
        if self.is_failed || self.is_closed {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let mut unread = take(&mut self.unread);
        let mut taken = 0;
        let written = loop {
            // rustls has to see the part of a record again.
            let no_room = &mut ReadBuf::new(&mut []);
            let (discard, step) = self.step(&mut unread[taken..], no_room, &mut write);
            taken += discard;
            match step {
                Ok(Step::Progress) => {}
                Ok(Step::Open(written)) => {
                    self.has_records = false;
                    break written.map_err(io::Error::other);
                }
                Ok(Step::Blocked) => break Err(io::ErrorKind::BrokenPipe.into()),
                Err(error) => {
                    self.is_failed = true;
                    break Err(io::Error::new(io::ErrorKind::InvalidData, error));
                }
            }
        };
        self.unread = match taken {
            0 => unread,
            _ => unread[taken..].to_vec(),
        };
        written
    }

    /// Moves kept plaintext to `buf`; returns false if there is none.
    fn take_plaintext(&mut self, buf: &mut ReadBuf<'_>) -> bool {
        if self.plaintext.is_empty() {
            return false;
        }
        let count = self.plaintext.len().min(buf.remaining());
        buf.put_slice(&self.plaintext[..count]);
        if count == self.plaintext.len() {
            self.plaintext = Vec::new();
        } else {
            self.plaintext.drain(..count);
        }
        true
    }

    /// Encrypts parts of at most [`TURN_LEN`] bytes, and writes the records. Returns how many bytes
    /// it took: those that the socket did not take are kept.
    fn poll_write_parts<'a>(
        &mut self,
        cx: &mut Context<'_>,
        parts: impl Iterator<Item = &'a [u8]>,
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_send(cx))?;
        OUTPUT.with_borrow_mut(|output| {
            output.clear();
            let mut taken = 0;
            for part in parts {
                let part = &part[..part.len().min(TURN_LEN - taken)];
                taken += part.len();
                if part.len() < ENCRYPT_IN_PLACE_FROM {
                    output.gathered.extend_from_slice(part);
                } else {
                    self.encrypt_gathered(output)?;
                    self.encrypt(part, output)?;
                }
            }
            self.encrypt_gathered(output)?;
            self.send_or_keep(cx, &output.bytes[..output.len])?;
            Poll::Ready(Ok(taken))
        })
    }

    fn encrypt_gathered(&mut self, output: &mut Output) -> io::Result<()> {
        let gathered = take(&mut output.gathered);
        let result = self.encrypt(&gathered, output);
        output.gathered = gathered;
        output.gathered.clear();
        result
    }

    fn encrypt(&mut self, plaintext: &[u8], output: &mut Output) -> io::Result<()> {
        if plaintext.is_empty() {
            return Ok(());
        }
        let room = output.room_for(plaintext.len());
        let count = self.write(|mut traffic| traffic.encrypt(plaintext, room))?;
        output.len += count;
        Ok(())
    }

    /// Writes `records` once, and keeps what the socket does not take.
    fn send_or_keep(&mut self, cx: &mut Context<'_>, records: &[u8]) -> io::Result<()> {
        if !self.unsent.is_empty() {
            // An answer to a key update, which comes first.
            self.unsent.extend_from_slice(records);
            return match self.poll_send(cx) {
                Poll::Ready(sent) => sent,
                Poll::Pending => Ok(()),
            };
        }
        let sent = match Pin::new(&mut self.stream).poll_write(cx, records) {
            Poll::Ready(sent) => sent?,
            Poll::Pending => 0,
        };
        self.unsent = records[sent..].to_vec();
        Ok(())
    }

    /// Writes all ciphertext that is kept.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.unsent.is_empty() {
            match ready!(Pin::new(&mut self.stream).poll_write(cx, &self.unsent))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                sent if sent == self.unsent.len() => self.unsent = Vec::new(),
                sent => drop(self.unsent.drain(..sent)),
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for ServerStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if buf.remaining() == 0 || this.take_plaintext(buf) {
            return Poll::Ready(Ok(()));
        }
        if this.is_failed {
            return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
        }
        let before = buf.filled().len();
        if this.has_records {
            let mut unread = take(&mut this.unread);
            let taken = this.open(&mut unread, buf, cx)?;
            this.unread = unread[taken..].to_vec();
            if buf.filled().len() > before {
                return Poll::Ready(Ok(()));
            }
        }
        INPUT.with_borrow_mut(|input| {
            while buf.filled().len() == before && !this.is_ended {
                // Of records with the greatest length, the last one ends where the read does.
                let len = encrypted_len(buf.remaining().min(TURN_LEN));
                let len = len.saturating_sub(this.unread.len()).max(MIN_READ_LEN);
                let received = ready!(this.poll_receive(cx, input, len))?;
                if received.is_empty() {
                    let error = io::ErrorKind::UnexpectedEof;
                    let text = "closed without a TLS close_notify";
                    return Poll::Ready(Err(io::Error::new(error, text)));
                }
                let taken = this.open(received, buf, cx)?;
                this.unread = received[taken..].to_vec();
            }
            Poll::Ready(Ok(()))
        })
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for ServerStream<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().poll_write_parts(cx, iter::once(buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let parts = bufs.iter().map(|buf| &**buf);
        self.get_mut().poll_write_parts(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_send(cx))?;
        Pin::new(&mut this.stream).poll_flush(cx)
    }

    /// Sends a close_notify, and then ends the stream's sending side.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.is_closed {
            let mut alert = [0; ROOM_FOR_MESSAGES];
            // Fails after a violation of the protocol, whose alert stands for it.
            if let Ok(len) = this.write(|mut traffic| traffic.queue_close_notify(&mut alert)) {
                this.unsent.extend_from_slice(&alert[..len]);
            }
            this.is_closed = true;
        }
        ready!(this.poll_send(cx))?;
        match ready!(Pin::new(&mut this.stream).poll_shutdown(cx)) {
            // The peer has reset the connection.
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Poll::Ready(Ok(())),
            result => Poll::Ready(result),
        }
    }
}

impl<S> fmt::Debug for ServerStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerStream").finish_non_exhaustive()
    }
}

impl Output {
    const fn new() -> Self {
        Self {
            bytes: Vec::new(),
            len: 0,
            gathered: Vec::new(),
        }
    }

    fn clear(&mut self) {
        self.len = 0;
        self.gathered.clear();
    }

    /// Returns room for the records of `len` bytes of plaintext.
    fn room_for(&mut self, len: usize) -> &mut [u8] {
        let end = self.len + encrypted_len(len) + ROOM_FOR_MESSAGES;
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        &mut self.bytes[self.len..]
    }
}

/// Returns the length of `len` bytes in records that are as long as possible.
fn encrypted_len(len: usize) -> usize {
    len + len.div_ceil(RECORD_LEN) * RECORD_OVERHEAD
}

/// Encodes a message of rustls's own to the end of `unsent`.
fn encode(data: &mut EncodeTlsData<'_, ServerConnectionData>, unsent: &mut Vec<u8>) {
    let at = unsent.len();
    // Tells the length.
    if let Err(EncodeError::InsufficientSize(needed)) = data.encode(&mut []) {
        unsent.resize(at + needed.required_size, 0);
        let encoded = data.encode(&mut unsent[at..]);
        debug_assert!(encoded.is_ok(), "{encoded:?}");
    }
}

#[cfg(test)]
mod tests;
