//! WebSocket messages out of the bytes that a server sends, without a copy or a buffer.

use std::io::Cursor;

use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, OpCode};

/// Takes the headers out (RFC 6455, section 5.2). A frame's payload is passed on as it
/// comes, so a long one is never held.
#[derive(Default)]
pub(super) struct Deframer {
    /// The header of the frame to come, while it is incomplete.
    header: Vec<u8>,
    frame: Option<Open>,
    /// The payload of a control frame, which may come between a message's frames.
    control: Vec<u8>,
}

/// The frame whose payload comes next.
struct Open {
    opcode: OpCode,
    is_final: bool,
    /// How many bytes of its payload are still to come.
    left: u64,
}

/// What was found.
pub(super) enum Part<'a> {
    /// A part of a message, which ends with it or goes on.
    Data { bytes: &'a [u8], ends: bool },
    /// A ping's payload.
    Ping(Vec<u8>),
    /// The server ends the connection.
    Close(Option<CloseFrame>),
}

impl Deframer {
    /// Takes the next part off `src`; `None` if there is none.
    pub(super) fn next<'a>(
        &mut self,
        src: &mut &'a [u8],
    ) -> Result<Option<Part<'a>>, Box<tungstenite::Error>> {
        loop {
            if self.frame.is_none() {
                self.frame = self.open(src)?;
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
                OpCode::Data(_) => {
                    let ends = is_over && is_final;
                    return Ok(Some(Part::Data { bytes, ends }));
                }
                OpCode::Control(control) => {
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

    fn open(&mut self, src: &mut &[u8]) -> Result<Option<Open>, Box<tungstenite::Error>> {
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
            return Ok(parsed.map(Open::new));
        }
        while let Some((&byte, rest)) = src.split_first() {
            *src = rest;
            self.header.push(byte);
            let parsed = FrameHeader::parse(&mut Cursor::new(&self.header)).map_err(Box::new)?;
            if let Some(parsed) = parsed {
                self.header.clear();
                return Ok(Some(Open::new(parsed)));
            }
        }
        Ok(None)
    }
}

impl Open {
    fn new((header, len): (FrameHeader, u64)) -> Self {
        Self {
            opcode: header.opcode,
            is_final: header.is_final,
            left: len,
        }
    }
}

/// A code and a reason (RFC 6455, section 5.5.1), or neither.
fn close_frame(payload: &[u8]) -> Option<CloseFrame> {
    let (code, reason) = payload.split_first_chunk()?;
    Some(CloseFrame {
        code: u16::from_be_bytes(*code).into(),
        reason: String::from_utf8_lossy(reason).into_owned().into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All parts of `stream`, fed `step` bytes at a time, as text.
    fn parts(stream: &[u8], step: usize) -> String {
        let mut deframer = Deframer::default();
        let mut text = String::new();
        for mut chunk in stream.chunks(step) {
            while let Some(part) = deframer.next(&mut chunk).unwrap() {
                text += &match part {
                    Part::Data { bytes, ends } => {
                        format!("{}{}", bytes.escape_ascii(), if ends { "." } else { "" })
                    }
                    Part::Ping(payload) => format!("<ping {}>", payload.escape_ascii()),
                    Part::Close(Some(frame)) => format!("<{} {}>", frame.code, frame.reason),
                    Part::Close(None) => "<closed>".into(),
                };
            }
        }
        text
    }

    #[test]
    fn messages_come_out_the_same_however_they_are_cut() {
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
