//! Fields of messages for `send` and `frames`: the option `--decode`, and how they are printed.

use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;
use std::str::FromStr;

use fields::{Compression, Decoded, Format, Options, Schema, compression, decode, guess};
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use thiserror::Error;

use crate::escape::{Controls, escaped};
use crate::read::{ReadError, read_text};

/// The help text of `--decode`, which two commands have.
pub(crate) const HELP: &str =
    "Print the fields of each message: by a FORMAT, with a schema in FILE if it takes one";
/// The rest of it.
pub(crate) const LONG_HELP: &str = "\
    Print the fields of each message: by a FORMAT, with a schema in FILE if it takes one\n\n\
    json, protobuf, msgpack, cbor, bson, ber, bencode and thrift need no schema; protobuf:FILE \
    reads a .proto file, and protobuf:FILE@NAME another message than its first; avro:FILE reads an \
    Avro schema, layout:FILE a layout. guess takes the format that reads all bytes, and says which. \
    A line for each field has its offset and length in bytes, its name and its value; a ? marks \
    a guess. What is compressed by gzip or zlib is unpacked first.";

/// The format of messages whose fields are printed.
#[derive(Debug, Clone)]
pub(crate) struct Decode {
    /// The schema; `None` guesses the format of each message.
    schema: Option<Schema>,
}

/// An invalid value of `--decode`.
#[derive(Debug, Error)]
pub(crate) enum DecodeError {
    #[error("unknown format, expected guess, {0}, such as msgpack or protobuf:FILE")]
    Format(String),
    #[error(transparent)]
    File(#[from] ReadError),
    #[error("{file}: {error}")]
    Schema {
        file: String,
        error: fields::TextError,
    },
    #[error("{error}: write {format}:FILE")]
    NoFile {
        format: Format,
        error: fields::TextError,
    },
}

impl FromStr for Decode {
    type Err = DecodeError;

    fn from_str(text: &str) -> Result<Self, DecodeError> {
        let (name, file) = match text.split_once(':') {
            Some((name, file)) => (name, Some(file)),
            None => (text, None),
        };
        if text == "guess" {
            return Ok(Self { schema: None });
        }
        let format = name.parse::<Format>().map_err(|_| {
            let names: Vec<_> = Format::ALL.iter().map(|it| it.name()).collect();
            DecodeError::Format(names.join(", "))
        })?;
        let parsed = match file {
            None => {
                Schema::parse(format, "").map_err(|error| DecodeError::NoFile { format, error })
            }
            Some(file) => {
                let (path, message) = message_of(format, file);
                let mut schema = read_text(Path::new(path))?;
                if let Some(message) = message {
                    // At the end, where it moves no line.
                    schema = format!("{schema}\n@{message}");
                }
                Schema::parse(format, &schema).map_err(|error| DecodeError::Schema {
                    file: file.into(),
                    error,
                })
            }
        };
        Ok(Self {
            schema: Some(parsed?),
        })
    }
}

/// Splits `FILE@NAME` of Protocol Buffers, unless there is a file of the whole name.
fn message_of(format: Format, file: &str) -> (&str, Option<&str>) {
    match file.rsplit_once('@') {
        Some((path, name)) if format == Format::Protobuf && !Path::new(file).exists() => {
            (path, Some(name))
        }
        _ => (file, None),
    }
}

impl Decode {
    /// Returns the fields of a message, a line for each. The first line says the format and the
    /// length, the last, if not all is read, where and why. What is unpacked has at most
    /// `max_len` bytes.
    pub(crate) fn lines(&self, message: &[u8], max_len: usize) -> String {
        let packed = compression(message);
        let unpacked = packed.map(|it| (it, unpack(it, message, max_len)));
        let (payload, note) = match &unpacked {
            Some((kind, Unpacked::Whole(bytes))) => {
                let len = message.len();
                (
                    &bytes[..],
                    format!(", unpacked from {len} bytes of {}", kind.name()),
                )
            }
            Some((kind, Unpacked::TooLong)) => {
                let note = "longer than --max-frame when it is unpacked";
                return format!("{}, {} bytes: {note}\n", kind.name(), message.len());
            }
            // Few payloads begin like zlib and are something else.
            Some((_, Unpacked::Broken)) | None => (message, String::new()),
        };
        let options = Options::default();
        let guessed;
        let (schema, how) = match &self.schema {
            Some(schema) => (schema, ""),
            None => match guess(payload, &options).first() {
                Some(format) => {
                    guessed = Schema::parse(*format, "");
                    match &guessed {
                        Ok(schema) => (schema, " (guess)"),
                        Err(error) => return format!("{error}\n"),
                    }
                }
                None => {
                    return format!("unknown format, {} bytes{note}\n", payload.len());
                }
            },
        };
        let decoded = decode(schema, payload, &options);
        let (format, len) = (schema.format(), payload.len());
        let mut text = format!("{format}{how}, {len} bytes{note}\n");
        write_fields(&decoded, &mut text);
        text
    }
}

fn write_fields(decoded: &Decoded, text: &mut String) {
    let one_line = |text: &str| escaped(text.as_bytes(), Controls::OneLine);
    for field in &decoded.fields {
        let (offset, len) = (field.range.start, field.range.len());
        let indent = 2 * field.depth;
        let (label, value) = (one_line(&field.label), one_line(&field.value));
        let colon = if label.is_empty() { "" } else { ": " };
        let guess = if field.is_guess { " ?" } else { "" };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{offset:>8} {len:>6}  {:indent$}{label}{colon}{value}{guess}",
            ""
        );
    }
    if let Some(stopped) = &decoded.stopped {
        let _ = writeln!(text, "{stopped}");
    }
}

/// The outcome of unpacking.
enum Unpacked {
    Whole(Vec<u8>),
    TooLong,
    Broken,
}

fn unpack(compression: Compression, message: &[u8], max_len: usize) -> Unpacked {
    let mut bytes = Vec::new();
    let limit = (max_len as u64).saturating_add(1);
    let read = match compression {
        Compression::Gzip => MultiGzDecoder::new(message)
            .take(limit)
            .read_to_end(&mut bytes),
        Compression::Zlib => ZlibDecoder::new(message)
            .take(limit)
            .read_to_end(&mut bytes),
    };
    match read {
        Err(_) => Unpacked::Broken,
        Ok(len) if len > max_len => Unpacked::TooLong,
        Ok(_) => Unpacked::Whole(bytes),
    }
}
