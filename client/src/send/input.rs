//! Messages to send: from arguments, files, standard input or the prompt.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;

use bytes::Bytes;
use recording::{LineError, Lines};
use tokio::sync::mpsc;

use crate::read::{ReadError, read_up_to, too_long};
use crate::send::args::SendArgs;

/// The end of the error for a message that is too long.
const ADVICE: &str = "; --max-frame accepts longer ones";

/// A source of messages: a thread that blocks on reading, and sends each to this channel.
pub(super) struct Input(mpsc::Receiver<Result<Bytes, ReadError>>);

/// A message on the command line.
enum Argument {
    Message(OsString),
    File(PathBuf),
}

impl Input {
    /// The messages and files of `args`; `None` if there are none.
    pub(super) fn from_args(args: &SendArgs) -> Option<Self> {
        let messages = args.messages.iter().cloned().map(Argument::Message);
        let files = args.file.iter().cloned().map(Argument::File);
        let all: Vec<_> = messages.chain(files).collect();
        let max_len = args.max_frame.0;
        let read = move |argument| match argument {
            Argument::Message(text) => Ok(text.into_encoded_bytes().into()),
            Argument::File(path) => read_file(&path, max_len),
        };
        (!all.is_empty()).then(|| Self::from_thread(all.into_iter().map(read)))
    }

    /// The lines of standard input, without their LF or CRLF, of up to `max_len` bytes each.
    pub(super) fn lines(max_len: usize) -> Self {
        let lines = Lines::new(io::BufReader::new(io::stdin()), max_len);
        Self::from_thread(lines.map(move |line| {
            line.map(Bytes::from).map_err(|error| {
                stdin_error(match error {
                    LineError::Io(error) => error,
                    LineError::TooLong { .. } => too_long(max_len, ADVICE),
                })
            })
        }))
    }

    /// The `messages` that a thread of its own produces, up to the first error. The thread is
    /// not joined: it may block on reading when the process ends.
    pub(super) fn from_thread<M>(messages: M) -> Self
    where
        M: Iterator<Item = Result<Bytes, ReadError>> + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel(1);
        thread::spawn(move || {
            for message in messages {
                let is_last = message.is_err();
                if sender.blocking_send(message).is_err() || is_last {
                    return;
                }
            }
        });
        Self(receiver)
    }

    /// Returns the next message, `None` after the last.
    ///
    /// # Cancel safety
    /// No message is lost.
    pub(super) async fn next(&mut self) -> Option<Result<Bytes, ReadError>> {
        self.0.recv().await
    }
}

fn stdin_error(source: io::Error) -> ReadError {
    ReadError::new("standard input", source)
}

/// Reads a file, or standard input for "-".
fn read_file(path: &Path, max_len: usize) -> Result<Bytes, ReadError> {
    let bytes = if path == Path::new("-") {
        read_up_to(max_len, io::stdin(), ADVICE).map_err(stdin_error)?
    } else {
        let read = File::open(path).and_then(|file| read_up_to(max_len, file, ADVICE));
        read.map_err(|source| ReadError::file(path, source))?
    };
    Ok(bytes.into())
}
