//! Loss of a resumable client's connection, and its next one.

use net::timer::sleep;
use protocol::resumable::{Control, Hello, SessionError, close_code};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use crate::io::activity::ActivityStream;
use crate::io::register_here::RegisterHere;
use crate::observe::ConnectionChange;
use crate::resume::connection::{Connection, Resumption};
use crate::resume::request::ResumeRequest;
use crate::runtime::wake_filter::WakeFilter;
use crate::session::close_client::close_client;
use crate::session::deadlines::Deadlines;
use crate::session::resumable_client::messages::{close_frame, send_kept};
use crate::session::resumable_client::{Absence, Ending, ResumableClient};
use crate::session::session_end::SessionEnd;
use crate::websocket::WebSocket;

impl<C> ResumableClient<C>
where
    C: AsyncRead + AsyncWrite + RegisterHere + Unpin + Send + 'static,
{
    pub(super) fn push_hello(&mut self, session: String) {
        let hello = Control::Hello(Hello {
            session,
            received: self.inbox.received(),
            window: self.registration.window() as u64,
            keep: self.registration.timeout().as_secs(),
        });
        self.push_control(&hello);
    }

    /// Leaves the connection, and keeps the session for a while.
    pub(super) fn detach(&mut self, cause: &SessionEnd) {
        self.socket = None;
        self.ack_timer = None;
        self.ack_waits = false;
        if self.ending.is_some_and(|ending| ending != Ending::Kept) {
            return;
        }
        self.absence = Some(Absence {
            since: Instant::now(),
            expiry: Box::pin(sleep(self.registration.timeout())),
            sent: self.outbox.sent(),
        });
        self.registration.keep(self.outbox.kept_len());
        // The timer has to be polled.
        self.event_filter = WakeFilter::default();
        self.log.detached(cause);
        self.changes.push(ConnectionChange::Lost);
    }

    /// Goes on with the client's next connection.
    pub(super) fn attach(&mut self, resumption: Resumption<C>) -> Result<(), SessionEnd> {
        let Resumption {
            connection,
            request,
        } = resumption;
        let Connection {
            socket,
            permit,
            peer,
        } = connection;
        let moved = socket.try_map_stream(|stream| stream.try_map(RegisterHere::registered_here));
        let Ok(socket) = moved else {
            // The client notices the loss, and comes back again.
            return Ok(());
        };
        self.registration.leave_detached();
        let absence = self.absence.take();
        let replaced = self.socket.replace(socket);
        self.permit = permit;
        (self.is_new, self.is_fresh) = (true, true);
        self.ack_waits = false;
        self.resume_outbox(request, absence.as_ref())?;
        let token = self.registration.renew(Some(request.token));
        self.push_hello(token.map_err(|_| SessionEnd::NoRandom)?);
        // The last one may have been lost with its connection.
        let count = self.inbox.acknowledge();
        self.push_control(&Control::Ack(count));
        let before = self.outbox.sent();
        self.send_kept();
        let again = self.outbox.sent() - before;
        self.changes
            .push(ConnectionChange::Replaced { peer, again });
        match absence {
            Some(absence) => self.log.resumed(peer, absence.since.elapsed(), again),
            None => self.log.taken_over(peer, again),
        }
        if let Some(replaced) = replaced {
            tokio::spawn(close_replaced(replaced));
        }
        Ok(())
    }

    fn resume_outbox(
        &mut self,
        request: ResumeRequest,
        absence: Option<&Absence>,
    ) -> Result<(), SessionError> {
        let count = request.received;
        let sent = absence.map_or(self.outbox.sent(), |absence| absence.sent);
        if count > sent {
            return Err(SessionError::NeverSent { count, sent });
        }
        self.outbox.resume(count)
    }

    /// Sends the messages that the window has room for.
    pub(super) fn send_kept(&mut self) {
        if let Some(socket) = &mut self.socket {
            send_kept(&mut self.outbox, socket.output());
        }
    }
}

/// Closes a connection that another one has replaced.
async fn close_replaced<C>(mut socket: WebSocket<ActivityStream<C>>)
where
    C: AsyncRead + AsyncWrite + Unpin,
{
    let close = close_frame(
        close_code::TAKEN_OVER,
        &"another connection has resumed the session",
    );
    socket.output().begin().push_close(Some(&close));
    close_client(&mut socket, Deadlines::default()).await;
}
