//! A byte stream over TCP, TLS or a Unix socket, of a client or a server.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio_rustls::client::TlsStream;

use crate::tls::server_stream::ServerStream;

#[cfg(unix)]
use {
    rustix::net::{RecvFlags, recv},
    tokio::io::Interest,
};

/// A connection that framegate has accepted or opened.
#[derive(Debug)]
pub enum Stream {
    /// Plain TCP.
    Tcp(TcpStream),
    /// TLS over TCP, as the client. Boxed: its state is ten times as large as a socket.
    Tls(Box<TlsStream<TcpStream>>),
    /// TLS over TCP, as the server.
    TlsServer(Box<ServerStream<TcpStream>>),
    /// A Unix socket.
    #[cfg(unix)]
    Unix(UnixStream),
}

impl Stream {
    /// The TCP socket, for its addresses and options; `None` if it is a Unix socket.
    pub fn tcp(&self) -> Option<&TcpStream> {
        match self {
            Self::Tcp(stream) => Some(stream),
            Self::Tls(stream) => Some(stream.get_ref().0),
            Self::TlsServer(stream) => Some(stream.get_ref()),
            #[cfg(unix)]
            Self::Unix(_) => None,
        }
    }

    /// Waits for bytes, and returns the first ones without taking them off the socket: encrypted
    /// ones for TLS. Returns their number, 0 at the end of the stream.
    ///
    /// # Errors
    /// The system's.
    pub async fn peek(&self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.peek(bytes).await,
            Self::Tls(stream) => stream.get_ref().0.peek(bytes).await,
            Self::TlsServer(stream) => stream.get_ref().peek(bytes).await,
            #[cfg(unix)]
            Self::Unix(stream) => {
                let peek = || Ok(recv(stream, &mut *bytes, RecvFlags::PEEK)?.0);
                stream.async_io(Interest::READABLE, peek).await
            }
        }
    }

    /// Registers the socket with the runtime of this thread, after another's has accepted it.
    ///
    /// # Errors
    /// The system's.
    pub fn registered_here(self) -> io::Result<Self> {
        match self {
            Self::Tcp(stream) => TcpStream::from_std(stream.into_std()?).map(Self::Tcp),
            #[cfg(unix)]
            Self::Unix(stream) => UnixStream::from_std(stream.into_std()?).map(Self::Unix),
            // Its handshake took place on the thread that serves it.
            Self::Tls(_) | Self::TlsServer(_) => Ok(self),
        }
    }
}

/// Calls a method of the inner stream. Inlined for TCP alone, which saves instructions there.
macro_rules! delegate {
    ($stream:expr, $method:ident($($argument:expr),*)) => {
        match $stream {
            Stream::Tcp(stream) => Pin::new(stream).$method($($argument),*),
            Stream::Tls(stream) => not_inlined(|| Pin::new(stream).$method($($argument),*)),
            Stream::TlsServer(stream) => not_inlined(|| Pin::new(stream).$method($($argument),*)),
            #[cfg(unix)]
            Stream::Unix(stream) => not_inlined(|| Pin::new(stream).$method($($argument),*)),
        }
    };
}

#[inline(never)]
fn not_inlined<T>(call: impl FnOnce() -> T) -> T {
    call()
}

impl AsyncRead for Stream {
    #[inline]
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        delegate!(&mut *self, poll_read(cx, buf))
    }
}

impl AsyncWrite for Stream {
    #[inline]
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        delegate!(&mut *self, poll_write(cx, buf))
    }

    #[inline]
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        delegate!(&mut *self, poll_write_vectored(cx, bufs))
    }

    #[inline]
    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Tcp(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
            Self::TlsServer(stream) => stream.is_write_vectored(),
            #[cfg(unix)]
            Self::Unix(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        delegate!(&mut *self, poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        delegate!(&mut *self, poll_shutdown(cx))
    }
}
