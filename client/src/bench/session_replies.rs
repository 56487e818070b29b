//! Messages of a gateway in a resumable session: their heads, control, and acknowledgements.

use std::time::Duration;

use protocol::resumable::{
    AckDue, Control, GATEWAY_HEAD, Hello, Inbox, MAX_CONTROL, SessionError, split_gateway_head,
};
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::bench::messages::masked_frame;

/// Takes the heads off messages, and counts them.
pub(super) struct SessionReplies {
    inbox: Inbox,
    /// Head of the current message, as far as it has arrived.
    head: Vec<u8>,
    /// Length of the current message, with its head.
    len: usize,
    /// Current control message, as far as it has arrived.
    control: Vec<u8>,
    /// Service times of messages that are complete.
    service_times: Vec<Duration>,
}

impl SessionReplies {
    /// Begins a session after its greeting; `received` messages are taken already.
    pub(super) fn new(hello: &Hello, received: u64) -> Self {
        let window = usize::try_from(hello.window).unwrap_or(usize::MAX);
        let mut inbox = Inbox::new(window);
        inbox.receive(received);
        inbox.take(received, 0);
        Self {
            inbox,
            head: Vec::with_capacity(GATEWAY_HEAD),
            len: 0,
            control: Vec::new(),
            service_times: Vec::new(),
        }
    }

    /// Takes a chunk of a WebSocket message; returns the part of a payload in it, `None` for
    /// control.
    ///
    /// # Errors
    /// [`SessionError`] if there is no valid head or control message, or a control message is too
    /// long, of which `len` is the part that has arrived.
    pub(super) fn payload<'a>(
        &mut self,
        bytes: &'a [u8],
        ends: bool,
        is_text: bool,
    ) -> Result<Option<&'a [u8]>, SessionError> {
        if is_text {
            let (len, max) = (self.control.len() + bytes.len(), MAX_CONTROL);
            if len > max {
                return Err(SessionError::ControlTooLong { len, max });
            }
            self.control.extend_from_slice(bytes);
            if ends {
                let text = String::from_utf8_lossy(&self.control);
                Control::parse(&text)?;
                self.control.clear();
            }
            return Ok(None);
        }
        let missing = (GATEWAY_HEAD - self.head.len()).min(bytes.len());
        let (head, payload) = bytes.split_at(missing);
        self.head.extend_from_slice(head);
        self.len += bytes.len();
        if ends {
            let (_, service_time, _) = split_gateway_head(&self.head)?;
            self.service_times.extend(service_time);
            self.inbox.receive(1);
            self.inbox.take(1, self.len);
            self.head.clear();
            self.len = 0;
        }
        Ok(Some(payload))
    }

    /// Removes the service times of the messages that are complete.
    pub(super) fn drain_service_times(&mut self) -> impl Iterator<Item = Duration> {
        self.service_times.drain(..)
    }

    /// Returns the frame of an acknowledgement, when half the window is taken. Under load, less
    /// needs none.
    pub(super) fn acknowledgement(&mut self) -> Option<Vec<u8>> {
        (self.inbox.ack_due() == AckDue::Now).then(|| {
            let ack = Control::Ack(self.inbox.acknowledge()).to_string();
            masked_frame(Frame::message(ack, OpCode::Data(Data::Text), true), 0)
        })
    }
}
