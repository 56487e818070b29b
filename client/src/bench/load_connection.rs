//! A connection under load.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::poll_fn;
use std::io::{self, ErrorKind::UnexpectedEof};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use net::error_text::io_error_text;
use net::stream::Stream;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;

use crate::bench::messages::{Messages, masked_frame};
use crate::bench::phase::Phase;
use crate::bench::replies::{ReplyChecker, ReplyError};
use crate::connection_error::is_normal_close;

/// The length of the read buffer, in bytes: most reads get all that is ready.
const READ_BUFFER_LEN: usize = 256 * 1024;

/// The length of the read buffer while a connection is closed, in bytes.
const CLOSING_BUFFER_LEN: usize = 512;

/// The bytes of pongs and acknowledgements that may wait to be written; a read adds some.
const MAX_CONTROLS: usize = 64 * 1024;

thread_local! {
    /// The read buffer, shared by all connections.
    static READ_BUFFER: RefCell<Box<[u8]>> =
        RefCell::new(vec![0; READ_BUFFER_LEN].into_boxed_slice());
}

/// An error that ends the benchmark.
#[derive(Debug, Error)]
pub(super) enum LoadError {
    #[error("connection lost: {}", io_error_text(.0))]
    Io(#[from] io::Error),
    #[error(transparent)]
    Reply(#[from] ReplyError),
    #[error("closed by the server")]
    Closed,
    #[error("unexpected reply: more replies than messages")]
    UnexpectedReply,
}

/// A connection that sends prepared messages, and checks their replies.
pub(super) struct LoadConnection {
    /// Its index among all connections.
    index: usize,
    stream: Stream,
    messages: Rc<Messages>,
    /// The position in the requests of the next byte to write.
    position: usize,
    /// The number of bytes to write from there on.
    unwritten: usize,
    /// Pong frames and acknowledgements to write before the next message.
    controls: Vec<u8>,
    replies: ReplyChecker,
    /// The messages in flight: when they were sent, and how many at once.
    in_flight: VecDeque<(Instant, u64)>,
}

impl LoadConnection {
    /// Wraps `stream`, whose first message is the one at `index`: connections differ.
    pub(super) fn new(
        index: usize,
        stream: Stream,
        messages: Rc<Messages>,
        replies: ReplyChecker,
    ) -> Self {
        Self {
            index,
            stream,
            position: messages.requests.start_of(index),
            unwritten: 0,
            controls: Vec::new(),
            replies,
            messages,
            in_flight: VecDeque::new(),
        }
    }

    /// Keeps `in_flight` messages in flight until `phase` grants no more and all are answered.
    pub(super) async fn load(&mut self, phase: &Phase, in_flight: u32) -> Result<(), LoadError> {
        self.enqueue(phase, in_flight.into(), Instant::now());
        poll_fn(|cx| self.poll_load(cx, phase)).await
    }

    fn poll_load(&mut self, cx: &mut Context<'_>, phase: &Phase) -> Poll<Result<(), LoadError>> {
        while !self.in_flight.is_empty() {
            ready!(self.poll_exchange(cx, phase))?;
        }
        Poll::Ready(Ok(()))
    }

    /// Answers keep-alive pings until the connection ends.
    pub(super) async fn stay_idle(&mut self, phase: &Phase) -> Result<Infallible, LoadError> {
        poll_fn(|cx| {
            loop {
                ready!(self.poll_exchange(cx, phase))?;
            }
        })
        .await
    }

    fn poll_exchange(
        &mut self,
        cx: &mut Context<'_>,
        phase: &Phase,
    ) -> Poll<Result<(), LoadError>> {
        // Reads even if writing is pending: the server may wait for that. A server that sends
        // pings and takes no pongs is not read from.
        match self.poll_write(cx)? {
            Poll::Pending if self.controls.len() > MAX_CONTROLS => Poll::Pending,
            _ => self.poll_read(cx, phase),
        }
    }

    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// Closes the connection, and waits for the server to do so.
    ///
    /// # Errors
    /// [`LoadError`] if the end is abnormal.
    pub(super) async fn close(mut self) -> Result<(), LoadError> {
        let is_websocket = self.replies.is_websocket();
        // An error of writing is that of an end that reading finds, too.
        if is_websocket {
            let close = masked_frame(Frame::close(None), 0);
            let _ = self.stream.write_all(&close).await;
        } else {
            let _ = self.stream.shutdown().await;
        }
        let mut bytes = vec![0; CLOSING_BUFFER_LEN];
        loop {
            match self.stream.read(&mut bytes).await {
                // Many servers hang up in answer to a Close: every reply is complete.
                Ok(0) => return Ok(()),
                // A TLS stream without a close_notify: every reply is complete.
                Err(error) if !is_websocket && error.kind() == UnexpectedEof => return Ok(()),
                Err(error) => return Err(error.into()),
                // Some services answer the end of their input, too.
                Ok(len) => match self.replies.find_close(&bytes[..len]) {
                    Ok(()) => {}
                    Err(ReplyError::Closed(frame)) => return closed_normally(frame),
                    Err(error) => return Err(error.into()),
                },
            }
        }
    }

    /// Enqueues up to `wanted` messages to write, as many as `phase` grants.
    fn enqueue(&mut self, phase: &Phase, wanted: u64, now: Instant) {
        let granted = phase.grant(wanted, now);
        if granted > 0 {
            self.in_flight.push_back((now, granted));
            self.unwritten += granted as usize * self.messages.requests.message_len();
        }
    }

    /// Writes control and enqueued messages, until all are written.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let requests = &self.messages.requests;
        let mut stream = Pin::new(&mut self.stream);
        while self.unwritten > 0 || !self.controls.is_empty() {
            let written = self.position % requests.message_len();
            if written == 0 && !self.controls.is_empty() {
                let count = ready!(stream.as_mut().poll_write(cx, &self.controls))?;
                self.controls.drain(..count);
                continue;
            }
            // Control is written between messages.
            let len = match self.controls.is_empty() {
                true => self.unwritten,
                false => requests.message_len() - written,
            };
            let slices = requests.slices(self.position, len);
            let count = ready!(stream.as_mut().poll_write_vectored(cx, &slices))?;
            self.position = requests.advance(self.position, count);
            self.unwritten -= count;
        }
        stream.poll_flush(cx)
    }

    /// Reads once, checks the replies, and enqueues a message for each.
    fn poll_read(&mut self, cx: &mut Context<'_>, phase: &Phase) -> Poll<Result<(), LoadError>> {
        let mut pings = Vec::new();
        let completed = READ_BUFFER.with_borrow_mut(|buffer| {
            let mut buffer = ReadBuf::new(buffer);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
            Poll::Ready(match buffer.filled() {
                [] => Err(LoadError::Closed),
                bytes => Ok(self.replies.check(bytes, &mut pings)?),
            })
        });
        let completed = ready!(completed)?;
        for payload in pings {
            self.controls.extend(masked_frame(Frame::pong(payload), 0));
        }
        if let Some(session) = self.replies.session() {
            phase.record_service_times(session.drain_service_times());
            self.controls
                .extend(session.acknowledgement().into_iter().flatten());
        }
        let now = Instant::now();
        self.complete(phase, completed as u64, now)?;
        self.enqueue(phase, completed as u64, now);
        Poll::Ready(Ok(()))
    }

    /// Removes the oldest `completed` messages from those in flight, and records their latency.
    fn complete(&mut self, phase: &Phase, completed: u64, now: Instant) -> Result<(), LoadError> {
        phase.add_answered(completed);
        let mut left = completed;
        while left > 0 {
            let oldest = self.in_flight.front_mut();
            let (sent, count) = oldest.ok_or(LoadError::UnexpectedReply)?;
            let answered = left.min(*count);
            phase.record_latency(answered, *sent, now);
            *count -= answered;
            left -= answered;
            if *count == 0 {
                self.in_flight.pop_front();
            }
        }
        Ok(())
    }
}

fn closed_normally(frame: Option<CloseFrame>) -> Result<(), LoadError> {
    match is_normal_close(frame.as_ref()) {
        true => Ok(()),
        false => Err(ReplyError::Closed(frame).into()),
    }
}
