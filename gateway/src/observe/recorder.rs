//! Recorder: writes sessions and their messages to a file, by a thread of its own.
//!
//! Sessions send records to that thread by a queue with a bounded number of bytes. When the
//! queue is full, a message is dropped, counted in a metric, and reported by a `dropped` record.

use std::io;
use std::iter::once;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use net::error_text::io_error_text;
use net::timer::timeout_opt;
use recording::{Event, Record};
use tokio::sync::oneshot;
use tracing::{error, info, warn};

use crate::log_limit::LogLimit;
use crate::metrics::{Metrics, RecordingLoss};
use crate::observe::queue_level::QueueLevel;
use crate::observe::recording_file::{RecordingError, RecordingFile, RecordingOptions};

/// The bytes that a record counts for besides its payload: the capacity of the queue also
/// bounds the number of records.
const RECORD_OVERHEAD: usize = 256;

/// The number of pending bytes that are written at once, in one call.
const WRITE_LEN: usize = 256 * 1024;

/// The pause of the thread after it has emptied the queue: a busy bridge wakes it fifty times
/// a second instead of once per message.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// The timeout of a stop for the records still in the queue.
const FINISH_TIMEOUT: Duration = Duration::from_secs(5);

/// The least time between two log lines about a full queue.
const WARNING_INTERVAL: Duration = Duration::from_secs(60);

/// A handle to the recorder thread, which writes records in the order of the queue. Clones
/// share the thread.
#[derive(Debug, Clone)]
pub struct Recorder(Arc<Queue>);

#[derive(Debug)]
struct Queue {
    commands: Sender<Command>,
    /// The most bytes in the queue.
    capacity: usize,
    level: Arc<QueueLevel>,
    metrics: Metrics,
    /// Limits the log lines about a full queue.
    log_limit: Mutex<LogLimit>,
}

#[derive(Debug)]
enum Command {
    Write {
        record: Record,
        /// The bytes that it reserves in the queue.
        size: usize,
        /// The number of messages dropped before it.
        dropped: u64,
    },
    Reopen,
    /// Writes all earlier records, and ends the thread.
    Finish(oneshot::Sender<()>),
}

impl Recorder {
    /// Opens the file, and starts the thread.
    ///
    /// # Errors
    /// [`RecordingError`] if the file cannot be opened, or the thread not be started.
    pub(crate) fn start(
        options: &RecordingOptions,
        metrics: Metrics,
    ) -> Result<Self, RecordingError> {
        let file = RecordingFile::open(options)?;
        let level = Arc::<QueueLevel>::default();
        let (commands, queue) = channel();
        let writer = Writer {
            file,
            level: level.clone(),
            metrics: metrics.clone(),
            pending: PendingLines::default(),
            dropped: 0,
            is_failing: false,
        };
        let spawned = thread::Builder::new()
            .name("recorder".into())
            .spawn(move || writer.run(&queue));
        spawned.map_err(|source| options.error(source))?;
        let capacity = options.queue_bytes;
        Ok(Self(Arc::new(Queue {
            commands,
            capacity,
            level,
            metrics,
            log_limit: Mutex::new(LogLimit::new(1, WARNING_INTERVAL)),
        })))
    }

    /// Reopens the path of the file, after log rotation has moved the file away.
    pub fn reopen(&self) {
        self.send(Command::Reopen);
    }

    /// Records a message with a payload of `len` bytes, unless the queue is full.
    #[inline]
    pub(super) fn record_message(&self, len: usize, record: impl FnOnce() -> Record) {
        self.enqueue(len + RECORD_OVERHEAD, self.0.capacity, record);
    }

    /// Records the beginning or end of a session. Such records may exceed the capacity by a
    /// quarter: they give the messages their context.
    pub(super) fn record_event(&self, record: Record) {
        self.enqueue(RECORD_OVERHEAD, self.0.capacity / 4 * 5, || record);
    }

    /// Writes the queue and ends the thread, or gives up after [`FINISH_TIMEOUT`].
    pub(crate) async fn finish(&self) {
        let (done, is_done) = oneshot::channel();
        self.send(Command::Finish(done));
        // The thread drops `done` at its end.
        if timeout_opt(Some(FINISH_TIMEOUT), is_done).await.is_none() {
            warn!("the recording is incomplete: its disk is too slow");
        }
    }

    fn enqueue(&self, size: usize, capacity: usize, record: impl FnOnce() -> Record) {
        let level = &self.0.level;
        if !level.reserve(size, capacity) {
            return self.0.report_full();
        }
        self.send(Command::Write {
            record: record(),
            size,
            dropped: level.dropped.take(),
        });
    }

    /// Never blocks: the channel is unbounded, and [`QueueLevel`] bounds its bytes. No-op after
    /// the thread has ended.
    fn send(&self, command: Command) {
        let _ = self.0.commands.send(command);
    }
}

impl Queue {
    /// Counts a dropped entry, here since the thread may hang, and logs the first of many.
    #[cold]
    fn report_full(&self) {
        self.metrics.not_recorded(RecordingLoss::QueueFull, 1);
        // A poisoned lock can't occur: no code panics while holding it.
        let mut limit = self
            .log_limit
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if limit.admit(Instant::now()).is_some() {
            warn!("messages are missing in the recording: its disk is too slow, its queue full");
        }
    }
}

/// The state of the recorder thread.
#[derive(Debug)]
struct Writer {
    file: RecordingFile,
    level: Arc<QueueLevel>,
    metrics: Metrics,
    pending: PendingLines,
    /// Dropped messages to report before the next line.
    dropped: u64,
    /// Set if the latest write failed.
    is_failing: bool,
}

/// Encoded lines that are to be written in one call.
#[derive(Debug, Default)]
struct PendingLines {
    bytes: Vec<u8>,
    messages: u64,
    /// The number of dropped messages that the lines report.
    dropped: u64,
}

impl Writer {
    fn run(mut self, queue: &Receiver<Command>) {
        while let Ok(first) = queue.recv() {
            for command in once(first).chain(queue.try_iter()) {
                match command {
                    Command::Write {
                        record,
                        size,
                        dropped,
                    } => {
                        self.dropped += dropped;
                        self.add(&record);
                        self.level.release(size);
                    }
                    Command::Reopen => self.reopen(),
                    Command::Finish(_done) => return self.flush(),
                }
            }
            self.flush();
            thread::sleep(POLL_INTERVAL);
        }
        self.flush();
    }

    /// Writes the pending lines, and a `dropped` record for the messages missing after them.
    fn flush(&mut self) {
        self.dropped += self.level.dropped.take();
        self.append_dropped();
        self.write();
    }

    fn add(&mut self, record: &Record) {
        self.append_dropped();
        self.append(record);
        self.pending.messages += u64::from(matches!(record.event, Event::Message { .. }));
        if self.pending.bytes.len() >= WRITE_LEN {
            self.write();
        }
    }

    fn append_dropped(&mut self) {
        let messages = std::mem::take(&mut self.dropped);
        if messages > 0 {
            self.append(&Record {
                time: SystemTime::now(),
                session: None,
                event: Event::Dropped { messages },
            });
            self.pending.dropped += messages;
        }
    }

    /// Appends a line to the pending ones. If it exceeds the size limit of the file, writes
    /// those and rotates first.
    fn append(&mut self, record: &Record) {
        let before = self.pending.bytes.len();
        // Infallible: each record can be encoded, and the target is memory.
        let _ = record.write(&mut self.pending.bytes);
        let line_len = self.pending.bytes.len() - before;
        if self.file.exceeds_max_size(before, line_len) {
            let line = self.pending.bytes.split_off(before);
            self.write();
            self.rotate();
            self.pending.bytes = line;
        }
    }

    fn write(&mut self) {
        if self.pending.bytes.is_empty() {
            return;
        }
        let mut written = std::mem::take(&mut self.pending);
        let timed = self.metrics.recording_write();
        let result = self.file.append(&written.bytes);
        drop(timed);
        match result {
            Ok(()) => {
                self.metrics.recorded(written.messages);
                if std::mem::take(&mut self.is_failing) {
                    info!("recording again");
                }
            }
            Err(error) => {
                self.dropped += written.dropped + written.messages;
                let loss = RecordingLoss::WriteFailed;
                self.metrics.not_recorded(loss, written.messages);
                self.report_failure(&error);
            }
        }
        // Keeps the buffer, unless a long line made it large.
        if written.bytes.capacity() <= 2 * WRITE_LEN {
            written.bytes.clear();
            self.pending.bytes = written.bytes;
        }
    }

    /// Logs the first of consecutive failures.
    fn report_failure(&mut self, error: &io::Error) {
        if !std::mem::replace(&mut self.is_failing, true) {
            error!(error = io_error_text(error), "cannot record");
        }
    }

    fn rotate(&mut self) {
        let _timed = self.metrics.recording_write();
        if let Err(error) = self.file.rotate() {
            error!("{error}; recording goes on in the open file, which is rotated later");
            self.file.postpone_rotation();
        }
    }

    fn reopen(&mut self) {
        self.flush();
        let _timed = self.metrics.recording_write();
        match self.file.reopen() {
            Ok(()) => info!("reopened the recording"),
            Err(error) => error!("{error}; recording goes on in the open file"),
        }
    }
}
