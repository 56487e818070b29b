//! Reading of a raw upstream as framed messages: by the page, while the gateway passes bytes.

use std::rc::Rc;

use super::State;
use crate::connection::Connection;
use crate::framing::{Framing, RAW};
use crate::message::{Kind, Message};
use crate::message_log::Row;
use crate::notice::Notice;
use crate::row_framings::RowFramings;
use crate::stream_reader::{Reading, StreamPiece};
use crate::time::Moment;

impl State {
    /// Returns the framing by which the page reads the upstream, if that is raw.
    #[inline(never)]
    pub fn reading(&self) -> Option<&Framing> {
        let upstream = self.upstream().filter(|it| it.is_raw())?;
        let mut readings = self.readings.iter();
        let reading = readings.find(|it| it.upstream == upstream.name)?;
        Some(&reading.framing)
    }

    /// Returns true if the connection has to wait for the late part, which reads it.
    pub fn awaits_late_part(&self) -> bool {
        self.reader.is_none() && !self.late_part_failed && self.reading().is_some()
    }

    /// Returns the raw stream that the shown message is a part of: the bytes of its direction,
    /// and of its session or connection, up to `max`.
    #[inline(never)]
    pub fn raw_stream(&self, max: usize) -> Vec<u8> {
        let mut stream = Vec::new();
        let pane = self.pane();
        let Some(shown) = pane.shown() else {
            return stream;
        };
        let is_current = |row: &Row| match self.connection {
            Connection::Open { since } => row.at.steady_ms >= since.steady_ms,
            _ => false,
        };
        for row in pane.log.rows() {
            if row.session == shown.session
                && row.direction == shown.direction
                && is_current(row) == is_current(shown)
                && row.framing.as_ref().is_some_and(|it| it.notation() == RAW)
                && stream.len() < max
            {
                stream.extend_from_slice(&row.payload);
            }
        }
        stream.truncate(max);
        stream
    }

    /// Returns the framings of a connection to the upstream.
    #[inline(never)]
    pub(super) fn connection_framings(&self) -> RowFramings {
        match (self.upstream(), self.reading()) {
            (Some(_), Some(framing)) if self.reader.is_some() => RowFramings::reading(framing),
            (Some(upstream), _) => RowFramings::new(&upstream.framings),
            (None, _) => RowFramings::default(),
        }
    }

    /// Reads the next bytes of a raw upstream, or its end if there are none. Returns false if
    /// it is not read.
    #[inline(never)]
    pub(super) fn read_stream(&mut self, bytes: &[u8], at: Moment) -> bool {
        let (Some(framing), Some(reader)) = (self.framings.read_by(), &self.reader) else {
            return false;
        };
        for piece in reader.read(self.attempt, framing, bytes) {
            match piece {
                StreamPiece::Message(payload) => {
                    let kind = Kind::Binary;
                    self.log_received(Message { kind, payload }, None, at);
                }
                StreamPiece::Broken(reason) => {
                    self.framings = RowFramings::new(&RAW.into());
                    self.notice = Some(Notice::ReadingEnded(reason));
                }
            }
        }
        true
    }

    /// Reads the raw upstream by a framing from its next byte on; by `raw`, as it comes.
    #[inline(never)]
    pub(super) fn read_as(&mut self, framing: Framing) {
        let Some(upstream) = self.upstream().map(|it| it.name.clone()) else {
            return;
        };
        self.read_stream(&[], self.now);
        let readings = Rc::make_mut(&mut self.readings);
        readings.retain(|it| it.upstream != upstream);
        if framing.notation() != RAW {
            readings.push(Reading { upstream, framing });
        }
        self.framings = self.connection_framings();
    }

    /// Reads an open connection whose late part came later.
    #[inline(never)]
    pub(super) fn begin_reading(&mut self) {
        if self.connection.is_open() && self.reading().is_some() {
            self.framings = self.connection_framings();
        }
    }
}
