//! Message decoder: from a client's bytes to events, without I/O.

use std::mem::take;

use bytes::buf::Limit;
use bytes::{Buf, BufMut, Bytes, BytesMut};
use protocol::{MessageKind, Payload};

use crate::buffer::pool::Left;
use crate::buffer::sizes::{SHARE_FROM, TAKE_OVER_FROM, TURN_FRAMES, TURN_SIZE};
use crate::websocket::close::CloseFrame;
use crate::websocket::deflate::{DeflateParams, Inflater};
use crate::websocket::error::{ProtocolError, ReceiveError};
use crate::websocket::fast_path::take_short_message;
use crate::websocket::header::{Control, Header, MAX_HEADER, Opcode};
use crate::websocket::partial_message::{PartialMessage, check_text};

/// Decoder of a client's frames, however their bytes are chunked.
///
/// After an error or a Close, the rest of the bytes is ignored.
#[derive(Debug)]
pub(crate) struct MessageDecoder {
    /// Longest message allowed, in bytes.
    max_len: usize,
    /// The frame whose payload comes next.
    frame: Option<Frame>,
    /// An incomplete header.
    header: Vec<u8>,
    /// Payload so far of an incomplete control frame.
    control: Vec<u8>,
    /// The message that the frames are part of.
    message: PartialMessage,
    /// Decompressor, if both sides agreed on compression.
    inflater: Option<Box<Inflater>>,
    /// Bytes that this turn has decompressed.
    inflated: usize,
    /// Length of the last message with its header, if it was long: the next may be as long.
    expected_len: usize,
    /// Set after an error or a Close.
    is_finished: bool,
}

/// Complete message or control frame from a client.
#[derive(Debug)]
pub(crate) enum Event<'a> {
    Message(MessageKind, Payload<'a>),
    Ping(&'a [u8]),
    Pong,
    Close(Option<CloseFrame>),
}

#[derive(Debug)]
struct Frame {
    header: Header,
    /// Bytes of its payload to come.
    left: usize,
}

impl MessageDecoder {
    /// Creates a decoder of messages of at most `max_len` bytes.
    pub(crate) fn new(max_len: usize) -> Self {
        Self {
            max_len,
            frame: None,
            header: Vec::new(),
            control: Vec::new(),
            message: PartialMessage::default(),
            inflater: None,
            inflated: 0,
            expected_len: 0,
            is_finished: false,
        }
    }

    /// Accepts compressed messages from now on.
    pub(crate) fn accept_compressed(&mut self, params: DeflateParams) {
        self.inflater = Some(Box::new(Inflater::new(params)));
    }

    /// Returns true while a message is being decompressed, which takes several turns.
    pub(crate) fn is_inflating(&self) -> bool {
        self.inflater.as_ref().is_some_and(|it| it.is_busy())
    }

    /// Decompresses a turn's worth of a message, and calls `on_event` with it at its end.
    ///
    /// # Errors
    /// Those of [`decode`](Self::decode).
    pub(crate) fn inflate<E: From<ReceiveError>>(
        &mut self,
        on_event: impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let event = self.inflate_step().map_err(E::from);
        let inflated = event.and_then(|event| event.map_or(Ok(()), on_event));
        self.is_finished |= inflated.is_err();
        inflated
    }

    fn inflate_step(&mut self) -> Result<Option<Event<'static>>, ReceiveError> {
        let Some(inflater) = &mut self.inflater else {
            return Ok(None);
        };
        let message = inflater.step(self.max_len)?;
        self.inflated += message
            .as_ref()
            .map_or(TURN_SIZE, |(_, payload)| payload.len());
        Ok(message.map(|(kind, payload)| Event::Message(kind, Payload::Shared(payload))))
    }

    /// Returns true after an error or a Close: no more events will come.
    pub(crate) fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// Length that the next message may have, in bytes, if it may be long; 0 otherwise.
    pub(crate) fn expected_len(&self) -> usize {
        self.expected_len
    }

    /// Decodes `input`, as much of it as one turn takes, and calls `on_event` with the events
    /// until that fails. Returns the number of frames decoded.
    ///
    /// # Errors
    /// [`ReceiveError`] as early as the bytes show it; errors of `on_event`.
    pub(crate) fn decode<E: From<ReceiveError>>(
        &mut self,
        input: &mut BytesMut,
        mut on_event: impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<usize, E> {
        if input.len() < SHARE_FROM {
            // A short read: the long messages are over.
            self.expected_len = 0;
        }
        let mut decoded = Ok(());
        let mut allowed = TURN_FRAMES;
        self.inflated = 0;
        while decoded.is_ok() && self.can_go_on() && !input.is_empty() && allowed > 0 {
            decoded = match self.decode_in_place(input, allowed, &mut on_event) {
                Ok((used, still_allowed)) if used < input.len() => {
                    allowed = still_allowed;
                    input.advance(used);
                    match allowed {
                        0 => Ok(()),
                        _ if !self.can_go_on() => Ok(()),
                        // A long payload is next, or much of one: it is not copied.
                        _ => self.decode_long(input, &mut on_event),
                    }
                }
                decoded => {
                    input.clear();
                    decoded.map(|(_, still_allowed)| allowed = still_allowed)
                }
            };
        }
        self.is_finished |= decoded.is_err();
        if self.is_finished {
            input.clear();
        }
        let inflated = self.inflated * TURN_FRAMES / TURN_SIZE;
        decoded.map(|()| TURN_FRAMES - allowed + inflated)
    }

    /// Returns the buffer into which more of a long payload can be read without a copy, at most
    /// `most` bytes. The bytes read are then for [`decode_payload`](Self::decode_payload).
    pub(crate) fn payload_buffer(&mut self, most: usize) -> Option<Limit<&mut BytesMut>> {
        let Frame { header, left } = self.frame.as_ref()?;
        let (fin, left) = (header.fin, *left);
        if left < SHARE_FROM {
            return None;
        }
        let to_come = self.to_come(fin, left);
        let payload = &mut self.message.payload;
        let room = payload.capacity() - payload.len();
        let more = reserve_len(left, payload.len())
            .max(left.min(room))
            .min(most);
        payload.reserve(more, to_come);
        Some((&mut **payload).limit(more))
    }

    /// Decodes the last `count` bytes of the [`payload_buffer`](Self::payload_buffer).
    ///
    /// # Errors
    /// Those of [`decode`](Self::decode).
    pub(crate) fn decode_payload<E: From<ReceiveError>>(
        &mut self,
        count: usize,
        on_event: impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let event = self.take_payload_in_buffer(count).map_err(E::from);
        let decoded = event.and_then(|event| event.map_or(Ok(()), on_event));
        self.is_finished |= decoded.is_err();
        decoded
    }

    /// Decodes `input` up to a long payload that is complete, or of which much has come, or
    /// until no more frames are `allowed`. Returns the number of bytes decoded, and of frames
    /// that are still allowed.
    #[inline]
    fn decode_in_place<E: From<ReceiveError>>(
        &mut self,
        input: &mut [u8],
        mut allowed: usize,
        mut on_event: impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(usize, usize), E> {
        let len = input.len();
        let mut rest = input;
        while self.can_go_on() && allowed > 0 {
            if self.message.kind.is_none() && self.frame.is_none() && self.header.is_empty() {
                while let Some((kind, payload)) = take_short_message(&mut rest, self.max_len) {
                    check_text(kind, payload)?;
                    on_event(Event::Message(kind, Payload::Borrowed(payload)))?;
                    allowed -= 1;
                    if allowed == 0 {
                        return Ok((len - rest.len(), allowed));
                    }
                }
            }
            if !self.take_header(&mut rest)? {
                break;
            }
            let Some(frame) = &mut self.frame else { break };
            allowed -= 1;
            let is_long =
                frame.left >= SHARE_FROM && frame.header.fin && self.message.payload.is_empty();
            if is_long && rest.len() >= frame.left.min(TAKE_OVER_FROM) {
                break;
            }
            let payload = take_front(&mut rest, frame.left);
            frame.left -= payload.len();
            frame.header.mask.apply(payload);
            if let Some(event) = self.take_payload(payload)? {
                on_event(event)?;
            } else if rest.is_empty() {
                break;
            }
        }
        Ok((len - rest.len(), allowed))
    }

    /// Decodes a long payload without a copy: takes it off `input`, or takes over all of
    /// `input` if more of it is to come.
    fn decode_long<E: From<ReceiveError>>(
        &mut self,
        input: &mut BytesMut,
        mut on_event: impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(mut frame) = self.frame.take_if(|frame| frame.left <= input.len()) else {
            let count = input.len();
            self.message.payload = take(input).into();
            return self.decode_payload(count, on_event);
        };
        let mut payload = input.split_to(frame.left);
        frame.header.mask.apply(&mut payload);
        self.expected_len = MAX_HEADER + payload.len();
        let is_compressed = self.message.is_compressed;
        let (kind, _) = self.message.take();
        if is_compressed {
            let event = self.begin_inflation(kind, payload.freeze())?;
            return event.map_or(Ok(()), on_event);
        }
        check_text(kind, &payload)?;
        on_event(Event::Message(kind, Payload::Shared(payload.freeze())))
    }

    /// Returns true unless the decoder is at its end, or has decompressed a turn's worth.
    #[inline]
    fn can_go_on(&self) -> bool {
        !self.is_finished && self.inflated < TURN_SIZE
    }

    /// Decompresses the beginning of a complete message, and returns it if that is all.
    fn begin_inflation(
        &mut self,
        kind: MessageKind,
        payload: Bytes,
    ) -> Result<Option<Event<'static>>, ReceiveError> {
        if let Some(inflater) = &mut self.inflater {
            inflater.begin(kind, payload);
        }
        self.inflate_step()
    }

    /// Takes the next header off `input`, or as much of it as there is. Returns true if there
    /// is a frame, whose payload comes next.
    #[inline]
    fn take_header(&mut self, input: &mut &mut [u8]) -> Result<bool, ReceiveError> {
        if self.frame.is_some() {
            return Ok(true);
        }
        let had = self.header.len();
        let parsed = match had {
            0 => Header::parse(input, self.inflater.is_some()),
            _ => {
                let more = input.len().min(MAX_HEADER - had);
                self.header.extend_from_slice(&input[..more]);
                Header::parse(&self.header, self.inflater.is_some())
            }
        };
        let Some((header, len)) = parsed.map_err(ReceiveError::Violated)? else {
            if had == 0 {
                self.header.extend_from_slice(input);
            }
            *input = &mut [];
            return Ok(false);
        };
        self.header.clear();
        take_front(input, len - had);
        self.begin_frame(header)?;
        Ok(true)
    }

    #[inline]
    fn begin_frame(&mut self, header: Header) -> Result<(), ReceiveError> {
        match (header.opcode, self.message.kind) {
            (Opcode::Start(kind), None) => {
                self.message.kind = Some(kind);
                self.message.is_compressed = header.is_compressed;
            }
            (Opcode::Start(_), Some(_)) => {
                return Err(ReceiveError::Violated(ProtocolError::InsideMessage));
            }
            (Opcode::Continuation, None) => {
                return Err(ReceiveError::Violated(ProtocolError::NothingToContinue));
            }
            (Opcode::Continuation, Some(_)) => {}
            (Opcode::Control(_), _) => self.control.clear(),
        }
        if !matches!(header.opcode, Opcode::Control(_)) {
            let len = header.len.saturating_add(self.message.payload.len() as u64);
            if len > self.max_payload() as u64 {
                let max = self.max_len;
                return Err(ReceiveError::TooLong { len, max });
            }
        }
        // At most the limit, or the length of a control frame.
        let left = header.len as usize;
        self.frame = Some(Frame { header, left });
        Ok(())
    }

    /// Takes unmasked `payload` of the frame, which may be the last of it.
    #[inline]
    fn take_payload<'a>(
        &'a mut self,
        payload: &'a [u8],
    ) -> Result<Option<Event<'a>>, ReceiveError> {
        let Some(Frame { header, left }) = &self.frame else {
            return Ok(None);
        };
        let (opcode, left, fin) = (header.opcode, *left, header.fin);
        let is_complete = left == 0;
        if is_complete {
            self.frame = None;
        }
        match (opcode, self.message.kind) {
            (Opcode::Control(control), _) => self.take_control(control, payload, is_complete),
            (_, Some(kind)) if is_complete && fin && self.message.payload.is_empty() => {
                self.message.kind = None;
                if take(&mut self.message.is_compressed) {
                    return self.begin_inflation(kind, Bytes::copy_from_slice(payload));
                }
                check_text(kind, payload)?;
                Ok(Some(Event::Message(kind, Payload::Borrowed(payload))))
            }
            _ => {
                // Room for the next bytes too, so that these do not move the payload again.
                let len = payload.len();
                let more = len + reserve_len(left, len);
                let to_come = self.to_come(fin, len.saturating_add(left));
                self.message.payload.reserve(more, to_come);
                self.message.payload.extend_from_slice(payload);
                self.take_message(is_complete && fin)
            }
        }
    }

    /// Returns the number of bytes that the message's buffer may still get, `left` of them from
    /// the current frame; `fin` if that is the last. Includes room for a header, so that the
    /// buffer fits the next message of this length, which is read with its header.
    fn to_come(&self, fin: bool, left: usize) -> Left {
        let most = self
            .max_payload()
            .saturating_sub(self.message.payload.len());
        match fin {
            true => Left::Exactly(left.saturating_add(MAX_HEADER)),
            false => Left::AtMost(most.saturating_add(MAX_HEADER)),
        }
    }

    /// Takes the last `count` bytes of the message's buffer, still masked.
    fn take_payload_in_buffer(
        &mut self,
        count: usize,
    ) -> Result<Option<Event<'static>>, ReceiveError> {
        let Some(frame) = &mut self.frame else {
            return Ok(None);
        };
        frame.left -= count;
        let start = self.message.payload.len() - count;
        frame.header.mask.apply(&mut self.message.payload[start..]);
        let (is_complete, fin) = (frame.left == 0, frame.header.fin);
        if is_complete {
            self.frame = None;
        }
        self.take_message(is_complete && fin)
    }

    /// Checks the message, which has grown, and takes it at its end.
    fn take_message(&mut self, is_end: bool) -> Result<Option<Event<'static>>, ReceiveError> {
        self.message.check_text(is_end)?;
        if !is_end {
            return Ok(None);
        }
        self.expected_len = MAX_HEADER + self.message.payload.len();
        let is_compressed = self.message.is_compressed;
        let (kind, payload) = self.message.take();
        match is_compressed {
            true => self.begin_inflation(kind, payload),
            false => Ok(Some(Event::Message(kind, Payload::Shared(payload)))),
        }
    }

    /// Longest payload of the message's frames: DEFLATE may add a few bytes for each block.
    fn max_payload(&self) -> usize {
        match self.message.is_compressed {
            true => self.max_len.saturating_add(self.max_len / 256 + 64),
            false => self.max_len,
        }
    }

    fn take_control<'a>(
        &'a mut self,
        control: Control,
        payload: &'a [u8],
        is_complete: bool,
    ) -> Result<Option<Event<'a>>, ReceiveError> {
        let is_partial = !is_complete || !self.control.is_empty();
        if is_partial {
            self.control.extend_from_slice(payload);
        }
        if !is_complete {
            return Ok(None);
        }
        let payload = if is_partial { &self.control } else { payload };
        Ok(Some(match control {
            Control::Ping => Event::Ping(payload),
            Control::Pong => Event::Pong,
            Control::Close => {
                self.is_finished = true;
                Event::Close(CloseFrame::parse(payload)?)
            }
        }))
    }
}

/// Length to reserve for `left` more bytes after `have` bytes have come: an announced length
/// is believed as far as the bytes bear it out.
fn reserve_len(left: usize, have: usize) -> usize {
    left.min(have.clamp(SHARE_FROM, TURN_SIZE))
}

/// Takes up to `count` bytes off the front of `input`.
#[inline]
fn take_front<'a>(input: &mut &'a mut [u8], count: usize) -> &'a mut [u8] {
    let count = count.min(input.len());
    input.split_off_mut(..count).unwrap_or_default()
}
