//! Sources of a captured byte stream: a file as it is, hexadecimal, or a recorded session.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

use bytes::{BufMut, BytesMut};
use protocol::{Framing, HexReader, is_hex};
use recording::{Direction, Event, LineError, Lines, Record, record_lines};

use crate::frames::args::{FramesArgs, InputFormat};
use crate::frames::error::FramesError;
use crate::frames::text_reader::text_reader;
use crate::output::note;
use crate::read::ReadError;

/// Number of bytes that are read at once.
const CHUNK_LEN: usize = 64 << 10;
/// Number of bytes by which the format is recognised.
const BEGINNING_LEN: usize = 4 << 10;
/// Longest line of hexadecimal, in bytes.
const MAX_HEX_LINE: usize = 16 << 20;
/// First bytes of packet captures: of pcap in both byte orders, with microseconds and
/// nanoseconds, and of pcapng.
const PACKET_CAPTURES: [[u8; 4]; 5] = [
    [0xd4, 0xc3, 0xb2, 0xa1],
    [0xa1, 0xb2, 0xc3, 0xd4],
    [0x4d, 0x3c, 0xb2, 0xa1],
    [0xa1, 0xb2, 0x3c, 0x4d],
    [0x0a, 0x0d, 0x0d, 0x0a],
];

type Reader = BufReader<Box<dyn Read>>;

/// A captured byte stream.
pub(super) struct Source {
    /// The name of the file, for errors.
    name: String,
    kind: Kind,
    is_hex_by_guess: bool,
}

enum Kind {
    Raw(Reader),
    Hex(Lines<Reader>, HexReader),
    Session(Session),
}

/// One direction of a recorded session.
struct Session {
    lines: Lines<Reader>,
    line: u64,
    id: u64,
    direction: Direction,
    is_found: bool,
}

impl Source {
    /// Opens the capture that `args` name.
    pub(super) fn open(args: &FramesArgs) -> Result<Self, FramesError> {
        let path = args.file.as_deref().filter(|path| *path != Path::new("-"));
        let name = path.map_or("standard input".into(), |path| path.display().to_string());
        let unreadable = |source| ReadError::new(&name, source);
        let mut file: Box<dyn Read> = match path {
            Some(path) => Box::new(File::open(path).map_err(unreadable)?),
            None => Box::new(io::stdin().lock()),
        };
        if let (Some(id), Some(direction)) = (args.session, args.direction) {
            let session = Session {
                lines: record_lines(BufReader::new(file), args.max_frame.0),
                line: 0,
                id,
                direction: direction.into(),
                is_found: false,
            };
            return Ok(Self {
                name,
                kind: Kind::Session(session),
                is_hex_by_guess: false,
            });
        }
        let mut beginning = Vec::new();
        let read = (&mut file)
            .take(BEGINNING_LEN as u64)
            .read_to_end(&mut beginning);
        read.map_err(unreadable)?;
        if PACKET_CAPTURES.iter().any(|it| beginning.starts_with(it)) && args.framing.is_none() {
            return Err(FramesError::PacketCapture);
        }
        let is_hex_by_guess = args.input == InputFormat::Auto && is_hex_text(&beginning);
        let is_hex = is_hex_by_guess || args.input == InputFormat::Hex;
        let reader = match is_hex {
            true => text_reader(beginning, file),
            false => Box::new(Cursor::new(beginning).chain(file)),
        };
        let reader = BufReader::with_capacity(CHUNK_LEN, reader);
        let kind = match is_hex {
            true => Kind::Hex(Lines::new(reader, MAX_HEX_LINE), HexReader::default()),
            false => Kind::Raw(reader),
        };
        Ok(Self {
            name,
            kind,
            is_hex_by_guess,
        })
    }

    /// Returns true if the capture is read as hexadecimal because it looks like it.
    pub(super) fn is_hex_by_guess(&self) -> bool {
        self.is_hex_by_guess
    }

    /// Appends the next bytes to `buffer`; returns false at the end.
    pub(super) fn read(&mut self, buffer: &mut BytesMut) -> Result<bool, FramesError> {
        let unreadable = |source| FramesError::from(ReadError::new(&self.name, source));
        match &mut self.kind {
            Kind::Raw(reader) => {
                let bytes = reader.fill_buf().map_err(unreadable)?;
                let len = bytes.len();
                buffer.put_slice(bytes);
                reader.consume(len);
                Ok(len > 0)
            }
            Kind::Hex(lines, hex) => match lines.next() {
                None => Ok(false),
                Some(line) => {
                    let line = line.map_err(|error| unreadable(io_error(error)))?;
                    hex.read(&line, buffer)?;
                    Ok(true)
                }
            },
            Kind::Session(session) => match session.lines.next() {
                None if session.is_found => Ok(false),
                None => Err(FramesError::NoSession { id: session.id }),
                Some(line) => {
                    let line = line.map_err(|error| unreadable(io_error(error)))?;
                    session.add(&line, buffer)?;
                    Ok(true)
                }
            },
        }
    }
}

impl Session {
    /// Appends the payload of a recorded `line` to `buffer`, if it is of this stream.
    fn add(&mut self, line: &[u8], buffer: &mut BytesMut) -> Result<(), FramesError> {
        self.line += 1;
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        let number = self.line;
        let record = match Record::read(line) {
            Ok(record) => record,
            Err(error) if error.is_cut() => {
                note(format!("note: line {number} is cut, and left out"));
                return Ok(());
            }
            Err(source) => {
                return Err(FramesError::Record {
                    line: number,
                    source,
                });
            }
        };
        if record.session != Some(self.id) {
            return Ok(());
        }
        self.is_found = true;
        match record.event {
            Event::Open { framings, .. } if framings.framing != Framing::Raw => {
                Err(FramesError::NotRaw {
                    id: self.id,
                    framing: framings.framing,
                })
            }
            Event::Message {
                direction, payload, ..
            } if direction == self.direction => {
                buffer.put_slice(&payload);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// Returns true if the beginning of a file is hexadecimal, in any encoding of Unicode.
fn is_hex_text(beginning: &[u8]) -> bool {
    let mut text = Vec::new();
    let read = text_reader(beginning.to_vec(), Box::new(io::empty())).read_to_end(&mut text);
    read.is_ok() && is_hex(&text, beginning.len() == BEGINNING_LEN)
}

fn io_error(error: LineError) -> io::Error {
    match error {
        LineError::Io(error) => error,
        error => io::Error::other(error),
    }
}
