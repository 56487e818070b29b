//! Messages to send: from arguments, files, standard input or the prompt.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};
use std::{fs, thread};

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::read_error::ReadError;
use crate::send::args::SendArgs;

/// A source of messages.
pub(super) enum Input {
    /// The command line.
    Arguments(VecDeque<Argument>),
    /// A thread that blocks on reading, and sends each message to this channel.
    Thread(mpsc::Receiver<Result<Bytes, ReadError>>),
}

/// A message on the command line.
pub(super) enum Argument {
    Message(OsString),
    File(PathBuf),
}

impl Input {
    /// The messages and files of `args`; `None` if there are none.
    pub(super) fn from_args(args: &SendArgs) -> Option<Self> {
        let messages = args.messages.iter().cloned().map(Argument::Message);
        let files = args.file.iter().cloned().map(Argument::File);
        let all: VecDeque<_> = messages.chain(files).collect();
        (!all.is_empty()).then_some(Self::Arguments(all))
    }

    /// The lines of standard input, without their LF or CRLF.
    pub(super) fn lines() -> Self {
        Self::from_thread(|sender| {
            for line in io::stdin().lock().split(b'\n') {
                let line = line.map(|mut line| {
                    line.pop_if(|last| *last == b'\r');
                    line.into()
                });
                let line = line.map_err(stdin_error);
                let is_last = line.is_err();
                if sender.blocking_send(line).is_err() || is_last {
                    return;
                }
            }
        })
    }

    /// The messages that `produce` sends from a thread of its own. The thread is not joined: it
    /// may block on reading when the process ends.
    pub(super) fn from_thread(
        produce: impl FnOnce(mpsc::Sender<Result<Bytes, ReadError>>) + Send + 'static,
    ) -> Self {
        let (sender, receiver) = mpsc::channel(1);
        thread::spawn(move || produce(sender));
        Self::Thread(receiver)
    }

    /// Returns the next message, `None` after the last.
    ///
    /// # Cancel safety
    /// No message is lost.
    pub(super) async fn next(&mut self) -> Option<Result<Bytes, ReadError>> {
        match self {
            Self::Arguments(arguments) => Some(match arguments.pop_front()? {
                Argument::Message(text) => Ok(text.into_encoded_bytes().into()),
                Argument::File(path) => read_file(&path),
            }),
            Self::Thread(receiver) => receiver.recv().await,
        }
    }
}

fn stdin_error(source: io::Error) -> ReadError {
    ReadError::new("standard input", source)
}

/// Reads a file, or standard input for "-".
fn read_file(path: &Path) -> Result<Bytes, ReadError> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        let read = io::stdin().lock().read_to_end(&mut bytes);
        read.map_err(stdin_error)?;
    } else {
        bytes = fs::read(path).map_err(|source| ReadError::file(path, source))?;
    }
    Ok(bytes.into())
}
