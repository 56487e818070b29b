//! Messages of one read of the upstream, on their way to a resumable client.

use protocol::resumable::{GATEWAY_HEAD, Outbox, gateway_head};
use protocol::{MessageKind, Payload};
use tokio::time::Instant;

use crate::buffer::write_batch::WriteBatch;
use crate::session::client_side::Batch;
use crate::session::resumable_client::messages::push_message;
use crate::session::service_times::ServiceTimes;
use crate::websocket::FrameEncoder;

/// Messages of one read of the upstream. They are kept, and sent if the window has room.
pub(super) struct ResumableBatch<'a> {
    outbox: &'a mut Outbox,
    service_times: Option<&'a mut ServiceTimes>,
    /// Output of the connection, if there is one.
    output: Option<&'a mut FrameEncoder>,
    /// Time of the read, if there is a message in it.
    read: Option<Instant>,
    last: Option<LastHead>,
}

/// Head of the last message. Requests that were written at one time have the same service time:
/// few messages need another head.
struct LastHead {
    kind: MessageKind,
    written: Option<Instant>,
    head: [u8; GATEWAY_HEAD],
}

impl<'a> ResumableBatch<'a> {
    pub(super) fn new(
        outbox: &'a mut Outbox,
        service_times: Option<&'a mut ServiceTimes>,
        output: Option<&'a mut WriteBatch<FrameEncoder>>,
    ) -> Self {
        Self {
            outbox,
            service_times,
            output: output.map(WriteBatch::begin),
            read: None,
            last: None,
        }
    }

    /// Returns the head of the next message.
    #[inline]
    fn head(&mut self, kind: MessageKind) -> [u8; GATEWAY_HEAD] {
        let times = self.service_times.as_mut();
        let written = times.and_then(|times| times.next_request());
        match &self.last {
            Some(last) if last.kind == kind && last.written == written => last.head,
            _ => self.make_head(kind, written),
        }
    }

    #[inline(never)]
    fn make_head(&mut self, kind: MessageKind, written: Option<Instant>) -> [u8; GATEWAY_HEAD] {
        let read = *self.read.get_or_insert_with(Instant::now);
        let service_time = written.map(|written| read.saturating_duration_since(written));
        let head = gateway_head(kind, service_time);
        let last = LastHead {
            kind,
            written,
            head,
        };
        self.last = Some(last);
        head
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
