//! End of a resumable session: delivers the rest to a client that may have to come back for it.

use std::future::poll_fn;
use std::task::Poll;

use net::timer::timeout;
use protocol::resumable::{AckDue, Control, close_code};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use crate::io::register_here::RegisterHere;
use crate::resume::request::ResumeRefusal;
use crate::session::client_side::ClientSide;
use crate::session::close_client::close_client;
use crate::session::deadlines::Deadlines;
use crate::session::resumable_client::messages::close_frame;
use crate::session::resumable_client::{Ending, ResumableClient};
use crate::session::session_end::SessionEnd;

impl<C> ResumableClient<C>
where
    C: AsyncRead + AsyncWrite + RegisterHere + Unpin + Send + 'static,
{
    /// Delivers the messages, and the Close for `end`.
    pub(super) async fn deliver_and_close(
        &mut self,
        end: &SessionEnd,
        deadlines: Deadlines,
        stop: &CancellationToken,
    ) {
        while self.socket.is_some() || self.returns(stop).await {
            if self.ending == Some(Ending::Kept) {
                // Stays as long for a client that takes nothing as for one that is away.
                let _ = timeout(self.registration.timeout(), self.all_sent()).await;
            }
            if self.inbox.ack_due() != AckDue::Never {
                let count = self.inbox.acknowledge();
                self.push_control(&Control::Ack(count));
            }
            let Some(socket) = &mut self.socket else {
                continue;
            };
            end.push_close(socket.output().begin());
            let has_answered = close_client(socket, deadlines).await;
            if has_answered || self.outbox.unacknowledged() == 0 {
                break;
            }
            self.detach(&SessionEnd::ClientLost);
        }
        self.registration.leave_detached();
        self.refuse_waiting(deadlines).await;
    }

    /// Waits until the client is back; returns false if it is not waited for any longer.
    async fn returns(&mut self, stop: &CancellationToken) -> bool {
        tokio::select! {
            biased;
            () = async {}, if self.ending != Some(Ending::Kept) => false,
            () = stop.cancelled() => false,
            back = poll_fn(|cx| self.poll_event(cx)) => back.is_ok(),
        }
    }

    /// Waits until everything is sent, or the connection is lost.
    async fn all_sent(&mut self) {
        poll_fn(|cx| {
            loop {
                self.poll_acknowledgements(cx);
                let is_flushed = self.poll_output(cx).is_ready();
                if self.poll_event(cx).is_ready() {
                    continue;
                }
                let is_sent = is_flushed && !self.outbox.has_unsent();
                let is_over = self.socket.is_none() || self.ending == Some(Ending::Over);
                return match is_sent || is_over {
                    true => Poll::Ready(()),
                    false => Poll::Pending,
                };
            }
        })
        .await;
    }

    /// Tells a client that has come too late.
    async fn refuse_waiting(&mut self, deadlines: Deadlines) {
        if let Some(mut late) = self.registration.close() {
            let close = close_frame(close_code::UNKNOWN_SESSION, &ResumeRefusal::Unknown);
            late.socket.output().begin().push_close(Some(&close));
            close_client(&mut late.socket, deadlines).await;
        }
    }
}
