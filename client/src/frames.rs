//! `framegate frames`: cuts a captured byte stream into frames, or guesses its framing.
//!
//! Modules: `source` reads the bytes of a file, a hex dump or a recorded session, `text_reader`
//! dumps in any encoding of Unicode; `output` prints the frames that `protocol` cuts them into.

mod args;
mod error;
mod output;
mod source;
mod text_reader;

use bytes::BytesMut;
use protocol::{Cutter, Evidence, Framing, GUESSED_LEN, guess};

use crate::frames::args::FramesArgs as Args;
use crate::frames::output::Output;
use crate::frames::source::Source;
use crate::output::note;

pub use crate::frames::args::FramesArgs;
pub use crate::frames::error::FramesError;

/// Most framings that are listed.
const GUESSES: usize = 5;
/// Number of frames that are shown after a guess.
const SHOWN_FRAMES: u64 = 10;

/// Prints the frames of the capture that `args` name; without a framing, the likeliest
/// framings and the first frames.
///
/// # Errors
/// [`FramesError`] if the capture has broken or incomplete frames, or no known framing. A
/// closed pipe at standard output is no error.
pub(crate) fn run(args: &Args) -> Result<(), FramesError> {
    match print_frames(args) {
        Err(FramesError::Output(error)) if error.is_closed_pipe() => Ok(()),
        result => result,
    }
}

fn print_frames(args: &Args) -> Result<(), FramesError> {
    let mut source = Source::open(args)?;
    if source.is_hex_by_guess() {
        note("note: the input is read as hexadecimal; --input raw if it is not".into());
    }
    let mut output = Output::new(args);
    let mut buffer = BytesMut::new();
    match args.framing {
        Some(framing) => {
            let cutter = Cutter::new(framing, args.first, args.max_frame.0);
            cut(cutter, &mut source, buffer, &mut output, u64::MAX)
        }
        None => {
            while buffer.len() < GUESSED_LEN && source.read(&mut buffer)? {}
            let framing = print_guesses(&buffer, &mut output)?;
            let cutter = Cutter::new(framing, None, args.max_frame.0);
            cut(cutter, &mut source, buffer, &mut output, SHOWN_FRAMES)
        }
    }
}

/// Prints the likeliest framings of `capture`, and returns the best.
fn print_guesses(capture: &[u8], output: &mut Output) -> Result<Framing, FramesError> {
    let guesses = guess(capture, GUESSES);
    output.print_guesses(&guesses, capture)?;
    match guesses.first() {
        None => Err(FramesError::Empty),
        Some(best) if best.evidence == Evidence::Weak => Err(FramesError::Unknown),
        Some(best) => Ok(best.framing),
    }
}

/// Prints at most `count` frames of `buffer` and, after it, of `source`.
fn cut(
    mut cutter: Cutter,
    source: &mut Source,
    mut buffer: BytesMut,
    output: &mut Output,
    count: u64,
) -> Result<(), FramesError> {
    loop {
        while let Some(frame) = cutter.next(&mut buffer)? {
            output.print_frame(&frame)?;
            if cutter.count() >= count {
                return Ok(output.flush()?);
            }
        }
        if !source.read(&mut buffer)? {
            if let Some(frame) = cutter.finish(&buffer)? {
                output.print_frame(&frame)?;
            }
            return Ok(output.flush()?);
        }
    }
}
