//! From a client's bytes to events.

use std::mem::take;

use bytes::buf::Limit;
use bytes::{Buf, BufMut, Bytes, BytesMut};
use protocol::MessageKind;

use crate::buffer::payload::Payload;
use crate::buffer::pool;
use crate::buffer::sizes::SHARE_FROM;
use crate::websocket::fast_path::take_short_message;
use crate::websocket::header::{Control, Header, MAX_HEADER, Opcode, PartialHeader};
use crate::websocket::{CloseFrame, ProtocolError, ReceiveError, Text};

/// The most room that is made at once for the rest of a frame, in bytes.
const ROOM: usize = 256 * 1024;

/// How much of a payload may stay in the buffer that it was read to, in bytes, though more is
/// to come: a good part of that buffer.
const APART: usize = 64 * 1024;

/// Takes a client's frames off its bytes, however they were chunked.
///
/// After an error, or a Close, the rest of the bytes is not looked at.
#[derive(Debug)]
pub(crate) struct MessageDecoder {
    /// The longest message, in bytes.
    max: usize,
    /// The frame whose payload comes next.
    frame: Option<Frame>,
    /// The first bytes of a header that is not complete yet.
    torn: PartialHeader,
    /// The payload so far of a control frame that is not complete yet.
    control: Vec<u8>,
    /// What kind of message has begun.
    kind: Option<MessageKind>,
    /// Its payload so far.
    message: BytesMut,
    /// How many bytes of it are whole characters.
    checked: usize,
    /// How long the next message may be, in bytes, if it is long.
    expects: usize,
    /// Whether there was an error, or a Close.
    over: bool,
}

#[derive(Debug)]
struct Frame {
    header: Header,
    /// What is left of its payload, in bytes.
    left: usize,
}

/// What a client's frames come to.
#[derive(Debug)]
pub(crate) enum Event<'a> {
    Message(MessageKind, Payload<'a>),
    Ping(&'a [u8]),
    Pong,
    Close(Option<CloseFrame>),
}

impl MessageDecoder {
    pub(crate) fn new(max: usize) -> Self {
        Self {
            max,
            frame: None,
            torn: PartialHeader::EMPTY,
            control: Vec::new(),
            kind: None,
            message: BytesMut::new(),
            checked: 0,
            expects: 0,
            over: false,
        }
    }

    /// Whether nothing more can come: after an error or a Close.
    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    /// For how many bytes it is worth to have room at once, where they are read.
    pub(crate) fn expects(&self) -> usize {
        self.expects
    }

    /// Takes all off `input`, and hands the events in it to `take_event`, until that fails.
    ///
    /// # Errors
    /// What is wrong with the bytes, as early as they show it.
    pub(crate) fn receive<E: From<ReceiveError>>(
        &mut self,
        input: &mut BytesMut,
        mut take_event: impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if input.len() < SHARE_FROM {
            self.expects = 0;
        }
        let mut received = Ok(());
        while received.is_ok() && !self.over && !input.is_empty() {
            received = match self.receive_in_place(input, &mut take_event) {
                // A long payload is next, or much of one: it is not copied.
                Ok(used) if used < input.len() => {
                    input.advance(used);
                    self.receive_apart(input, &mut take_event)
                }
                received => {
                    input.clear();
                    received.map(drop)
                }
            };
        }
        input.clear();
        self.over |= received.is_err();
        received
    }

    /// Where the rest of a long frame may be read to without a detour. What was read there
    /// is for [`received`](Self::received).
    pub(crate) fn room(&mut self) -> Option<Limit<&mut BytesMut>> {
        let left = self.frame.as_ref()?.left;
        if left < SHARE_FROM {
            return None;
        }
        let room = room_for(left, self.message.len());
        // The next one comes with its header in front.
        pool::reserve(&mut self.message, room, Some(left + MAX_HEADER));
        Some((&mut self.message).limit(room))
    }

    /// Does with the latest `count` bytes in the [`room`](Self::room) what
    /// [`receive`](Self::receive) does with its input.
    pub(crate) fn received<E: From<ReceiveError>>(
        &mut self,
        count: usize,
        take_event: impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.receive_rest(count, pool::share, take_event)
    }

    /// The same; `share` is for the memory that the message is in.
    fn receive_rest<E: From<ReceiveError>>(
        &mut self,
        count: usize,
        share: fn(BytesMut) -> Bytes,
        take_event: impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let received = self.take_rest(count, share).map_err(E::from);
        let received = received.and_then(|event| event.map_or(Ok(()), take_event));
        self.over |= received.is_err();
        received
    }

    /// Receives from `input` up to a long payload that is whole, or at least long in what
    /// there is of it. Returns how many bytes that were.
    #[inline]
    fn receive_in_place<E: From<ReceiveError>>(
        &mut self,
        input: &mut [u8],
        mut take_event: impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<usize, E> {
        let len = input.len();
        let mut rest = input;
        while !self.over {
            if self.kind.is_none() && self.frame.is_none() && self.torn.is_empty() {
                while let Some((kind, payload)) = take_short_message(&mut rest, self.max) {
                    check_text(kind, payload)?;
                    take_event(Event::Message(kind, Payload::Borrowed(payload)))?;
                }
            }
            if !self.begin(&mut rest)? {
                break;
            }
            let Some(frame) = &mut self.frame else { break };
            let is_apart = frame.left >= SHARE_FROM && frame.header.fin && self.message.is_empty();
            if is_apart && rest.len() >= frame.left.min(APART) {
                return Ok(len - rest.len());
            }
            let payload = split_off(&mut rest, frame.left);
            frame.left -= payload.len();
            frame.header.mask.apply(payload);
            if let Some(event) = self.take_payload(payload)? {
                take_event(event)?;
            } else if rest.is_empty() {
                break;
            }
        }
        Ok(len)
    }

    /// Receives the payload of the frame, or what `input` has of it.
    fn receive_apart<E: From<ReceiveError>>(
        &mut self,
        input: &mut BytesMut,
        take_event: impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let left = self.frame.as_ref().map_or(0, |frame| frame.left);
        if left <= input.len() {
            self.message = input.split_to(left);
            return self.receive_rest(left, BytesMut::freeze, take_event);
        }
        // More of it is to come: it stays where it is.
        self.message = take(input);
        self.receive_rest(self.message.len(), pool::share, take_event)
    }

    fn take_rest(
        &mut self,
        count: usize,
        share: fn(BytesMut) -> Bytes,
    ) -> Result<Option<Event<'_>>, ReceiveError> {
        let Some(frame) = &mut self.frame else {
            return Ok(None);
        };
        frame.left -= count;
        let start = self.message.len() - count;
        frame.header.mask.apply(&mut self.message[start..]);
        let (whole, fin) = (frame.left == 0, frame.header.fin);
        if whole {
            self.frame = None;
        }
        self.grown(whole && fin, share)
    }

    /// Whether there is a frame to receive the payload of. If there is none, takes the next
    /// one's header off `input`, or as much of it as there is.
    #[inline]
    fn begin(&mut self, input: &mut &mut [u8]) -> Result<bool, ReceiveError> {
        if self.frame.is_some() {
            return Ok(true);
        }
        let had = self.torn.len();
        let parsed = if had == 0 {
            Header::parse(input)
        } else {
            self.torn.fill(input);
            Header::parse(self.torn.bytes())
        };
        let Some((header, len)) = parsed.map_err(ReceiveError::Violated)? else {
            if had == 0 {
                self.torn.fill(input);
            }
            *input = &mut [];
            return Ok(false);
        };
        self.torn.clear();
        split_off(input, len - had);
        self.start(header)?;
        Ok(true)
    }

    #[inline]
    fn start(&mut self, header: Header) -> Result<(), ReceiveError> {
        match (header.holds, self.kind) {
            (Opcode::Start(kind), None) => self.kind = Some(kind),
            (Opcode::Start(_), Some(_)) => {
                return Err(ReceiveError::Violated(ProtocolError::InsideMessage));
            }
            (Opcode::Continuation, None) => {
                return Err(ReceiveError::Violated(ProtocolError::NothingToContinue));
            }
            (Opcode::Continuation, Some(_)) | (Opcode::Control(_), _) => {}
        }
        let before = match header.holds {
            Opcode::Control(_) => {
                self.control.clear();
                0
            }
            _ => self.message.len(),
        };
        let len = header.len.saturating_add(before as u64);
        if len > self.max as u64 && !matches!(header.holds, Opcode::Control(_)) {
            return Err(ReceiveError::TooLong { len, max: self.max });
        }
        // No more than the limit, or than a control frame has.
        let left = header.len as usize;
        self.frame = Some(Frame { header, left });
        Ok(())
    }

    /// Takes unmasked `payload` of the frame, of which it may be the last.
    #[inline]
    fn take_payload<'a>(
        &'a mut self,
        payload: &'a [u8],
    ) -> Result<Option<Event<'a>>, ReceiveError> {
        let Some(Frame { header, left }) = &self.frame else {
            return Ok(None);
        };
        let (holds, left, fin) = (header.holds, *left, header.fin);
        let whole = left == 0;
        if whole {
            self.frame = None;
        }
        match (holds, self.kind) {
            (Opcode::Control(control), _) => self.take_control(control, payload, whole),
            (_, Some(kind)) if whole && fin && self.message.is_empty() => {
                self.kind = None;
                check_text(kind, payload)?;
                Ok(Some(Event::Message(kind, Payload::Borrowed(payload))))
            }
            _ => {
                // At once with what comes next, so that it is not moved.
                let room = room_for(left, payload.len());
                let len = payload.len();
                let left = len.saturating_add(left);
                pool::reserve(&mut self.message, len + room, Some(left));
                self.message.extend_from_slice(payload);
                self.grown(whole && fin, pool::share)
            }
        }
    }

    /// The message has grown, maybe to its `end`.
    fn grown(
        &mut self,
        end: bool,
        share: fn(BytesMut) -> Bytes,
    ) -> Result<Option<Event<'_>>, ReceiveError> {
        let kind = self.kind.unwrap_or(MessageKind::Binary);
        if kind == MessageKind::Text {
            self.check_growing_text(end)?;
        }
        if !end {
            return Ok(None);
        }
        (self.kind, self.checked) = (None, 0);
        self.expects = MAX_HEADER + self.message.len();
        let message = share(take(&mut self.message));
        Ok(Some(Event::Message(kind, Payload::Shared(message))))
    }

    /// Whether the message can still become text, or is, at its `end`. Each byte is looked
    /// at once.
    fn check_growing_text(&mut self, end: bool) -> Result<(), ReceiveError> {
        match str::from_utf8(&self.message[self.checked..]) {
            Ok(text) => self.checked += text.len(),
            // A character that goes on in the bytes to come.
            Err(error) if error.error_len().is_none() && !end => {
                self.checked += error.valid_up_to();
            }
            Err(_) => return Err(ReceiveError::NotUtf8(Text::Message)),
        }
        Ok(())
    }

    fn take_control<'a>(
        &'a mut self,
        control: Control,
        payload: &'a [u8],
        whole: bool,
    ) -> Result<Option<Event<'a>>, ReceiveError> {
        let torn = !whole || !self.control.is_empty();
        if torn {
            self.control.extend_from_slice(payload);
        }
        if !whole {
            return Ok(None);
        }
        let payload = if torn { &self.control } else { payload };
        Ok(Some(match control {
            Control::Ping => Event::Ping(payload),
            Control::Pong => Event::Pong,
            Control::Close => {
                self.over = true;
                Event::Close(CloseFrame::parse(payload)?)
            }
        }))
    }
}

/// How much room to make for `left` bytes more where `have` have come: what is announced
/// is believed as far as it is kept to.
fn room_for(left: usize, have: usize) -> usize {
    left.min(have.clamp(SHARE_FROM, ROOM))
}

#[inline]
fn check_text(kind: MessageKind, payload: &[u8]) -> Result<(), ReceiveError> {
    match kind {
        MessageKind::Text if str::from_utf8(payload).is_err() => {
            Err(ReceiveError::NotUtf8(Text::Message))
        }
        _ => Ok(()),
    }
}

/// Takes as many bytes off the front of `input`, or all that there are.
#[inline]
fn split_off<'a>(input: &mut &'a mut [u8], count: usize) -> &'a mut [u8] {
    let count = count.min(input.len());
    input.split_off_mut(..count).unwrap_or_default()
}
