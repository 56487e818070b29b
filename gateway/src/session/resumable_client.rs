//! Resumable client: the session outlives its connection (subprotocol `framegate.1`).
//!
//! Attached, the client has a connection. A loss detaches it: messages to it are kept, and the
//! upstream is read until the window is full. The client's next connection attaches it again.

mod attachment;
mod batch;
mod ending;
mod messages;

use std::mem::take;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use net::timer::sleep;
use protocol::resumable::{ACK_DELAY, AckDue, CLIENT_HEAD, Control, Inbox, Outbox};
use protocol::{MessageKind, Payload};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, Sleep};
use tokio_util::sync::CancellationToken;

use crate::buffer::sizes::MIN_READ_SIZE;
use crate::io::activity::ActivityStream;
use crate::io::register_here::RegisterHere;
use crate::listener::admission::Permit;
use crate::observe::ConnectionChange;
use crate::resume::connection::Connection;
use crate::resume::mailbox::Call;
use crate::resume::registry::Registration;
use crate::runtime::wake_filter::WakeFilter;
use crate::session::client_side::{Batch, ClientMovement, ClientSide};
use crate::session::deadlines::Deadlines;
use crate::session::resumable_client::batch::ResumableBatch;
use crate::session::resumable_client::messages::{check_message, send_kept, without_head};
use crate::session::resume_log::ResumeLog;
use crate::session::service_times::ServiceTimes;
use crate::session::session_end::SessionEnd;
use crate::websocket::{Event, WebSocket};

/// Client that may lose its connection and come back.
#[derive(Debug)]
pub(crate) struct ResumableClient<C> {
    /// The connection; `None` while the client is detached.
    socket: Option<WebSocket<ActivityStream<C>>>,
    /// The place of the last connection. A detached client keeps it.
    permit: Arc<Permit>,
    registration: Registration<C>,
    /// Set while the client is detached.
    absence: Option<Absence>,
    /// Messages to the client.
    outbox: Outbox,
    /// Counts of the client's messages.
    inbox: Inbox,
    /// Messages received and not yet written to the upstream, and their length.
    unwritten: u64,
    unwritten_len: usize,
    /// `None` if replies can't be paired with requests.
    service_times: Option<ServiceTimes>,
    ack_timer: Option<Pin<Box<Sleep>>>,
    ack_filter: WakeFilter,
    /// Set if an acknowledgement is due, and the output is blocked.
    ack_waits: bool,
    event_filter: WakeFilter,
    /// Set until the client has sent something on this connection.
    is_new: bool,
    /// Set if the connection began since the watchdog's last look.
    is_fresh: bool,
    /// Set if the window was full and is so no longer.
    is_unblocked: bool,
    /// Set once the session ends.
    ending: Option<Ending>,
    /// Changes of the connection that are not yet reported to the observers.
    changes: Vec<ConnectionChange>,
    log: ResumeLog,
}

/// The client's part in the end of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// A client that comes back is still told the rest.
    Kept,
    /// The end is that of the connection too.
    Attached,
    /// The client has said its last: a Close, or a violation.
    Over,
}

/// Time without a connection.
#[derive(Debug)]
struct Absence {
    since: Instant,
    expiry: Pin<Box<Sleep>>,
    /// Count of messages that the client may have received.
    sent: u64,
}

impl<C> ResumableClient<C>
where
    C: AsyncRead + AsyncWrite + RegisterHere + Unpin + Send + 'static,
{
    /// Begins a session with `connection`, to which a hello with `token` is sent.
    pub(crate) fn new(
        connection: Connection<C>,
        registration: Registration<C>,
        token: String,
        log: ResumeLog,
    ) -> Self {
        let window = registration.window();
        let Connection { socket, permit, .. } = connection;
        let mut client = Self {
            socket: Some(socket),
            permit,
            registration,
            absence: None,
            outbox: Outbox::new(window),
            inbox: Inbox::new(window),
            unwritten: 0,
            unwritten_len: 0,
            service_times: Some(ServiceTimes::default()),
            ack_timer: None,
            ack_filter: WakeFilter::default(),
            ack_waits: false,
            event_filter: WakeFilter::default(),
            is_new: true,
            is_fresh: false,
            is_unblocked: false,
            ending: None,
            changes: Vec::new(),
            log,
        };
        client.push_hello(token);
        client
    }

    /// Leaves the service times out: a raw stream has no replies to count.
    pub(crate) fn without_service_times(&mut self) {
        self.service_times = None;
    }

    fn push_control(&mut self, control: &Control) {
        if let Some(socket) = &mut self.socket {
            let text = control.to_string();
            let output = socket.output().begin();
            output.push(MessageKind::Text, Payload::Borrowed(text.as_bytes()));
        }
    }

    /// Acknowledges the messages taken, as soon as nothing else waits to be written.
    fn acknowledge(&mut self, cx: &mut Context<'_>) {
        self.ack_waits = self.inbox.ack_due() != AckDue::Never;
        // Flushed here, as the other direction may wait for the upstream.
        let _ = self.poll_output(cx);
    }

    /// Writes what may be sent. A connection that is lost is left.
    fn poll_output(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let Some(socket) = &mut self.socket else {
                return Poll::Ready(());
            };
            if ready!(socket.poll_flush(cx)).is_err() {
                self.detach(&SessionEnd::ClientLost);
                return Poll::Ready(());
            }
            if !take(&mut self.ack_waits) {
                return Poll::Ready(());
            }
            let count = self.inbox.acknowledge();
            self.push_control(&Control::Ack(count));
        }
    }
}

impl<C> ClientSide for ResumableClient<C>
where
    C: AsyncRead + AsyncWrite + RegisterHere + Unpin + Send + 'static,
{
    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
        mut on_message: impl FnMut(MessageKind, Payload<'_>) -> Result<(), SessionEnd>,
    ) -> Poll<Result<(), SessionEnd>> {
        // Backpressure: a client that does not read its pongs cannot go on pinging.
        let has_pong = |socket: &mut WebSocket<_>| socket.output().has_pong();
        if self.socket.as_mut().is_some_and(has_pong) {
            ready!(self.poll_output(cx));
        }
        let Some(socket) = &mut self.socket else {
            return Poll::Pending;
        };
        let (mut is_heard, is_ending) = (false, self.ending.is_some());
        let (mut count, mut total_len) = (0, 0);
        let received = socket.poll_receive(cx, |event, output| {
            is_heard = true;
            match event {
                Event::Message(MessageKind::Binary, message) => {
                    if is_ending {
                        return Ok(());
                    }
                    let len = message.len();
                    let kind = check_message(&message)?;
                    on_message(kind, without_head(message))?;
                    count += 1;
                    total_len += len;
                    Ok(())
                }
                Event::Message(MessageKind::Text, text) => {
                    // The decoder has checked that it is UTF-8.
                    let text = str::from_utf8(&text).unwrap_or_default();
                    if let Control::Ack(count) = Control::parse(text)? {
                        let had_room = self.outbox.has_room();
                        self.outbox.acknowledge(count)?;
                        self.is_unblocked |= !had_room && self.outbox.has_room();
                        send_kept(&mut self.outbox, output);
                    }
                    Ok(())
                }
                Event::Ping(payload) => {
                    output.begin().push_pong(payload);
                    Ok(())
                }
                Event::Pong => Ok(()),
                Event::Close(close) => Err(SessionEnd::ClientClosed(close)),
            }
        });
        self.inbox.receive(count);
        self.unwritten += count;
        self.unwritten_len += total_len;
        if is_heard && take(&mut self.is_new) {
            self.registration.confirm();
        }
        match ready!(received) {
            Err(SessionEnd::ClientLost) => {
                self.detach(&SessionEnd::ClientLost);
                Poll::Pending
            }
            Err(SessionEnd::ClientTooLong { len, max }) => {
                Poll::Ready(Err(SessionEnd::ClientTooLong {
                    len: len - CLIENT_HEAD as u64,
                    max: max - CLIENT_HEAD,
                }))
            }
            received => Poll::Ready(received),
        }
    }

    fn note_written(&mut self, cx: &mut Context<'_>) {
        if self.unwritten == 0 {
            return;
        }
        let (count, len) = (take(&mut self.unwritten), take(&mut self.unwritten_len));
        self.inbox.take(count, len);
        if let Some(service_times) = &mut self.service_times {
            service_times.note_requests(count, Instant::now());
        }
        match self.inbox.ack_due() {
            AckDue::Now => self.acknowledge(cx),
            AckDue::Later if self.ack_timer.is_none() && self.socket.is_some() => {
                self.ack_timer = Some(Box::pin(sleep(ACK_DELAY)));
                self.ack_filter = WakeFilter::default();
            }
            AckDue::Later | AckDue::Never => {}
        }
    }

    /// The window holds both ways: its acknowledgements may be behind as many bytes of messages,
    /// and without them the upstream, which may wait for its replies to be read, is held back.
    fn reads_ahead(&self) -> bool {
        self.unwritten_len < self.registration.window()
    }

    fn needs_flush(&self) -> bool {
        self.socket.as_ref().is_some_and(WebSocket::needs_flush)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SessionEnd>> {
        self.poll_output(cx).map(Ok)
    }

    fn room(&self) -> Option<usize> {
        let left = self
            .registration
            .window()
            .checked_sub(self.outbox.kept_len());
        left.filter(|&left| left > 0)
            .map(|left| left.max(MIN_READ_SIZE))
    }

    fn take_unblocked(&mut self) -> bool {
        take(&mut self.is_unblocked)
    }

    fn begin_batch(&mut self) -> impl Batch + '_ {
        ResumableBatch::new(
            &mut self.outbox,
            self.service_times.as_mut(),
            self.socket.as_mut().map(WebSocket::output),
        )
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SessionEnd>> {
        if let Some(timer) = &mut self.ack_timer
            && self
                .ack_filter
                .poll(cx, |cx| timer.as_mut().poll(cx))
                .is_ready()
        {
            self.ack_timer = None;
            self.acknowledge(cx);
        }
        let (registration, absence) = (&self.registration, &mut self.absence);
        let called = self.event_filter.poll(cx, |cx| {
            if let Poll::Ready(call) = registration.poll_call(cx) {
                return Poll::Ready(Some(call));
            }
            match absence {
                Some(absence) => absence.expiry.as_mut().poll(cx).map(|()| None),
                None => Poll::Pending,
            }
        });
        match called {
            Poll::Ready(Some(Call::Resume(resumption))) => Poll::Ready(self.attach(*resumption)),
            Poll::Ready(Some(Call::Evict)) if self.absence.is_some() => {
                Poll::Ready(Err(SessionEnd::ResumeEvicted))
            }
            // The client was faster.
            Poll::Ready(Some(Call::Evict)) => Poll::Ready(Ok(())),
            Poll::Ready(None) => {
                let timeout = self.registration.timeout();
                Poll::Ready(Err(SessionEnd::ResumeExpired(timeout)))
            }
            Poll::Pending => {
                if self.absence.is_some() {
                    self.registration.keep(self.outbox.kept_len());
                }
                Poll::Pending
            }
        }
    }

    fn take_changes(&mut self) -> Vec<ConnectionChange> {
        take(&mut self.changes)
    }

    fn movement(&mut self) -> ClientMovement {
        let holds_back = !self.outbox.has_room();
        let Some(socket) = &mut self.socket else {
            return ClientMovement {
                has_sent: true,
                written: 0,
                is_blocked: false,
                pongs_blocked: false,
                holds_back,
            };
        };
        let is_blocked = socket.needs_flush();
        let pongs_blocked = socket.output().has_pong();
        let stream = socket.stream_mut();
        ClientMovement {
            has_sent: stream.take_read() | take(&mut self.is_fresh),
            written: stream.take_written(),
            is_blocked,
            pongs_blocked,
            holds_back,
        }
    }

    fn ping(&mut self) {
        if let Some(socket) = &mut self.socket {
            socket.output().begin().push_ping();
        }
    }

    fn give_up(&mut self, end: SessionEnd) -> Result<(), SessionEnd> {
        if !end.is_silence_of_client() {
            return Err(end);
        }
        if self.socket.is_some() {
            self.detach(&end);
        }
        Ok(())
    }

    fn begin_end(&mut self, end: &SessionEnd) {
        self.ending = Some(match end {
            SessionEnd::Shutdown => Ending::Attached,
            end if end.is_end_of_upstream() => Ending::Kept,
            _ => Ending::Over,
        });
        if matches!(end, SessionEnd::Shutdown) {
            self.push_control(&Control::Ending);
        }
    }

    fn can_deliver(&self) -> bool {
        self.socket.is_some() || self.ending == Some(Ending::Kept)
    }

    fn poll_acknowledgements(&mut self, cx: &mut Context<'_>) {
        while self.ending != Some(Ending::Over) {
            match self.poll_receive(cx, |_, _| Ok(())) {
                Poll::Ready(Ok(())) => {}
                // A Close of its own, or a violation: the closing handshake follows.
                Poll::Ready(Err(_)) => self.ending = Some(Ending::Over),
                Poll::Pending => return,
            }
        }
    }

    async fn close(&mut self, end: &SessionEnd, deadlines: Deadlines, stop: &CancellationToken) {
        self.deliver_and_close(end, deadlines, stop).await;
    }
}
