//! Printing of frames and of guessed framings.

use std::fmt::Write as _;
use std::io::{self, StdoutLock, Write};

use data_encoding::BASE64;
use net::untrusted::Untrusted;
use protocol::{CutFrame, Evidence, GUESSED_LEN, Guess, is_text};
use serde_json::json;

use crate::decode::Decode;
use crate::frames::args::{FramesArgs, OutputFormat};
use crate::output::OutputError;

/// Longest message printed in a line, in characters.
const MAX_MESSAGE: usize = 160;
/// Number of bytes in a line of hexadecimal.
const DUMP_WIDTH: usize = 16;
/// Longest segment that is dumped, in bytes.
const MAX_DUMP: usize = 256;

/// Standard output, buffered.
pub(super) struct Output {
    format: OutputFormat,
    decode: Option<Decode>,
    /// The longest message when it is unpacked.
    max_len: usize,
    stdout: io::BufWriter<StdoutLock<'static>>,
}

impl Output {
    pub(super) fn new(args: &FramesArgs) -> Self {
        Self {
            format: args.format(),
            decode: args.decode.clone(),
            max_len: args.max_frame.0,
            stdout: io::BufWriter::new(io::stdout().lock()),
        }
    }

    pub(super) fn print_frame(&mut self, frame: &CutFrame) -> Result<(), OutputError> {
        let text = match self.format {
            OutputFormat::Lines => line(frame),
            OutputFormat::Wire => line(frame) + &dump(frame),
            OutputFormat::Json => object(frame),
        };
        self.stdout.write_all(text.as_bytes())?;
        if let Some(decode) = &self.decode {
            let lines = decode.lines(&frame.message, self.max_len);
            self.stdout.write_all(lines.as_bytes())?;
        }
        Ok(())
    }

    /// Prints framings, the likeliest first, with their evidence in the bytes of `capture`.
    pub(super) fn print_guesses(
        &mut self,
        guesses: &[Guess],
        capture: &[u8],
    ) -> Result<(), OutputError> {
        let text = match self.format {
            OutputFormat::Json => guesses.iter().map(guess_object).collect(),
            OutputFormat::Lines | OutputFormat::Wire => guess_table(guesses, capture),
        };
        self.stdout.write_all(text.as_bytes())?;
        self.flush()
    }

    pub(super) fn flush(&mut self) -> Result<(), OutputError> {
        Ok(self.stdout.flush()?)
    }
}

/// Returns the offset, the length and the message of a frame.
fn line(frame: &CutFrame) -> String {
    let message = Untrusted::new(&frame.message[..]).up_to(MAX_MESSAGE);
    format!("{:>8} {:>6}  {message}\n", frame.offset, frame.wire.len())
}

/// Returns the bytes of a frame, each segment with its role.
fn dump(frame: &CutFrame) -> String {
    let (mut text, mut at) = (String::new(), 0);
    for segment in &frame.segments {
        let bytes = &frame.wire[at..at + segment.len];
        at += segment.len;
        let mut role = segment.role.as_str();
        let shown = &bytes[..bytes.len().min(MAX_DUMP)];
        for row in shown.chunks(DUMP_WIDTH) {
            let _ = write!(text, "{:>17} {role:<8}", "");
            for byte in row {
                let _ = write!(text, " {byte:02x}");
            }
            text.push('\n');
            role = "";
        }
        if shown.len() < bytes.len() {
            let _ = writeln!(
                text,
                "{:>26} … {} more bytes",
                "",
                bytes.len() - shown.len()
            );
        }
    }
    text
}

fn object(frame: &CutFrame) -> String {
    let segments = frame
        .segments
        .iter()
        .map(|segment| json!({"role": segment.role.as_str(), "length": segment.len}));
    let object = json!({
        "offset": frame.offset,
        "length": frame.wire.len(),
        "segments": segments.collect::<Vec<_>>(),
        "base64": BASE64.encode(&frame.message),
    });
    format!("{object}\n")
}

fn guess_table(guesses: &[Guess], capture: &[u8]) -> String {
    if guesses.is_empty() {
        return String::new();
    }
    let kind = if is_text(capture) { "text" } else { "binary" };
    let len = capture.len();
    let mut text = format!("Likeliest framings of {len} bytes, {kind}:\n");
    for guess in guesses {
        let notation = guess.framing.to_string();
        let evidence = evidence_name(guess.evidence);
        let frames = guess.frames;
        let plural = if frames == 1 { "" } else { "s" };
        let left = len.min(GUESSED_LEN) - guess.bytes;
        let rest = match left {
            0 => " to the last byte".into(),
            1 => ", then 1 byte of the next".into(),
            left => format!(", then {left} bytes of the next"),
        };
        let _ = writeln!(
            text,
            "  {notation:<24} {evidence:<6}  {frames} frame{plural}{rest}"
        );
    }
    text.push('\n');
    text
}

fn guess_object(guess: &Guess) -> String {
    let object = json!({
        "framing": guess.framing.to_string(),
        "evidence": evidence_name(guess.evidence),
        "frames": guess.frames,
        "bytes": guess.bytes,
        "complete": guess.complete,
    });
    format!("{object}\n")
}

const fn evidence_name(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Weak => "weak",
        Evidence::Fair => "fair",
        Evidence::Strong => "strong",
    }
}
