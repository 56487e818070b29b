use bytes::Bytes;

use crate::error::FrameError;
use crate::framing::Framing;
use crate::message::Message;
use crate::segment::{Piece, Role};

/// Frame of one message, in segments.
///
/// A frame is checked when it is made, so writing it cannot fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    message: Bytes,
    segments: Vec<(Role, Bytes)>,
}

impl Frame {
    /// Frames `message` without copying it, unless its bytes are written otherwise.
    ///
    /// # Errors
    /// A [`FrameError`] if `framing` cannot carry the message: it is too long or too short,
    /// contains a delimiter, or is not one value.
    pub fn new(framing: Framing, message: impl Into<Bytes>) -> Result<Self, FrameError> {
        let message = message.into();
        let parts = [&message];
        let parts = Message::new(&parts);
        let mut segments = Vec::new();
        if framing.is_whole() {
            let mut rest = message.clone();
            let runs = framing.segments(&message).into_iter();
            segments.extend(runs.map(|run| (run.role, rest.split_to(run.len))));
        } else {
            framing.write(&parts, &mut |piece| {
                segments.push(match piece {
                    Piece::Bytes(role, bytes) => (role, Bytes::copy_from_slice(bytes)),
                    Piece::Message(role, range) => (role, message.slice(range)),
                });
            })?;
        }
        segments.retain(|(role, bytes)| !bytes.is_empty() || *role == Role::Payload);
        Ok(Self { message, segments })
    }

    /// Returns the message.
    pub fn message(&self) -> &Bytes {
        &self.message
    }

    /// Returns the segments in wire order. None is empty, but for the payload's.
    pub fn segments(&self) -> &[(Role, Bytes)] {
        &self.segments
    }

    /// Returns the frame's length on the wire, in bytes.
    pub fn wire_len(&self) -> usize {
        self.segments.iter().map(|(_, bytes)| bytes.len()).sum()
    }
}
