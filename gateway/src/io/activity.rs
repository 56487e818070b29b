//! Activity of a stream: bytes read and written, which timeouts look at.

use std::io::{self, IoSlice};
use std::mem::take;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Stream that sets a flag when bytes are read from it, and counts those written to it.
///
/// A [`Ticker`](crate::io::ticker::Ticker) looks at both now and then: so no message
/// asks for the time, and a long message that arrives slowly counts as activity.
#[derive(Debug)]
pub(crate) struct ActivityStream<S> {
    stream: S,
    read: bool,
    written: usize,
}

impl<S> ActivityStream<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream,
            read: false,
            written: 0,
        }
    }

    /// Replaces the stream by what `map` makes of it.
    ///
    /// # Errors
    /// Those of `map`.
    pub(crate) fn try_map(self, map: impl FnOnce(S) -> io::Result<S>) -> io::Result<Self> {
        let stream = map(self.stream)?;
        Ok(Self { stream, ..self })
    }

    /// Returns true if bytes were read since the last call.
    pub(crate) fn take_read(&mut self) -> bool {
        take(&mut self.read)
    }

    /// Returns the number of bytes written since the last call.
    pub(crate) fn take_written(&mut self) -> usize {
        take(&mut self.written)
    }

    #[inline]
    fn count(&mut self, written: &Poll<io::Result<usize>>) {
        if let Poll::Ready(Ok(count)) = written {
            self.written += count;
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for ActivityStream<S> {
    #[inline]
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.read |= buf.filled().len() > before;
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for ActivityStream<S> {
    #[inline]
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.count(&written);
        written
    }

    #[inline]
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.count(&written);
        written
    }

    #[inline]
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
