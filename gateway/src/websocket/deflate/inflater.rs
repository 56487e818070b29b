//! Decompressor of a client's messages.

use std::cell::RefCell;

use bytes::Bytes;
use flate2::{Decompress, FlushDecompress, Status};
use protocol::MessageKind;

use crate::buffer::pool::Left;
use crate::buffer::sizes::{INFLATE_SIZE, TURN_SIZE};
use crate::websocket::deflate::{DeflateParams, TAIL};
use crate::websocket::error::{ProtocolError, ReceiveError};
use crate::websocket::partial_message::PartialMessage;

/// Decompressors that a thread keeps for the next messages.
const MAX_SPARE: usize = 4;

thread_local! {
    static SHARED: RefCell<Shared> = RefCell::default();
}

#[derive(Default)]
struct Shared {
    spare: Vec<Decompress>,
    output: Vec<u8>,
}

/// Decompressor of one connection. Without context takeover it has memory only inside a message.
#[derive(Debug)]
pub(in crate::websocket) struct Inflater {
    takeover: bool,
    /// Context of the messages so far, with context takeover.
    own: Option<Decompress>,
    inflation: Option<Inflation>,
}

/// Message that is being decompressed: in turns, as a short one can become very long.
#[derive(Debug)]
struct Inflation {
    decompress: Decompress,
    /// Compressed bytes to come, without the tail.
    input: Bytes,
    /// Bytes of the tail to come.
    tail: &'static [u8],
    /// Message as far as it is decompressed.
    message: PartialMessage,
}

impl Inflater {
    pub(in crate::websocket) fn new(params: DeflateParams) -> Self {
        Self {
            takeover: params.client_takeover,
            own: None,
            inflation: None,
        }
    }

    /// Returns true while a message is being decompressed.
    pub(in crate::websocket) fn is_busy(&self) -> bool {
        self.inflation.is_some()
    }

    /// Begins a message.
    pub(in crate::websocket) fn begin(&mut self, kind: MessageKind, input: Bytes) {
        let spare = || SHARED.with_borrow_mut(|shared| shared.spare.pop());
        let decompress = self.own.take().or_else(spare);
        self.inflation = Some(Inflation {
            decompress: decompress.unwrap_or_else(|| Decompress::new(false)),
            input,
            tail: &TAIL,
            message: PartialMessage::of_kind(kind),
        });
    }

    /// Decompresses a turn's worth of the message, and returns it at its end.
    ///
    /// # Errors
    /// [`ReceiveError`] if the bytes are not compressed by DEFLATE, if the message is longer than
    /// `max_len` bytes, or if it is a text that is not UTF-8.
    pub(in crate::websocket) fn step(
        &mut self,
        max_len: usize,
    ) -> Result<Option<(MessageKind, Bytes)>, ReceiveError> {
        let Some(inflation) = &mut self.inflation else {
            return Ok(None);
        };
        let is_end = SHARED.with_borrow_mut(|it| inflation.inflate(&mut it.output, max_len))?;
        inflation.message.check_text(is_end)?;
        let Some(mut inflation) = self.inflation.take_if(|_| is_end) else {
            return Ok(None);
        };
        self.put_back(inflation.decompress);
        Ok(Some(inflation.message.take()))
    }

    fn put_back(&mut self, mut decompress: Decompress) {
        if self.takeover {
            self.own = Some(decompress);
            return;
        }
        decompress.reset(false);
        SHARED.with_borrow_mut(|shared| {
            if shared.spare.len() < MAX_SPARE {
                shared.spare.push(decompress);
            }
        });
    }
}

impl Inflation {
    /// Decompresses until the end of the message or of a turn; returns true at the end.
    fn inflate(&mut self, output: &mut Vec<u8>, max_len: usize) -> Result<bool, ReceiveError> {
        output.resize(INFLATE_SIZE, 0);
        let mut inflated = 0;
        while inflated < TURN_SIZE {
            let is_tail = self.input.is_empty();
            let input = if is_tail { self.tail } else { &self.input };
            let (taken, given) = (self.decompress.total_in(), self.decompress.total_out());
            let status = self
                .decompress
                .decompress(input, output, FlushDecompress::Sync)
                .map_err(|_| ReceiveError::Violated(ProtocolError::NotDeflate))?;
            let taken = (self.decompress.total_in() - taken) as usize;
            let given = (self.decompress.total_out() - given) as usize;
            match is_tail {
                true => self.tail = &self.tail[taken..],
                false => drop(self.input.split_to(taken)),
            }
            self.push(&output[..given], max_len)?;
            inflated += given;
            match status {
                // A final block ends the stream, and more may follow (section 7.2.3.4).
                Status::StreamEnd => {
                    self.decompress.reset(false);
                    if self.input.is_empty() {
                        return Ok(true);
                    }
                }
                _ if given == output.len() => {}
                _ if is_tail => return Ok(true),
                _ if taken == 0 => {
                    return Err(ReceiveError::Violated(ProtocolError::NotDeflate));
                }
                _ => {}
            }
        }
        Ok(false)
    }

    fn push(&mut self, bytes: &[u8], max: usize) -> Result<(), ReceiveError> {
        let payload = &mut self.message.payload;
        let len = payload.len() + bytes.len();
        if len > max {
            let len = len as u64;
            return Err(ReceiveError::TooLong { len, max });
        }
        payload.reserve(bytes.len(), Left::AtMost(max - payload.len()));
        payload.extend_from_slice(bytes);
        Ok(())
    }
}
