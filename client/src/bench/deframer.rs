//! Incremental parsing of WebSocket frames, without copying or buffering payloads.

use std::io::Cursor;

use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

/// The longest payload of a control frame, in bytes (RFC 6455, section 5.5).
const MAX_CONTROL: usize = 125;

/// Removes frame headers (RFC 6455, section 5.2), and returns payloads in the chunks in which
/// they arrive.
#[derive(Default)]
pub(super) struct Deframer {
    /// The next frame's header, while it is incomplete.
    header: Vec<u8>,
    frame: Option<OpenFrame>,
    /// Set if the current message is text.
    is_text: bool,
    /// The payload of a control frame, which may arrive between a message's frames.
    control: Vec<u8>,
}

/// The frame whose payload comes next.
struct OpenFrame {
    opcode: OpCode,
    is_final: bool,
    /// The number of payload bytes that have not arrived.
    left: u64,
}

/// A part of the parsed stream.
pub(super) enum Part<'a> {
    /// A chunk of a message's payload; `ends` is set for the last one.
    Data {
        bytes: &'a [u8],
        ends: bool,
        is_text: bool,
    },
    /// A ping's payload.
    Ping(Vec<u8>),
    /// A Close frame.
    Close(Option<CloseFrame>),
}

impl Deframer {
    /// Removes the next part from `src`; `None` if more bytes are needed.
    pub(super) fn next<'a>(
        &mut self,
        src: &mut &'a [u8],
    ) -> Result<Option<Part<'a>>, Box<tungstenite::Error>> {
        loop {
            if self.frame.is_none() {
                self.frame = self.parse_header(src)?;
            }
            let Some(frame) = &mut self.frame else {
                return Ok(None);
            };
            if frame.left > 0 && src.is_empty() {
                return Ok(None);
            }
            let taken = usize::try_from(frame.left).map_or(src.len(), |left| left.min(src.len()));
            let (bytes, rest) = src.split_at(taken);
            *src = rest;
            frame.left -= taken as u64;
            let is_over = frame.left == 0;
            let (opcode, is_final) = (frame.opcode, frame.is_final);
            if is_over {
                self.frame = None;
            }
            match opcode {
                OpCode::Data(kind) => {
                    if kind != Data::Continue {
                        self.is_text = kind == Data::Text;
                    }
                    return Ok(Some(Part::Data {
                        bytes,
                        ends: is_over && is_final,
                        is_text: self.is_text,
                    }));
                }
                OpCode::Control(control) => {
                    if self.control.len() + bytes.len() > MAX_CONTROL {
                        return Err(Box::new(ProtocolError::ControlFrameTooBig.into()));
                    }
                    self.control.extend_from_slice(bytes);
                    if !is_over {
                        continue;
                    }
                    let payload = std::mem::take(&mut self.control);
                    match control {
                        Control::Ping => return Ok(Some(Part::Ping(payload))),
                        Control::Close => return Ok(Some(Part::Close(close_frame(&payload)))),
                        Control::Pong | Control::Reserved(_) => {}
                    }
                }
            }
        }
    }

    /// Removes a header from `src`, or keeps the bytes of a partial one.
    fn parse_header(
        &mut self,
        src: &mut &[u8],
    ) -> Result<Option<OpenFrame>, Box<tungstenite::Error>> {
        if self.header.is_empty() {
            let mut cursor = Cursor::new(*src);
            let parsed = FrameHeader::parse(&mut cursor).map_err(Box::new)?;
            if parsed.is_none() {
                self.header.extend_from_slice(src);
            }
            *src = match parsed {
                Some(_) => &src[cursor.position() as usize..],
                None => &[],
            };
            return Ok(parsed.map(OpenFrame::new));
        }
        while let Some((&byte, rest)) = src.split_first() {
            *src = rest;
            self.header.push(byte);
            let parsed = FrameHeader::parse(&mut Cursor::new(&self.header)).map_err(Box::new)?;
            if let Some(parsed) = parsed {
                self.header.clear();
                return Ok(Some(OpenFrame::new(parsed)));
            }
        }
        Ok(None)
    }
}

impl OpenFrame {
    fn new((header, len): (FrameHeader, u64)) -> Self {
        Self {
            opcode: header.opcode,
            is_final: header.is_final,
            left: len,
        }
    }
}

/// Parses the code and reason of a Close frame, which may have neither (RFC 6455, section
/// 5.5.1).
fn close_frame(payload: &[u8]) -> Option<CloseFrame> {
    let (code, reason) = payload.split_first_chunk()?;
    Some(CloseFrame {
        code: u16::from_be_bytes(*code).into(),
        reason: String::from_utf8_lossy(reason).into_owned().into(),
    })
}

#[cfg(test)]
mod tests {
    use net::untrusted::Untrusted;

    use super::*;

    /// Returns all parts of `stream` as text, parsed `step` bytes at a time.
    fn parts(stream: &[u8], step: usize) -> String {
        let mut deframer = Deframer::default();
        let mut text = String::new();
        for mut chunk in stream.chunks(step) {
            while let Some(part) = deframer.next(&mut chunk).unwrap() {
                text += &match part {
                    Part::Data { bytes, ends, .. } => {
                        let text = Untrusted::new(bytes).up_to(usize::MAX);
                        format!("{text}{}", if ends { "." } else { "" })
                    }
                    Part::Ping(payload) => format!("<ping {}>", Untrusted::new(payload)),
                    Part::Close(Some(frame)) => format!("<{} {}>", frame.code, frame.reason),
                    Part::Close(None) => "<closed>".into(),
                };
            }
        }
        text
    }

    #[test]
    fn messages_are_parsed_at_every_split() {
        let long = [&[0x82, 126, 1, 0][..], &[b'x'; 256]].concat();
        let check = |stream: &[u8], expected: &str| {
            for step in 1..=stream.len() {
                assert_eq!(parts(stream, step), expected, "steps of {step}");
            }
        };
        check(b"\x82\x05hello\x81\x00\x82\x01a", "hello..a.");
        check(b"\x02\x02he\x89\x02hi\x80\x03llo", "he<ping hi>llo.");
        check(b"\x8a\x01x\x82\x01a\x88\x00", "a.<closed>");
        check(b"\x88\x05\x03\xe9bye", "<1001 bye>");
        check(&long, &format!("{}.", "x".repeat(256)));
    }
}
