//! Messages of one read of the upstream, on their way to a resumable client.

use protocol::resumable::{GATEWAY_HEAD, Outbox, gateway_head};
use protocol::{MessageKind, Payload};
use tokio::time::Instant;

use crate::buffer::write_batch::WriteBatch;
use crate::session::client_side::Batch;
use crate::session::resumable_client::messages::push_message;
use crate::session::service_times::{Batch as Requests, ServiceTimes};
use crate::websocket::FrameEncoder;

/// Messages of one read of the upstream. They are kept, and sent if the window has room.
pub(super) struct ResumableBatch<'a> {
    outbox: &'a mut Outbox,
    service_times: Option<&'a mut ServiceTimes>,
    /// Output of the connection, if there is one.
    output: Option<&'a mut FrameEncoder>,
    /// Time of the read, if there is a message in it.
    read: Option<Instant>,
    run: Run,
}

/// Replies to requests that were written at one time: they have the same service time, and so the
/// same head if they are of one kind.
struct Run {
    kind: MessageKind,
    head: [u8; GATEWAY_HEAD],
    /// Replies to come in it.
    left: u64,
    /// The requests, to be put back if they are not all answered; `None` if there are none.
    requests: Option<Requests>,
}

impl<'a> ResumableBatch<'a> {
    pub(super) fn new(
        outbox: &'a mut Outbox,
        service_times: Option<&'a mut ServiceTimes>,
        output: Option<&'a mut WriteBatch<FrameEncoder>>,
    ) -> Self {
        let kind = MessageKind::Binary;
        Self {
            outbox,
            service_times,
            output: output.map(WriteBatch::begin),
            read: None,
            run: Run {
                kind,
                head: gateway_head(kind, None),
                left: 0,
                requests: None,
            },
        }
    }

    /// Returns the head of the next message.
    #[inline]
    fn head(&mut self, kind: MessageKind) -> [u8; GATEWAY_HEAD] {
        if self.run.left == 0 || self.run.kind != kind {
            self.begin_run(kind);
        }
        self.run.left -= 1;
        self.run.head
    }

    /// Begins the replies to the next requests, or to the rest of those that have replies of
    /// another kind, too.
    #[inline(never)]
    fn begin_run(&mut self, kind: MessageKind) {
        self.put_back();
        let read = *self.read.get_or_insert_with(Instant::now);
        let requests = self.service_times.as_mut().and_then(|times| times.take());
        let written = requests.and_then(|requests| requests.written);
        let service_time = written.map(|written| read.saturating_duration_since(written));
        self.run = Run {
            kind,
            head: gateway_head(kind, service_time),
            left: requests.map_or(u64::MAX, |requests| requests.unanswered),
            requests,
        };
    }

    /// Puts the requests back that have no reply yet.
    fn put_back(&mut self) {
        let unanswered = self.run.left;
        if let (Some(times), Some(requests)) = (&mut self.service_times, self.run.requests.take()) {
            times.put_back(Requests {
                unanswered,
                ..requests
            });
        }
    }
}

impl Drop for ResumableBatch<'_> {
    fn drop(&mut self) {
        self.put_back();
    }
}

impl Batch for ResumableBatch<'_> {
    #[inline]
    fn push_copy(&mut self, kind: MessageKind, payload: &[u8]) {
        let head = self.head(kind);
        let may_be_sent = self.outbox.push_copy(&head, payload);
        if let (true, Some(output)) = (may_be_sent, &mut self.output) {
            output.push_with_head(&head, payload);
        }
    }

    // Not inlined: a loop over short payloads should inline the copy alone.
    #[inline(never)]
    fn push(&mut self, kind: MessageKind, payload: Payload<'_>) {
        let head = self.head(kind);
        let may_be_sent = self.outbox.push(&head, &payload);
        if let (true, Some(output)) = (may_be_sent, &mut self.output) {
            push_message(output, &head, payload);
        }
    }
}
