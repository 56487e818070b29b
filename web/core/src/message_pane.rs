//! A message pane: a log, its view on the screen, and the selected row.

use std::rc::Rc;

use crate::log_view::LogView;
use crate::message_log::{MessageLog, Row, RowId};
use crate::step::Step;

/// A log with its view and selection. Each tab of the page has one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MessagePane {
    /// The messages.
    pub log: MessageLog,
    /// Filter, pause and scrolling.
    pub view: LogView,
    /// The selected row.
    pub selected: Option<RowId>,
}

impl MessagePane {
    /// Creates an empty pane that keeps at most `max_rows` messages.
    pub fn new(max_rows: usize) -> Self {
        let mut this = Self::default();
        this.log.set_max_rows(max_rows);
        this
    }

    /// Returns the row of the wire view: the selected one, otherwise the latest.
    pub fn shown(&self) -> Option<&Rc<Row>> {
        self.selected
            .and_then(|id| self.log.row(id))
            .or_else(|| self.log.latest())
    }

    /// Updates the view after one message was added, or rows were evicted.
    pub fn update_view(&mut self) {
        self.view.update(&self.log);
        self.drop_evicted_selection();
    }

    /// Selects a row, or none.
    pub fn select(&mut self, id: Option<RowId>) {
        self.selected = id;
        self.drop_evicted_selection();
    }

    /// Moves the selection by `step` through the listed rows.
    pub fn move_selection(&mut self, step: Step) {
        let Some(last) = self.view.len(&self.log).checked_sub(1) else {
            return;
        };
        let selected = self
            .selected
            .and_then(|id| self.view.index_of(id, &self.log));
        let index = match (step, selected) {
            (Step::First, _) => 0,
            (Step::Last, _) | (_, None) => last,
            (Step::Previous, Some(index)) => index.saturating_sub(1),
            (Step::Next, Some(index)) => (index + 1).min(last),
        };
        self.selected = self.view.id_at(index, &self.log);
        self.view.follow_end(index == last, &self.log);
    }

    /// Removes all messages.
    pub fn clear(&mut self) {
        self.log.clear();
        self.view.rebuild(&self.log);
        self.selected = None;
    }

    /// Sets the most messages to keep.
    pub fn set_max_rows(&mut self, max_rows: usize) {
        self.log.set_max_rows(max_rows);
        self.update_view();
    }

    /// Appends imported rows. Their ids have to continue the log's.
    pub fn append(&mut self, rows: Vec<Row>) {
        rows.into_iter().for_each(|row| self.log.append(row));
        self.view.rebuild(&self.log);
        self.drop_evicted_selection();
    }

    fn drop_evicted_selection(&mut self) {
        self.selected = self.selected.filter(|&id| self.log.row(id).is_some());
    }
}
