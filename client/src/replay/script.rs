//! A recording, read: what each session sent, and what it received.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::SystemTime;

use bytes::Bytes;
use protocol::Framing;
use protocol::MessageKind;
use recording::{Direction, EndedBy, Entry, Event};

use crate::replay::error::ReplayError;

/// All of a recording.
#[derive(Debug, Default)]
pub(super) struct Script {
    /// In the order in which they were opened.
    pub(super) sessions: Vec<Session>,
    /// Where messages are missing.
    pub(super) gaps: Vec<Gap>,
    /// Where in `sessions` those are that go on.
    open: HashMap<u64, usize>,
}

/// A session, and what passed in it.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: u64,
    /// How its upstream told messages apart; the default if its beginning is not there.
    pub(super) framing: Framing,
    /// The line at which it begins.
    pub(super) line: usize,
    /// When it began.
    pub(super) time: SystemTime,
    /// Whether this is a later part of a session.
    pub(super) is_rest: bool,
    pub(super) messages: Vec<Recorded>,
    /// `None` if it is not there.
    pub(super) end: Option<End>,
}

/// How a session ended.
#[derive(Debug)]
pub(super) struct End {
    pub(super) line: usize,
    pub(super) time: SystemTime,
    /// The close code, if there was one.
    pub(super) code: Option<u16>,
    pub(super) reason: String,
    pub(super) by: Option<EndedBy>,
}

/// A message, where and when it was recorded.
#[derive(Debug, Clone)]
pub(super) struct Recorded {
    pub(super) line: usize,
    pub(super) time: SystemTime,
    pub(super) direction: Direction,
    pub(super) kind: MessageKind,
    pub(super) payload: Bytes,
}

/// Messages that the recorder left out.
#[derive(Debug)]
pub(super) struct Gap {
    pub(super) line: usize,
    pub(super) messages: u64,
}

impl Session {
    /// How many replies were recorded.
    pub(super) fn replies(&self) -> u64 {
        replies(&self.messages)
    }

    /// How many of them come after the message at `index`.
    pub(super) fn replies_after(&self, index: usize) -> u64 {
        replies(&self.messages[index + 1..])
    }
}

fn replies(messages: &[Recorded]) -> u64 {
    let received = messages
        .iter()
        .filter(|it| it.direction == Direction::Received);
    received.count() as u64
}

impl Script {
    /// Reads the recording at `path`.
    ///
    /// # Errors
    /// [`ReplayError`] says which line is none, and why.
    pub(super) fn read(path: &Path) -> Result<Self, ReplayError> {
        let unreadable = |source| ReplayError::Unreadable {
            path: path.into(),
            source,
        };
        let mut script = Self::default();
        let lines = BufReader::new(File::open(path).map_err(unreadable)?).split(b'\n');
        for (line, bytes) in (1..).zip(lines) {
            let bytes = bytes.map_err(unreadable)?;
            if bytes.trim_ascii().is_empty() {
                continue;
            }
            let entry = Entry::read(&bytes).map_err(|source| ReplayError::Line {
                path: path.into(),
                line,
                source,
            })?;
            script.add(line, entry);
        }
        Ok(script)
    }

    fn add(&mut self, line: usize, entry: Entry) {
        let time = entry.time;
        match (entry.event, entry.session) {
            (Event::Open { framing, .. }, Some(id)) => {
                // A gateway that starts again counts from the beginning.
                self.open.remove(&id);
                self.begin(id, line, time, Some(framing));
            }
            (Event::Close { code, reason, by }, Some(id)) => {
                self.session(id, line, time).end = Some(End {
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
            ) => self.session(id, line, time).messages.push(Recorded {
                line,
                time,
                direction,
                kind,
                payload,
            }),
            (Event::Dropped { messages }, _) => self.gaps.push(Gap { line, messages }),
            (_, None) | (Event::Unknown, _) => {}
        }
    }

    /// The session of this number that goes on; if none does, the rest of one.
    fn session(&mut self, id: u64, line: usize, time: SystemTime) -> &mut Session {
        let at = match self.open.get(&id) {
            Some(at) => *at,
            None => self.begin(id, line, time, None),
        };
        &mut self.sessions[at]
    }

    fn begin(&mut self, id: u64, line: usize, time: SystemTime, framing: Option<Framing>) -> usize {
        let at = self.sessions.len();
        self.open.insert(id, at);
        self.sessions.push(Session {
            id,
            framing: framing.unwrap_or_default(),
            line,
            time,
            is_rest: framing.is_none(),
            messages: Vec::new(),
            end: None,
        });
        at
    }
}
