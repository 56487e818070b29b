//! Closing of a session: delivers the replies that are owed, then ends both sides.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Poll, ready};
use std::time::Duration;

use net::timer::{sleep, timeout, timeout_opt};
use protocol::Encoder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::buffer::write_batch::WriteBatch;
use crate::io::lingering_close::lingering_close;
use crate::session::Session;
use crate::session::client_side::ClientSide;
use crate::session::deadlines::Deadlines;
use crate::session::session_end::SessionEnd;

/// Silence after which a raw stream counts as answered: it has no frames to count.
const RAW_SILENCE: Duration = Duration::from_secs(1);

impl<C, U> Session<C, U>
where
    C: ClientSide,
    U: AsyncRead + AsyncWrite + Unpin,
{
    /// Delivers the replies that are owed, and closes both sides.
    pub(super) async fn finish(&mut self, end: &SessionEnd, stop: &CancellationToken) {
        let deadlines = Deadlines::new(end, &self.limits);
        self.client.begin_end(end);
        let owed = end.owed(self.replies_expected());
        let delivered = self.deliver_owed(owed, deadlines.half_close);
        timeout_opt(deadlines.replies, delivered).await;
        self.report_traffic();
        end.report(&mut self.tap);
        tokio::join!(
            self.client.close(end, deadlines, stop),
            close_upstream(&mut self.upstream, &mut self.outgoing, deadlines),
        );
    }

    /// The number of replies that the client expects: one a message. A raw stream has no frames
    /// to count: all bytes to its end are replies.
    fn replies_expected(&self) -> u64 {
        match self.is_raw {
            true if self.traffic.sent_bytes > 0 => u64::MAX,
            true => 0,
            false => self.traffic.sent,
        }
    }

    /// Relays frames to the client until it has had `owed` of them or there are no more, and
    /// ends the sending side to the upstream after `half_close`. No more messages of the client
    /// are taken.
    async fn deliver_owed(&mut self, owed: u64, half_close: Option<Duration>) {
        let silence = match self.is_raw {
            true => half_close.map(|after| after.min(RAW_SILENCE)),
            false => half_close,
        };
        let mut until_half_close = pin!(silence.map(sleep));
        let mut half_closed = false;
        poll_fn(|cx| {
            self.client.poll_acknowledgements(cx);
            while self.traffic.received < owed
                && self.half_open.is_none()
                && self.client.can_deliver()
            {
                // The client's messages first: replies to them are owed.
                let written = self.poll_write(cx);
                let half_close = until_half_close.as_mut().as_pin_mut();
                if let Some(half_close) = half_close
                    && !half_closed
                    && written.is_ready()
                    && half_close.poll(cx).is_ready()
                {
                    half_closed = Pin::new(&mut self.upstream).poll_shutdown(cx).is_ready();
                }
                if ready!(self.poll_upstream_to_client(cx, owed)).is_err() {
                    break;
                }
                if let (true, Some(silence)) = (self.is_raw, silence)
                    && let Some(half_close) = until_half_close.as_mut().as_pin_mut()
                {
                    half_close.reset(Instant::now() + silence);
                }
            }
            Poll::Ready(())
        })
        .await;
    }
}

/// Writes the client's last messages to the upstream, then ends the connection.
async fn close_upstream<U>(
    upstream: &mut U,
    outgoing: &mut WriteBatch<Encoder>,
    deadlines: Deadlines,
) where
    U: AsyncRead + AsyncWrite + Unpin,
{
    // A lost upstream, or one that does not read, gets no more.
    let written = poll_fn(|cx| outgoing.poll_write(upstream, cx, || {}));
    let _ = timeout(deadlines.close, written).await;
    lingering_close(upstream, deadlines.linger).await;
}
