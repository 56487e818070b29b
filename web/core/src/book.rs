//! Messages as the person reads them: the log, what is on the screen of it, and the message
//! that was chosen.

use std::rc::Rc;

use crate::action::Step;
use crate::listing::Listing;
use crate::log::{Id, Log, Row};

/// A log, and how the person looks at it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Book {
    /// The messages.
    pub log: Log,
    /// The part of them that is on the screen.
    pub listing: Listing,
    /// The message that the person chose to look at.
    pub selected: Option<Id>,
}

impl Book {
    /// A book that keeps at most `max_rows` messages.
    pub fn of(max_rows: usize) -> Self {
        let mut this = Self::default();
        this.log.limit(max_rows);
        this
    }

    /// The message to show in detail: the chosen one, otherwise the latest.
    pub fn shown(&self) -> Option<&Rc<Row>> {
        self.selected
            .and_then(|id| self.log.row(id))
            .or_else(|| self.log.latest())
    }

    /// Takes note of what the log got and let go since the last time.
    pub fn follow(&mut self) {
        self.listing.follow(&self.log);
    }

    /// Chooses a message, or none.
    pub fn select(&mut self, id: Option<Id>) {
        self.selected = id;
        self.forget_what_went();
    }

    /// Chooses the message that is a step away.
    pub fn move_selection(&mut self, step: Step) {
        let Some(last) = self.listing.len(&self.log).checked_sub(1) else {
            return;
        };
        let selected = self
            .selected
            .and_then(|id| self.listing.index(id, &self.log));
        let index = match (step, selected) {
            (Step::First, _) => 0,
            (Step::Last, _) | (_, None) => last,
            (Step::Earlier, Some(index)) => index.saturating_sub(1),
            (Step::Later, Some(index)) => (index + 1).min(last),
        };
        self.selected = self.listing.id(index, &self.log);
        self.listing.stay(index < last, &self.log);
    }

    /// Forgets all messages.
    pub fn clear(&mut self) {
        self.log.clear();
        self.listing.list_anew(&self.log);
    }

    /// Keeps at most `max_rows` messages from now on.
    pub fn keep(&mut self, max_rows: usize) {
        self.log.limit(max_rows);
        self.listing.follow(&self.log);
    }

    /// Adds messages of another time. Their names have to be the next.
    pub fn restore(&mut self, rows: Vec<Row>) {
        rows.into_iter().for_each(|row| self.log.restore(row));
        self.listing.list_anew(&self.log);
    }

    /// A message that the log has let go is chosen no longer.
    pub fn forget_what_went(&mut self) {
        self.selected = self.selected.filter(|&id| self.log.row(id).is_some());
    }
}
