//! The console over a reload: the draft, and the latest messages.

use super::State;
use crate::draft::Draft;
use crate::notice::Notice;
use crate::packed;

/// The most bytes of messages that a reload keeps, packed: far below the limit of a tab's
/// storage, and written in a moment.
const MAX_KEPT: usize = 256 << 10;

impl State {
    /// Packs the latest messages of the console, as many as a reload keeps. Returns true, too, if
    /// nothing else would be lost: neither a message, nor the rest of a batch, nor one that was
    /// refused and can still be sent, nor a file in the composer.
    pub fn pack_for_reload(&self) -> (Vec<u8>, bool) {
        let log = &self.console.log;
        let (mut begin, mut packed) = (log.ids().end, Vec::new());
        for row in log.rows().rev() {
            packed::pack(row, &mut packed);
            if packed.len() > MAX_KEPT {
                break;
            }
            begin = row.id;
        }
        packed.clear();
        let kept = log.rows().filter(|row| row.id >= begin);
        kept.for_each(|row| packed::pack(row, &mut packed));
        let is_whole = begin == log.ids().start && log.evicted() == 0;
        let is_sending = self.batch_run.as_ref().is_some_and(|run| run.running);
        let is_refused = matches!(self.notice, Some(Notice::BatchRefused { .. }));
        let has_unsent = is_sending || is_refused || log.has_unsent();
        (
            packed,
            is_whole && !has_unsent && self.attachments.is_empty(),
        )
    }

    /// Restores what was kept: the draft, and packed messages.
    pub fn restore(&mut self, draft: Option<Draft>, packed: &[u8]) {
        self.draft = draft.unwrap_or_default();
        self.console.append(packed::unpack(packed));
    }
}
