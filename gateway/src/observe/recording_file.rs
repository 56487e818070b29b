//! The file that a recording is appended to, and the older ones beside it.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use net::error_text::io_error_text;
use thiserror::Error;

/// Where, and how much, to record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// The file that is appended to.
    pub path: PathBuf,
    /// From how many bytes on another is begun; `None` for never.
    pub max_size: Option<u64>,
    /// How many older files are kept.
    pub keep: usize,
    /// How much may wait to be written, in bytes.
    pub room: usize,
}

impl Recording {
    /// Room for four of the longest messages that are let through by default, or some
    /// hundred thousand short ones.
    pub const ROOM: usize = 64 << 20;
}

/// A recording cannot be begun.
#[derive(Debug, Error)]
#[error("cannot record to {}: {}", path.display(), io_error_text(.source))]
pub struct RecordError {
    /// The file.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// A file that lines are appended to.
#[derive(Debug)]
pub(super) struct RecordFile {
    recording: Recording,
    file: File,
    /// Its length in bytes.
    len: u64,
}

impl RecordFile {
    /// Opens the file, or makes it.
    pub(super) fn open(recording: &Recording) -> Result<Self, RecordError> {
        let opened = open(&recording.path).and_then(|file| Ok((file.metadata()?, file)));
        let (metadata, file) = opened.map_err(|source| RecordError {
            path: recording.path.clone(),
            source,
        })?;
        let mut recording = recording.clone();
        // A pipe or a terminal has no size, and its name is to stay.
        recording.max_size = recording.max_size.filter(|_| metadata.is_file());
        Ok(Self {
            recording,
            file,
            len: metadata.len(),
        })
    }

    /// Opens the path again: the file may have been moved away.
    pub(super) fn reopen(&mut self) -> Result<(), RecordError> {
        *self = Self::open(&self.recording)?;
        Ok(())
    }

    /// Whether `more` bytes, after `waiting` ones that are not written yet, belong into
    /// another file.
    pub(super) fn has_no_room(&self, waiting: usize, more: usize) -> bool {
        let len = self.len + waiting as u64;
        let max = self.recording.max_size;
        len > 0 && max.is_some_and(|max| len + more as u64 > max)
    }

    /// Appends `lines`, or nothing of them.
    pub(super) fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        let mut rest = lines;
        while !rest.is_empty() {
            match self.file.write(rest) {
                Ok(count @ 1..) => rest = &rest[count..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                failed => {
                    self.take_back((lines.len() - rest.len()) as u64);
                    return failed.and(Err(io::ErrorKind::WriteZero.into()));
                }
            }
        }
        self.len += lines.len() as u64;
        Ok(())
    }

    /// Begins another file: this one becomes `FILE.1`, that `FILE.2`, up to how many are
    /// kept.
    pub(super) fn rotate(&mut self) -> Result<(), RecordError> {
        let path = &self.recording.path;
        let rotated = match self.recording.keep {
            0 => fs::remove_file(path),
            keep => (1..keep)
                .rev()
                .try_for_each(|age| rename_if_there(&aged(path, age), &aged(path, age + 1)))
                .and_then(|()| fs::rename(path, aged(path, 1))),
        };
        rotated.map_err(|source| RecordError {
            path: path.clone(),
            source,
        })?;
        self.reopen()
    }

    /// Lets the file grow from now on.
    pub(super) fn stop_rotating(&mut self) {
        self.recording.max_size = None;
    }

    /// Removes the last `count` bytes, the beginning of what did not fit: a half line would
    /// spoil the next one.
    fn take_back(&mut self, count: u64) {
        let len = self.file.metadata().map(|metadata| metadata.len());
        // Where it cannot be done, there is nothing else to try.
        let _ = len.and_then(|len| self.file.set_len(len.saturating_sub(count)));
    }
}

/// What is recorded is for its owner alone.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.create(true).append(true).open(path)
}

fn aged(path: &Path, age: usize) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(format!(".{age}"));
    name.into()
}

fn rename_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        renamed => renamed,
    }
}
