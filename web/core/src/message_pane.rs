//! A message pane: a log, its view on the screen, the selected row, and several chosen ones.

use std::rc::Rc;

use crate::format;
use crate::log_view::LogView;
use crate::message_log::{MessageLog, Row, RowId};
use crate::packed;
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
    /// All chosen rows in ascending order, if there are several.
    pub chosen: Vec<RowId>,
    /// True while a press on a row chooses it, too: a touch screen has no Ctrl.
    pub is_choosing: bool,
    /// The row that someone works with in the wire view, if none is selected.
    pub held: Option<RowId>,
    /// The row at which a range of chosen rows begins.
    anchor: Option<RowId>,
}

impl MessagePane {
    /// Creates an empty pane that keeps at most `max_rows` messages.
    pub fn new(max_rows: usize) -> Self {
        let mut this = Self::default();
        this.log.set_max_rows(max_rows);
        this
    }

    /// Returns the message of the wire view: the selected one, otherwise the held one or the latest.
    pub fn shown(&self) -> Option<&Rc<Row>> {
        self.selected
            .and_then(|id| self.log.row(id))
            .filter(|row| row.event.is_none())
            .or_else(|| self.log.row(self.held?))
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
        self.anchor = id;
        self.chosen.clear();
        self.drop_evicted_selection();
    }

    /// Selects the row that was pressed, or chooses it, too. Ends the choosing if it is none.
    pub fn press(&mut self, id: Option<RowId>) {
        match id.filter(|_| self.is_choosing) {
            Some(id) => self.toggle(id),
            None => {
                self.is_choosing = false;
                self.select(id);
            }
        }
    }

    /// Moves the selection by `step` through the listed rows. If `extends`, chooses the messages
    /// on the way.
    pub fn move_selection(&mut self, step: Step, extends: bool) {
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
        match self.view.id_at(index, &self.log) {
            Some(id) if extends => self.extend(id),
            id => self.select(id),
        }
        self.view.follow_end(index == last, &self.log);
    }

    /// Adds a message to the chosen ones, or removes it.
    pub fn toggle(&mut self, id: RowId) {
        if self.log.row(id).is_none_or(|row| row.event.is_some()) {
            return;
        }
        let mut chosen = self.chosen();
        match chosen.binary_search(&id) {
            Ok(place) => {
                chosen.remove(place);
            }
            Err(place) => chosen.insert(place, id),
        }
        self.select(chosen.last().copied());
        self.choose(chosen, id);
    }

    /// Chooses all messages from the first selected one to `id`.
    pub fn extend(&mut self, id: RowId) {
        let anchor = self.anchor.unwrap_or(id);
        let ends = anchor.min(id)..=anchor.max(id);
        let chosen = self.listed().filter(|it| ends.contains(it)).collect();
        self.selected = Some(id);
        self.choose(chosen, anchor);
    }

    /// Chooses all listed messages.
    pub fn choose_all(&mut self) {
        let chosen: Vec<_> = self.listed().collect();
        if let (Some(&first), Some(&last)) = (chosen.first(), chosen.last()) {
            self.selected = Some(last);
            self.choose(chosen, first);
        }
    }

    /// Returns the chosen messages, in order.
    pub fn chosen(&self) -> Vec<RowId> {
        match self.chosen.is_empty() {
            true => self.selected.into_iter().collect(),
            false => self.chosen.clone(),
        }
    }

    /// Returns the text of the chosen messages, a line each. Bytes that are not text are in
    /// hexadecimal.
    pub fn copy(&self) -> String {
        let rows = self.chosen().into_iter().filter_map(|id| self.log.row(id));
        let rows = rows.filter(|row| row.event.is_none());
        let lines = rows.map(|row| match std::str::from_utf8(&row.payload) {
            Ok(text) => text.to_owned(),
            Err(_) => format::hex(&row.payload),
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    fn choose(&mut self, chosen: Vec<RowId>, anchor: RowId) {
        self.anchor = Some(anchor);
        self.chosen = if chosen.len() > 1 { chosen } else { Vec::new() };
        self.drop_evicted_selection();
    }

    fn listed(&self) -> impl Iterator<Item = RowId> {
        let ids =
            (0..self.view.len(&self.log)).filter_map(|index| self.view.id_at(index, &self.log));
        ids.filter(|&id| self.log.row(id).is_some_and(|row| row.event.is_none()))
    }

    /// Removes all messages.
    pub fn clear(&mut self) {
        self.log.clear();
        self.view.rebuild(&self.log);
        self.press(None);
    }

    /// Sets the most messages to keep.
    pub fn set_max_rows(&mut self, max_rows: usize) {
        self.log.set_max_rows(max_rows);
        self.update_view();
    }

    /// Appends imported rows, with new ids, and headings of their days.
    pub fn append(&mut self, mut rows: Vec<Row>) {
        let mut last = None;
        packed::renumber(&mut rows, self.log.ids().end, |row| {
            self.log.begins_day(&mut last, row.at)
        });
        rows.into_iter()
            .for_each(|row| self.log.append_imported(row));
        self.view.rebuild(&self.log);
        self.drop_evicted_selection();
    }

    fn drop_evicted_selection(&mut self) {
        let first = self.log.ids().start;
        self.selected = self.selected.filter(|&id| self.log.row(id).is_some());
        self.anchor = self.anchor.filter(|&id| id >= first);
        if self.chosen.first().is_some_and(|&id| id < first) {
            self.chosen.retain(|&id| id >= first);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Kind, Message};
    use crate::message_log::Pairing;
    use crate::resumable_connection::SessionEvent;
    use crate::time::Moment;

    /// A pane with an event, then the messages `a`, bytes, and `c`.
    fn pane() -> MessagePane {
        let mut pane = MessagePane::new(10);
        let at = Moment::default();
        pane.log.add_event(SessionEvent::Disconnected, at);
        for payload in [&b"a"[..], b"\xff\0", b"c"] {
            let message = Message {
                kind: Kind::Binary,
                payload: payload.into(),
            };
            pane.log.sent(message, None, at, Pairing::Pending);
        }
        pane.update_view();
        pane
    }

    #[test]
    fn a_range_has_its_messages_and_no_events() {
        let mut pane = pane();
        pane.select(Some(3));
        pane.extend(0);
        assert_eq!(pane.chosen(), [1, 2, 3]);
        assert_eq!(pane.copy(), "a\nff 00\nc");
        pane.extend(2);
        assert_eq!((pane.chosen(), pane.selected), (vec![2, 3], Some(2)));
        pane.select(Some(1));
        assert_eq!(pane.chosen(), [1]);
        pane.choose_all();
        assert_eq!(pane.chosen(), [1, 2, 3]);
    }

    #[test]
    fn rows_are_added_and_removed_one_by_one() {
        let mut pane = pane();
        pane.toggle(3);
        pane.toggle(1);
        assert_eq!(pane.chosen(), [1, 3]);
        pane.toggle(3);
        assert_eq!((pane.chosen(), pane.selected), (vec![1], Some(1)));
        pane.toggle(1);
        assert!(pane.chosen().is_empty());
    }

    #[test]
    fn a_press_chooses_while_several_are_chosen() {
        let mut pane = pane();
        pane.press(Some(1));
        pane.is_choosing = true;
        pane.press(Some(3));
        assert_eq!(pane.chosen(), [1, 3]);
        // The event of a connection is no message.
        pane.press(Some(0));
        pane.press(Some(1));
        assert_eq!((pane.chosen(), pane.selected), (vec![3], Some(3)));
        pane.press(None);
        assert!(pane.chosen().is_empty() && !pane.is_choosing);
        pane.press(Some(2));
        pane.press(Some(3));
        assert_eq!(pane.chosen(), [3]);
    }

    #[test]
    fn keys_extend_the_range_from_its_first_row() {
        let mut pane = pane();
        pane.move_selection(Step::Last, false);
        pane.move_selection(Step::Previous, true);
        pane.move_selection(Step::Previous, true);
        assert_eq!(pane.chosen(), [1, 2, 3]);
        pane.move_selection(Step::Next, true);
        assert_eq!(pane.chosen(), [2, 3]);
        pane.move_selection(Step::Next, false);
        assert_eq!(pane.chosen(), [3]);
    }

    #[test]
    fn evicted_rows_are_not_chosen() {
        let mut pane = pane();
        pane.choose_all();
        assert_eq!(pane.log.message_count(), 3);
        pane.set_max_rows(2);
        assert_eq!((pane.chosen(), pane.log.message_count()), (vec![2, 3], 2));
        pane.clear();
        assert!(pane.chosen().is_empty());
    }
}
