//! Message framing for byte streams: no I/O (sans-I/O), no clock, no runtime.
//!
//! TCP carries a stream of bytes; a [`Framing`] is the rule for where one message ends
//! and the next begins. The default, `u32le`, is a length prefix and a payload:
//!
//! ```text
//!   0        1        2        3        4              4 + length
//!   ┌────────┬────────┬────────┬────────┬───── … ──────┐
//!   │ length, u32, little-endian        │ payload      │
//!   └────────┴────────┴────────┴────────┴───── … ──────┘
//!     05       00       00       00       68 65 6c 6c 6f     "hello"
//! ```
//!
//! The length counts the payload alone and may be zero. A payload is UTF-8 by
//! convention, but any bytes are carried.
//!
//! # Framings
//!
//! Flags, files and URLs use these names:
//!
//! | name | end of a message | `hello` |
//! | --- | --- | --- |
//! | `u32le`, `u32be` | length prefix: an unsigned integer of four bytes, little-endian or big-endian | `05 00 00 00 68…` `00 00 00 05 68…` |
//! | `u8` | length prefix of one byte | `05 68…` |
//! | `u16le`, `u16be` | length prefix of two bytes | `05 00 68…` `00 05 68…` |
//! | `u24le`, `u24be` | length prefix of three bytes | `05 00 00 68…` `00 00 05 68…` |
//! | `u64le`, `u64be` | length prefix of eight bytes | `05 00 00 00 00 00 00 00 68…` … |
//! | any of these and `-inclusive` | length prefix that counts its own bytes too, such as `u16be-inclusive` | `00 07 68…` |
//! | `varint` | length prefix as an unsigned LEB128 varint of at most 64 bits in ten bytes, as in Protocol Buffers' delimited messages; 300 is `ac 02`. The shortest form is written; longer forms are read | `05 68…` |
//! | `lines` | delimiter LF; CRLF is read as well. A message to send may contain neither CR nor LF | `68… 0a` |
//! | `crlf` | delimiter CRLF; a lone CR or LF that is read is part of the message. A message to send may contain neither | `68… 0d 0a` |
//! | `nul` | delimiter NUL. A message may not contain NUL | `68… 00` |
//! | `raw` | none: the bytes available are a message. A message is sent as it is, and an empty one is not sent | `68…` |
//! | `mllp` | picture `0x0b...0x1c0d`: HL7 MLLP | `0b 68… 1c 0d` |
//! | `stx-etx` | picture `0x02...0x03` | `02 68… 03` |
//! | `netstring` | picture `digits+0x3a...0x2c` | `35 3a 68… 2c` |
//! | `octet-counting` | picture `digits+0x20`: syslog (RFC 6587) | `35 20 68…` |
//! | `json`, `msgpack`, `cbor`, `resp`, `bencode`, `ber` | that of a value: a message is one value of a self-delimiting format | |
//! | `lsp` | header with `Content-Length`, as in the Language Server Protocol: the message is the body | `43 6f… 0d 0a 0d 0a 68…` |
//! | `headers` | header lines, one of which may be `Content-Length`, an empty line and a body: the message is all of it. SIP, RTSP | |
//! | `slip` | END, `c0`; escaped inside a frame (RFC 1055). A message may not be empty | `68… c0` |
//! | `cobs` | NUL; consistent overhead byte stuffing leaves none inside a frame | `06 68… 00` |
//! | `hdlc` | flags, `7e`, around a frame; escaped inside (RFC 1662, section 4). A message may not be empty | `7e 68… 7e` |
//! | `fixed5` | length: each message has five bytes | `68…` |
//!
//! Other frames are drawn as a [`Picture`]: their parts in wire order with `+` between them,
//! and `...` for the body. A part is a count of free bytes, fixed bytes such as `0x0d0a`, or
//! a length. A message is what is left of a frame without its length and fixed bytes; with
//! `whole:`, it is the frame.
//!
//! | picture | frame | used by |
//! | --- | --- | --- |
//! | `1+u32be-inclusive` | a byte, a length that counts itself and all that follows, the body | PostgreSQL |
//! | `u24le+1` | a length, a byte that it does not count, the body | MySQL |
//! | `0x0300+u16be-all` | two fixed bytes, a length of the whole frame, the body | TPKT |
//! | `3+u32be...0xce` | three bytes, a length, the body, a fixed byte | AMQP 0-9-1 |
//! | `...0x0d0a0d0a` | the body, and the bytes that end it | Asterisk AMI |
//!
//! A message that its framing cannot carry is refused, never split or changed.
//!
//! [`Decoder`] turns bytes, in chunks of any size, into payloads; [`Encoder`] lays frames
//! out for writing; [`Frame`] is a single frame in segments. The caller
//! does the I/O. The crate builds for WebAssembly: framegate's gateway and page share it.
//!
//! ```
//! use bytes::Buf;
//! use protocol::{Decoder, Encoder, Framing};
//!
//! let mut encoder = Encoder::new(Framing::default());
//! encoder.push_copy(&[b"echo : ", b"hello"])?;
//! let written = encoder.copy_to_bytes(encoder.remaining());
//! assert_eq!(written, &b"\x0c\0\0\0echo : hello"[..]);
//!
//! let mut decoder = Decoder::new(Framing::default(), 1024);
//! let mut stream = &written[..];
//! let payload = decoder.next_payload(&mut stream)?;
//! assert_eq!(payload.as_deref(), Some(&b"echo : hello"[..]));
//! assert_eq!(decoder.next_payload(&mut stream)?, None);
//! # Ok::<(), protocol::FrameError>(())
//! ```

mod byte_order_hint;
mod cutter;
mod decoder;
mod delimiter;
mod encoder;
mod error;
mod frame;
mod framing;
mod framings;
mod guess;
mod head;
mod header_block;
mod hex_text;
mod integer;
mod layout;
mod length_prefix;
mod message;
mod message_kind;
mod notation_error;
mod notation_message;
mod number;
mod number_bytes;
mod payload;
mod picture;
mod picture_problem;
pub mod resumable;
mod scan;
mod segment;
mod stuffing;
mod text_hint;
mod value;
mod varint;
mod write_queue;

pub use byte_order_hint::ByteOrderHint;
pub use cutter::{CutError, CutFrame, Cutter};
pub use decoder::Decoder;
pub use delimiter::Delimiter;
pub use encoder::Encoder;
pub use error::FrameError;
pub use frame::Frame;
pub use framing::Framing;
pub use framings::Framings;
pub use guess::{Evidence, GUESSED_LEN, Guess, guess, is_text};
pub use header_block::HeaderBlock;
pub use hex_text::{HexError, HexProblem, HexReader, is_hex};
pub use integer::ByteOrder;
pub use length_prefix::{LengthField, LengthPrefix};
pub use message_kind::MessageKind;
pub use notation_error::NotationError;
pub use number::Number;
pub use payload::Payload;
pub use picture::{Counts, Length, Picture, PictureName, Template};
pub use picture_problem::PictureProblem;
pub use segment::{Role, Segment};
pub use stuffing::Stuffing;
pub use text_hint::TextHint;
pub use value::ValueFormat;
pub use write_queue::WriteQueue;
