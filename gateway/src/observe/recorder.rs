//! Writing what passes to a file, by a thread of its own.
//!
//! Between the sessions and that thread is a queue that holds a bounded number of bytes. A
//! message that finds no room in it is left out, and the recording says so.

use std::io;
use std::iter::once;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, SystemTime};

use net::error_text::io_error_text;
use net::timer::timeout_opt;
use recording::{Event, Record};
use tokio::sync::oneshot;
use tracing::{error, info, warn};

use crate::metrics::Metrics;
use crate::observe::counter::take;
use crate::observe::recording_file::{RecordError, RecordFile, Recording};

/// What an entry takes besides its payload, in bytes, so that the room bounds their number
/// too.
const ENTRY: usize = 256;

/// How many bytes are written in one call.
const BATCH: usize = 256 * 1024;

/// How long the thread rests after it has written all that there was. It is woken fifty
/// times a second by a busy bridge, rather than by each message.
const REST: Duration = Duration::from_millis(20);

/// How long a stop waits for what is still queued.
const LAST_WRITE: Duration = Duration::from_secs(5);

/// Writes entries to a file, in the order in which they are told. Clones write to the same.
#[derive(Debug, Clone)]
pub struct Recorder(Arc<Queue>);

#[derive(Debug)]
struct Queue {
    orders: Sender<Order>,
    level: Arc<Level>,
}

/// What is in the queue, and what did not get in.
#[derive(Debug, Default)]
struct Level {
    /// How many bytes may be in the queue.
    room: usize,
    /// Bytes in the queue.
    held: AtomicUsize,
    /// Entries that found no room, and of which the recording does not say so yet.
    dropped: AtomicU64,
}

#[derive(Debug)]
enum Order {
    Write {
        entry: Record,
        /// What it holds of the room, in bytes.
        size: usize,
        /// How many found no room before it.
        dropped: u64,
    },
    Reopen,
    /// To write all that came before, and end.
    Finish(oneshot::Sender<()>),
}

impl Recorder {
    /// Opens the file, and starts the thread.
    ///
    /// # Errors
    /// [`RecordError`] if there is no such thing as the file.
    pub(crate) fn start(recording: &Recording, metrics: Metrics) -> Result<Self, RecordError> {
        let file = RecordFile::open(recording)?;
        let level = Arc::new(Level {
            room: recording.room,
            ..Level::default()
        });
        let (orders, queue) = channel();
        let writer = Writer {
            file,
            level: level.clone(),
            metrics,
            batch: Batch::default(),
            lost: 0,
            is_failing: false,
        };
        let spawned = thread::Builder::new()
            .name("recorder".into())
            .spawn(move || writer.run(&queue));
        spawned.map_err(|source| RecordError {
            path: recording.path.clone(),
            source,
        })?;
        Ok(Self(Arc::new(Queue { orders, level })))
    }

    /// Opens the file again, for those who have moved it away.
    pub fn reopen(&self) {
        self.order(Order::Reopen);
    }

    /// Has a message of `len` bytes recorded, if there is room for it.
    #[inline]
    pub(super) fn message(&self, len: usize, entry: impl FnOnce() -> Record) {
        self.queue(len + ENTRY, self.0.level.room, entry);
    }

    /// Has something recorded that is no message. There is more room for what says where
    /// the messages belong.
    pub(super) fn tell(&self, entry: Record) {
        self.queue(ENTRY, self.0.level.room / 4 * 5, || entry);
    }

    /// Writes all that there is, and ends the thread, unless the disk takes too long.
    pub(crate) async fn finish(&self) {
        let (done, is_done) = oneshot::channel();
        self.order(Order::Finish(done));
        // The thread drops its end when it is done.
        if timeout_opt(Some(LAST_WRITE), is_done).await.is_none() {
            warn!("the recording is not complete: its disk takes too long");
        }
    }

    fn queue(&self, size: usize, room: usize, entry: impl FnOnce() -> Record) {
        let level = &self.0.level;
        if !level.take(size, room) {
            level.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.order(Order::Write {
            entry: entry(),
            size,
            dropped: level.take_dropped(),
        });
    }

    /// Never waits. After the thread has ended, nothing is recorded any more.
    fn order(&self, order: Order) {
        let _ = self.0.orders.send(order);
    }
}

impl Level {
    /// Takes `size` bytes of `room`. What is longer than all of it gets in alone.
    fn take(&self, size: usize, room: usize) -> bool {
        let held = self.held.fetch_add(size, Ordering::Relaxed);
        let fits = held == 0 || held + size <= room;
        if !fits {
            self.held.fetch_sub(size, Ordering::Relaxed);
        }
        fits
    }

    fn take_dropped(&self) -> u64 {
        take(&self.dropped)
    }
}

/// What the thread owns.
#[derive(Debug)]
struct Writer {
    file: RecordFile,
    level: Arc<Level>,
    metrics: Metrics,
    batch: Batch,
    /// Messages that are missing before the next line.
    lost: u64,
    /// Whether the latest write failed.
    is_failing: bool,
}

/// Lines that are not written yet.
#[derive(Debug, Default)]
struct Batch {
    lines: Vec<u8>,
    messages: u64,
    /// How many missing messages the lines tell of.
    lost: u64,
}

impl Writer {
    fn run(mut self, queue: &Receiver<Order>) {
        while let Ok(first) = queue.recv() {
            for order in once(first).chain(queue.try_iter()) {
                match order {
                    Order::Write {
                        entry,
                        size,
                        dropped,
                    } => {
                        self.miss(dropped);
                        self.add(&entry);
                        self.level.held.fetch_sub(size, Ordering::Relaxed);
                    }
                    Order::Reopen => self.reopen(),
                    Order::Finish(_done) => return self.catch_up(),
                }
            }
            self.catch_up();
            thread::sleep(REST);
        }
        self.catch_up();
    }

    /// Writes all that was told, and what of it is missing.
    fn catch_up(&mut self) {
        self.miss(self.level.take_dropped());
        self.say_lost();
        self.write();
    }

    fn miss(&mut self, messages: u64) {
        self.lost += messages;
        self.metrics.not_recorded(messages);
    }

    fn add(&mut self, entry: &Record) {
        self.say_lost();
        self.append(entry);
        self.batch.messages += u64::from(matches!(entry.event, Event::Message { .. }));
        if self.batch.lines.len() >= BATCH {
            self.write();
        }
    }

    fn say_lost(&mut self) {
        let messages = std::mem::take(&mut self.lost);
        if messages > 0 {
            self.append(&Record {
                time: SystemTime::now(),
                session: None,
                event: Event::Dropped { messages },
            });
            self.batch.lost += messages;
        }
    }

    /// Appends a line to the batch, which is for one file.
    fn append(&mut self, entry: &Record) {
        let before = self.batch.lines.len();
        // There is nothing in an entry that cannot be written, and memory takes all.
        let _ = entry.write(&mut self.batch.lines);
        let line_len = self.batch.lines.len() - before;
        if self.file.has_no_room(before, line_len) {
            let line = self.batch.lines.split_off(before);
            self.write();
            self.rotate();
            self.batch.lines = line;
        }
    }

    fn write(&mut self) {
        if self.batch.lines.is_empty() {
            return;
        }
        let mut batch = std::mem::take(&mut self.batch);
        match self.file.append(&batch.lines) {
            Ok(()) => {
                self.metrics.recorded(batch.messages);
                if std::mem::take(&mut self.is_failing) {
                    info!("recording again");
                }
            }
            Err(error) => {
                self.lost += batch.lost;
                self.miss(batch.messages);
                self.say_failed(&error);
            }
        }
        // The room for a line that was long is given back.
        if batch.lines.capacity() <= 2 * BATCH {
            batch.lines.clear();
            self.batch.lines = batch.lines;
        }
    }

    /// Once, until it works again.
    fn say_failed(&mut self, error: &io::Error) {
        if !std::mem::replace(&mut self.is_failing, true) {
            error!(error = io_error_text(error), "cannot record");
        }
    }

    fn rotate(&mut self) {
        if let Err(error) = self.file.rotate() {
            error!("{error}; the file grows from now on");
            self.file.stop_rotating();
        }
    }

    fn reopen(&mut self) {
        self.catch_up();
        match self.file.reopen() {
            Ok(()) => info!("opened the recording again"),
            Err(error) => error!("{error}; the file stays the one that was open"),
        }
    }
}
