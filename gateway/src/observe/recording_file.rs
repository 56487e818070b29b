//! Recording file: appends lines, and rotates the file by size.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use net::error_text::io_error_text;
use thiserror::Error;
use tracing::{info, warn};

/// The options of a recording: its file, rotation, and queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingOptions {
    /// The file that lines are appended to.
    pub path: PathBuf,
    /// The size limit of a file, in bytes; `None` disables rotation.
    pub max_size: Option<u64>,
    /// The number of rotated files that are kept.
    pub keep: usize,
    /// The capacity of the recorder's queue, in bytes.
    pub queue_bytes: usize,
}

impl RecordingOptions {
    /// The default capacity of the queue: four messages of the default size limit, or some
    /// hundred thousand short ones.
    pub const DEFAULT_QUEUE_BYTES: usize = 64 << 20;

    pub(super) fn error(&self, source: io::Error) -> RecordingError {
        let path = self.path.clone();
        RecordingError { path, source }
    }
}

/// An error when the recorder is started, or its file reopened or rotated.
#[derive(Debug, Error)]
#[error("cannot record to {}: {}", path.display(), io_error_text(.source))]
pub struct RecordingError {
    /// The file.
    pub path: PathBuf,
    /// The error of the operating system.
    pub source: io::Error,
}

/// Timeout for opening the path again. A path on a disk that hangs is given up: the open file may
/// be on another.
const OPEN_TIMEOUT: Duration = Duration::from_secs(5);

/// The open file of a recording.
#[derive(Debug)]
pub(super) struct RecordingFile {
    options: RecordingOptions,
    file: File,
    /// The length of the file, in bytes.
    len: u64,
    /// The length at which the file is rotated; `None` disables rotation.
    rotate_at: Option<u64>,
    /// An attempt to open the path that has timed out, and has not ended yet.
    late: Option<Opening>,
}

/// An attempt to open the path, by a thread of its own: a call that hangs can't be ended.
type Opening = Receiver<Result<RecordingFile, RecordingError>>;

impl RecordingFile {
    /// Opens the file, or creates it.
    pub(super) fn open(options: &RecordingOptions) -> Result<Self, RecordingError> {
        let opened = open(&options.path).and_then(|file| Ok((file.metadata()?, file)));
        let (metadata, file) = opened.map_err(|source| options.error(source))?;
        let mut len = metadata.len();
        if metadata.is_file() {
            restrict_to_owner(&options.path, &file, &metadata);
            if has_partial_line(&options.path).unwrap_or(false) {
                let path = options.path.display();
                warn!("the last record in {path} was cut, as by a crash; a line break ends it");
                // An error is that of the first record, too, which reports it.
                len += (&file).write(b"\n").unwrap_or(0) as u64;
            }
        }
        Ok(Self {
            // Only regular files are rotated: a pipe or a terminal has no size.
            rotate_at: options.max_size.filter(|_| metadata.is_file()),
            options: options.clone(),
            file,
            len,
            late: None,
        })
    }

    /// Opens the path again, after log rotation has moved the file away. Gives up after
    /// [`OPEN_TIMEOUT`].
    pub(super) fn reopen(&mut self) -> Result<(), RecordingError> {
        // No second thread beside one that still hangs. The file that it opens may be moved by now.
        if let Some(late) = self.late.take() {
            let _ = self.finish_opening(late);
            if self.late.is_some() {
                return Err(self.timed_out());
            }
        }
        let opening = self.start_opening()?;
        *self = self.finish_opening(opening)?;
        Ok(())
    }

    fn start_opening(&self) -> Result<Opening, RecordingError> {
        let (opened, opening) = channel();
        let options = self.options.clone();
        let spawned = thread::Builder::new()
            .name("recording".into())
            // Fails if it was given up.
            .spawn(move || drop(opened.send(Self::open(&options))));
        spawned.map_err(|source| self.options.error(source))?;
        Ok(opening)
    }

    fn finish_opening(&mut self, opening: Opening) -> Result<Self, RecordingError> {
        opening.recv_timeout(OPEN_TIMEOUT).unwrap_or_else(|_| {
            self.late = Some(opening);
            Err(self.timed_out())
        })
    }

    fn timed_out(&self) -> RecordingError {
        self.options.error(io::ErrorKind::TimedOut.into())
    }

    /// Returns true if `more` bytes after `pending` unwritten ones would exceed the size limit.
    /// A single line may: an empty file takes any.
    pub(super) fn exceeds_max_size(&self, pending: usize, more: usize) -> bool {
        let len = self.len + pending as u64;
        let max = self.rotate_at;
        len > 0 && max.is_some_and(|max| len + more as u64 > max)
    }

    /// Appends all of `lines`. After an error, truncates the file to its former length.
    pub(super) fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        let mut rest = lines;
        while !rest.is_empty() {
            match self.file.write(rest) {
                Ok(count @ 1..) => rest = &rest[count..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                failed => {
                    self.truncate_partial((lines.len() - rest.len()) as u64);
                    return failed.and(Err(io::ErrorKind::WriteZero.into()));
                }
            }
        }
        self.len += lines.len() as u64;
        Ok(())
    }

    /// Rotates the files: `FILE` becomes `FILE.1`, and `FILE.1` becomes `FILE.2`, up to
    /// `keep` or the first that is missing; then opens a new `FILE`.
    pub(super) fn rotate(&mut self) -> Result<(), RecordingError> {
        let path = &self.options.path;
        let is_free = |age: &usize| rotated_path(path, *age).symlink_metadata().is_err();
        let rotated = match self.options.keep {
            0 => fs::remove_file(path),
            keep => (1..(1..keep).find(is_free).unwrap_or(keep))
                .rev()
                .try_for_each(|age| {
                    rename_if_exists(&rotated_path(path, age), &rotated_path(path, age + 1))
                })
                .and_then(|()| rename_if_exists(path, &rotated_path(path, 1))),
        };
        rotated.map_err(|source| self.options.error(source))?;
        self.reopen()
    }

    /// Lets the file grow by its size limit once more, before the next attempt to rotate it.
    pub(super) fn postpone_rotation(&mut self) {
        let max = self.options.max_size;
        self.rotate_at = max.map(|max| self.len.saturating_add(max));
    }

    /// Removes the last `count` bytes, which a failed write left: a partial line would corrupt
    /// the next one.
    fn truncate_partial(&mut self, count: u64) {
        let len = self.file.metadata().map(|metadata| metadata.len());
        // Best effort: the error of the write is reported already.
        let _ = len.and_then(|len| self.file.set_len(len.saturating_sub(count)));
    }
}

/// Opens a file for appending, or creates it with access for its owner only.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
        // Opened for writing alone, a named pipe would wait for a reader. So it takes what fits
        // into the pipe, and the queue the rest, until a reader comes.
        let is_pipe = |metadata: fs::Metadata| metadata.file_type().is_fifo();
        options
            .mode(0o600)
            .read(fs::metadata(path).is_ok_and(is_pipe));
    }
    options.open(path)
}

/// Returns true if the file does not end with a line break: the next record would be lost, too.
fn has_partial_line(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let mut last = [b'\n'];
    if file.metadata()?.len() > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    Ok(last != [b'\n'])
}

/// Takes the access to an existing file away from all but its owner, as a new one has it.
#[cfg(unix)]
fn restrict_to_owner(path: &Path, file: &File, metadata: &fs::Metadata) {
    use std::os::unix::fs::PermissionsExt;
    let (mode, path) = (metadata.permissions().mode() & 0o777, path.display());
    if mode & 0o077 == 0 {
        return;
    }
    match file.set_permissions(PermissionsExt::from_mode(mode & 0o700)) {
        Ok(()) => info!("only its owner can read {path} from now on; its mode was {mode:o}"),
        Err(error) => {
            let error = io_error_text(&error);
            warn!(
                error,
                "others can read the recording {path}, whose mode is {mode:o}"
            );
        }
    }
}

#[cfg(not(unix))]
fn restrict_to_owner(_: &Path, _: &File, _: &fs::Metadata) {}

fn rotated_path(path: &Path, age: usize) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(format!(".{age}"));
    name.into()
}

fn rename_if_exists(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        renamed => renamed,
    }
}
