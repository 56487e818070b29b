//! What is to be sent, message by message.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};
use std::{fs, thread};

use bytes::Bytes;
use net::error_text::io_error_text;
use thiserror::Error;
use tokio::sync::mpsc;

use crate::send::args::SendArgs;

/// Where messages come from.
pub(super) enum Input {
    /// The command line.
    Given(VecDeque<Given>),
    /// A thread that waits for them, as a runtime cannot.
    Awaited(mpsc::Receiver<Result<Bytes, InputError>>),
}

pub(super) enum Given {
    Message(OsString),
    File(PathBuf),
}

/// Why there is no message.
#[derive(Debug, Error)]
#[error("cannot read {what}: {}", io_error_text(.source))]
pub struct InputError {
    what: String,
    source: io::Error,
}

impl Input {
    /// What `args` name; `None` if that is nothing.
    pub(super) fn given(args: &SendArgs) -> Option<Self> {
        let messages = args.messages.iter().cloned().map(Given::Message);
        let files = args.file.iter().cloned().map(Given::File);
        let all: VecDeque<_> = messages.chain(files).collect();
        (!all.is_empty()).then_some(Self::Given(all))
    }

    /// The lines of standard input, without their LF or CRLF.
    pub(super) fn lines() -> Self {
        Self::awaited(|sender| {
            for line in io::stdin().lock().split(b'\n') {
                let line = line.map(|mut line| {
                    line.pop_if(|last| *last == b'\r');
                    line.into()
                });
                let line = line.map_err(|source| InputError::new("standard input", source));
                let failed = line.is_err();
                if sender.blocking_send(line).is_err() || failed {
                    return;
                }
            }
        })
    }

    /// What `produce` gives from a thread of its own, which nobody waits for.
    pub(super) fn awaited(
        produce: impl FnOnce(mpsc::Sender<Result<Bytes, InputError>>) + Send + 'static,
    ) -> Self {
        let (sender, receiver) = mpsc::channel(1);
        thread::spawn(move || produce(sender));
        Self::Awaited(receiver)
    }

    /// The next message, `None` after the last.
    ///
    /// # Cancel safety
    /// No message is lost.
    pub(super) async fn next(&mut self) -> Option<Result<Bytes, InputError>> {
        match self {
            Self::Given(given) => Some(match given.pop_front()? {
                Given::Message(text) => Ok(text.into_encoded_bytes().into()),
                Given::File(path) => whole(&path),
            }),
            Self::Awaited(receiver) => receiver.recv().await,
        }
    }
}

impl InputError {
    pub(super) fn new(what: impl Into<String>, source: io::Error) -> Self {
        let what = what.into();
        Self { what, source }
    }
}

fn whole(path: &Path) -> Result<Bytes, InputError> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes);
        read.map_err(|source| InputError::new("standard input", source))?;
        return Ok(bytes.into());
    }
    let bytes = fs::read(path);
    let bytes = bytes.map_err(|source| InputError::new(path.display().to_string(), source))?;
    Ok(bytes.into())
}
