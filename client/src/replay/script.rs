//! A recording, grouped by session: the messages that each sent and received.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::time::SystemTime;

use bytes::Bytes;
use protocol::{Framings, MessageKind};
use recording::{Direction, EndedBy, Event, LineError, Record, record_lines};

use crate::read::ReadError;
use crate::replay::error::ReplayError;

/// The sessions of a recording.
#[derive(Debug, Default)]
pub(super) struct Script {
    /// In the order in which they began.
    pub(super) sessions: Vec<RecordedSession>,
    /// The messages that the recorder dropped.
    pub(super) dropped: Vec<DroppedMessages>,
    /// The lines that end inside a record.
    pub(super) cut: Vec<usize>,
    /// The indices in `sessions` of those that have not ended, by id.
    open: HashMap<u64, usize>,
}

/// A recorded session.
#[derive(Debug)]
pub(super) struct RecordedSession {
    pub(super) id: u64,
    /// The upstream's framings; the default if the start is missing.
    pub(super) framings: Framings,
    /// The number of its first line.
    pub(super) line: usize,
    /// The time of its first line.
    pub(super) start_time: SystemTime,
    /// Set if the start is missing, in an earlier file.
    pub(super) lacks_start: bool,
    pub(super) messages: Vec<RecordedMessage>,
    /// The end; `None` if it is missing.
    pub(super) end: Option<RecordedEnd>,
}

/// The recorded end of a session.
#[derive(Debug)]
pub(super) struct RecordedEnd {
    pub(super) line: usize,
    pub(super) time: SystemTime,
    /// The close code, if there was a Close frame.
    pub(super) code: Option<u16>,
    pub(super) reason: String,
    pub(super) by: Option<EndedBy>,
}

/// A recorded message, and its line and time.
#[derive(Debug, Clone)]
pub(super) struct RecordedMessage {
    pub(super) line: usize,
    pub(super) time: SystemTime,
    pub(super) direction: Direction,
    pub(super) kind: MessageKind,
    pub(super) payload: Bytes,
}

/// Messages that the recorder dropped before a line.
#[derive(Debug)]
pub(super) struct DroppedMessages {
    pub(super) line: usize,
    pub(super) count: u64,
}

impl RecordedSession {
    /// Returns true if the session ended before `later` began.
    pub(super) fn ended_before(&self, later: &Self) -> bool {
        self.end.as_ref().is_some_and(|end| end.line < later.line)
    }

    /// The number of recorded replies.
    pub(super) fn replies(&self) -> u64 {
        replies(&self.messages)
    }

    /// The number of replies after the message at `index`.
    pub(super) fn replies_after(&self, index: usize) -> u64 {
        replies(&self.messages[index + 1..])
    }
}

fn replies(messages: &[RecordedMessage]) -> u64 {
    let received = messages
        .iter()
        .filter(|it| it.direction == Direction::Received);
    received.count() as u64
}

impl Script {
    /// Reads the recording at `path`.
    ///
    /// # Errors
    /// [`ReplayError`] if the file cannot be read, or a line is neither a record of a message of up
    /// to `max_len` bytes nor a part of one.
    pub(super) fn read(path: &Path, max_len: usize) -> Result<Self, ReplayError> {
        let unreadable = |source| ReadError::file(path, source);
        let mut script = Self::default();
        let file = BufReader::new(File::open(path).map_err(unreadable)?);
        for (line, bytes) in (1..).zip(record_lines(file, max_len)) {
            let bytes = bytes.map_err(|error| match error {
                LineError::Io(error) => unreadable(error).into(),
                source => ReplayError::Length {
                    path: path.into(),
                    line,
                    source,
                },
            })?;
            if bytes.trim_ascii().is_empty() {
                continue;
            }
            match Record::read(&bytes) {
                Ok(record) => script.add(line, record),
                Err(error) if error.is_cut() => script.cut.push(line),
                Err(source) => {
                    let path = path.into();
                    return Err(ReplayError::Line { path, line, source });
                }
            }
        }
        Ok(script)
    }

    fn add(&mut self, line: usize, record: Record) {
        let time = record.time;
        match (record.event, record.session) {
            (Event::Open { framings, .. }, Some(id)) => {
                // Ids start at 1 again after a restart of the gateway.
                self.open.remove(&id);
                self.begin(id, line, time, Some(*framings));
            }
            (Event::Close { code, reason, by }, Some(id)) => {
                self.session(id, line, time).end = Some(RecordedEnd {
                    line,
                    time,
                    code,
                    reason,
                    by,
                });
                self.open.remove(&id);
            }
            (
                Event::Message {
                    direction,
                    kind,
                    payload,
                },
                Some(id),
            ) => self.session(id, line, time).messages.push(RecordedMessage {
                line,
                time,
                direction,
                kind,
                payload,
            }),
            (Event::Dropped { messages }, _) => {
                self.dropped.push(DroppedMessages {
                    line,
                    count: messages,
                });
            }
            // A replay has one connection, on which everything comes once.
            (_, None) | (Event::Detach | Event::Resume { .. } | Event::Unknown, _) => {}
        }
    }

    /// Returns the session with this id that has not ended, or else begins one without a start.
    fn session(&mut self, id: u64, line: usize, time: SystemTime) -> &mut RecordedSession {
        let at = match self.open.get(&id) {
            Some(at) => *at,
            None => self.begin(id, line, time, None),
        };
        &mut self.sessions[at]
    }

    fn begin(
        &mut self,
        id: u64,
        line: usize,
        time: SystemTime,
        framings: Option<Framings>,
    ) -> usize {
        let at = self.sessions.len();
        self.open.insert(id, at);
        self.sessions.push(RecordedSession {
            id,
            lacks_start: framings.is_none(),
            framings: framings.unwrap_or_default(),
            line,
            start_time: time,
            messages: Vec::new(),
            end: None,
        });
        at
    }
}
