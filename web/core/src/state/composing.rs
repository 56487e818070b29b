//! Reducer of the composer: the draft, its history, the saved messages, and batches.

use std::rc::Rc;

use super::State;
use crate::batch::{Batch, BatchRun};
use crate::draft::{InputFormat, SavedDraft};
use crate::message::Message;
use crate::notice::Notice;
use crate::step::Step;
use crate::time::Moment;

impl State {
    pub(super) fn set_input_format(&mut self, format: InputFormat) {
        self.draft.format = format;
        self.forget_pasted_breaks();
    }

    pub(super) fn note_pasted_breaks(&mut self, format: InputFormat) {
        if self.draft.format == InputFormat::Text {
            self.notice = Some(Notice::PastedBreaks(format));
        }
    }

    fn forget_pasted_breaks(&mut self) {
        self.notice
            .take_if(|it| matches!(it, Notice::PastedBreaks(_)));
    }

    /// Sends the draft, then the files, each as a message, up to one that is refused. With files, no
    /// empty message is sent. The composer says why a draft is refused.
    pub(super) fn send_draft(&mut self, at: Moment) {
        if !self.can_send() {
            return;
        }
        if !self.draft.text.is_empty() || self.attachments.is_empty() {
            let message = self.draft.message(self.explainer.as_ref()).ok();
            let limits = self.send_limits();
            let Some(message) = message.filter(|it| limits.check(&it.payload).is_ok()) else {
                return;
            };
            self.send_message(message, at);
            self.history.add(self.draft.clone());
            self.draft.text.clear();
            self.forget_pasted_breaks();
        }
        while let Some(message) = self.attachments.first().and_then(|it| it.message())
            && self.send_checked(message, at)
        {
            self.attachments.remove(0);
        }
    }

    /// Sends a message, and returns true; or shows a notice of the refusal.
    pub(super) fn send_checked(&mut self, message: Message, at: Moment) -> bool {
        self.notice = Some(match self.send_limits().check(&message.payload) {
            Err(error) => Notice::MessageRefused(error),
            Ok(()) if self.can_send() => {
                self.send_message(message, at);
                return true;
            }
            Ok(()) => Notice::SendFailed,
        });
        false
    }

    pub(super) fn load_saved(&mut self, name: &str) {
        if let Some(saved) = self.saved.iter().find(|it| it.name == name) {
            self.draft = saved.draft.clone();
        }
    }

    pub(super) fn edit_draft(&mut self, text: String) {
        if self.draft.text != text {
            self.draft.text = text;
            self.history.stop_recall();
        }
    }

    pub(super) fn recall_draft(&mut self, step: Step) {
        let recalled = match step {
            Step::Previous | Step::First => self.history.older(&self.draft),
            Step::Next | Step::Last => self.history.newer(),
        };
        if let Some(draft) = recalled {
            self.draft = draft;
        }
    }

    /// Saves the draft; replaces one of the same name.
    pub(super) fn save_draft(&mut self, name: String) {
        let saved = Rc::make_mut(&mut self.saved);
        saved.retain(|it| it.name != name);
        let draft = self.draft.clone();
        let place = saved.partition_point(|it| it.name < name);
        saved.insert(place, SavedDraft { name, draft });
    }

    /// Starts a batch, unless a message of it would be refused: later ones may need it.
    pub(super) fn start_batch(&mut self, batch: Batch) {
        if !self.can_send() {
            return;
        }
        if let Some((place, error)) = batch.first_refused(&self.send_limits()) {
            self.notice = Some(Notice::BatchRefused {
                batch,
                place,
                error,
            });
            return;
        }
        self.notice
            .take_if(|it| matches!(it, Notice::BatchRefused { .. }));
        let number = self.batch_run.as_ref().map_or(1, |run| run.number + 1);
        self.batch_run = Some(BatchRun {
            number,
            running: batch.count > 0,
            sent: 0,
            batch,
        });
    }

    pub(super) fn batch_progress(&mut self, sent: u32) {
        if let Some(run) = &mut self.batch_run {
            run.sent = run.sent.saturating_add(sent).min(run.batch.count);
            run.running &= run.sent < run.batch.count;
        }
    }

    pub(super) fn stop_batch(&mut self) {
        if let Some(run) = &mut self.batch_run {
            run.running = false;
        }
    }
}
