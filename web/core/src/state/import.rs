//! Messages from files.

use super::State;
use crate::batch::Batch;
use crate::message::Direction;
use crate::message_log::Row;
use crate::notice::Notice;
use crate::packed;
use crate::page_tab::PageTab;

impl State {
    /// Adds packed rows to the console, from where they can be sent again: unless they are cut,
    /// as their end is missing.
    pub(super) fn rows_imported(&mut self, packed: &[u8]) {
        let rows = packed::unpack(packed);
        let sent = rows.iter().filter(|row| row.direction == Direction::Sent);
        let (cut, whole): (Vec<_>, Vec<_>) = sent.partition(|row| row.missing_len > 0);
        self.notice = Some(Notice::Imported {
            rows: rows.len(),
            sent: Batch::once_each(whole.into_iter().map(Row::message).collect()),
            cut: cut.len(),
        });
        self.tab = PageTab::Console;
        self.console.append(rows);
    }
}
