//! The view of a log: filter, pause, scroll position, and the window of rows to draw.

use std::collections::VecDeque;
use std::ops::Range;

use crate::filter::Filter;
use crate::message_log::{MessageLog, RowId};

/// Overscan: rows drawn beyond each edge of the viewport, so that scrolling finds them.
const OVERSCAN: usize = 8;

/// The listed rows of a log, for a virtual list. A new message costs constant time; a new
/// filter scans the whole log once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LogView {
    filter: Filter,
    /// The rows that pass the filter; `None` while all pass.
    matching: Option<VecDeque<RowId>>,
    /// The first row hidden by a pause.
    paused_at: Option<RowId>,
    /// The first row that came after the view stopped following the end.
    unfollowed_at: Option<RowId>,
    viewport: Viewport,
    /// Listed rows evicted so far.
    evicted: u64,
    /// The log's first row at the last update.
    first: RowId,
}

/// Scroll position and sizes of the list, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Viewport {
    /// The scroll offset.
    pub top: f64,
    /// The visible height.
    pub height: f64,
    /// The height of a row.
    pub row: f64,
}

impl LogView {
    /// Updates the view after one message was added, or rows were evicted.
    pub fn update(&mut self, log: &MessageLog) {
        let ids = log.ids();
        if let Some(matching) = &mut self.matching {
            let unseen = matching.back().map_or(ids.start, |last| last + 1);
            if let Some(row) = log.latest().filter(|row| row.id >= unseen)
                && self.filter.passes(row)
            {
                matching.push_back(row.id);
            }
            while matching.front().is_some_and(|&id| id < ids.start) {
                matching.pop_front();
                self.evicted += 1;
            }
        } else {
            self.evicted += ids.start.saturating_sub(self.first);
        }
        self.first = ids.start;
    }

    /// Changes the filter.
    pub fn update_filter(&mut self, log: &MessageLog, update: impl FnOnce(&mut Filter)) {
        update(&mut self.filter);
        self.rebuild(log);
    }

    /// Filters the whole log again, and follows the end.
    pub fn rebuild(&mut self, log: &MessageLog) {
        let passing = || log.rows().filter(|row| self.filter.passes(row));
        self.matching = (!self.filter.passes_all()).then(|| passing().map(|row| row.id).collect());
        self.unfollowed_at = None;
        self.first = log.ids().start;
    }

    /// Pauses the list, or resumes it at its end.
    pub fn set_paused(&mut self, paused: bool, log: &MessageLog) {
        self.paused_at = paused.then_some(log.ids().end);
        self.unfollowed_at = None;
    }

    /// Stores the viewport. Only the user's own scrolling stops following the end, or begins it:
    /// a row that is added also moves the end away.
    pub fn set_viewport(&mut self, viewport: Viewport, at_end: Option<bool>, log: &MessageLog) {
        self.viewport = viewport;
        self.follow_end(at_end.unwrap_or(self.follows_end()), log);
    }

    /// Follows the end of the list, or stays at the current position.
    pub fn follow_end(&mut self, follows: bool, log: &MessageLog) {
        let end = log.ids().end;
        self.unfollowed_at = (!follows).then(|| self.unfollowed_at.unwrap_or(end));
    }

    /// Returns the filter.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Returns true if the list follows its end.
    pub fn follows_end(&self) -> bool {
        self.unfollowed_at.is_none()
    }

    /// Returns the number of messages that came during the pause; `None` if not paused.
    pub fn held_back(&self, log: &MessageLog) -> Option<u64> {
        let end = log.ids().end;
        self.paused_at.map(|id| end.saturating_sub(id))
    }

    /// Returns the number of listed messages that came since the view stopped following
    /// the end.
    pub fn unread(&self, log: &MessageLog) -> usize {
        let index = |id| self.lower_bound(id, log);
        self.unfollowed_at
            .map_or(0, |id| self.len(log).saturating_sub(index(id)))
    }

    /// Returns the number of rows evicted from the top of the list so far.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Returns the number of listed messages.
    pub fn len(&self, log: &MessageLog) -> usize {
        let ids = self.listed_ids(log);
        match &self.matching {
            Some(matching) => matching.partition_point(|&id| id < ids.end),
            None => usize::try_from(ids.end - ids.start).unwrap_or(usize::MAX),
        }
    }

    /// Returns the row at `index` of the list.
    pub fn id_at(&self, index: usize, log: &MessageLog) -> Option<RowId> {
        if index >= self.len(log) {
            return None;
        }
        match &self.matching {
            Some(matching) => matching.get(index).copied(),
            None => Some(log.ids().start + index as u64),
        }
    }

    /// Returns the index of a row, if it is listed.
    pub fn index_of(&self, id: RowId, log: &MessageLog) -> Option<usize> {
        let index = self.lower_bound(id, log);
        (self.id_at(index, log) == Some(id)).then_some(index)
    }

    /// Returns the indices of the rows to draw: the visible ones and the overscan.
    pub fn window(&self, log: &MessageLog) -> Range<usize> {
        let Viewport { top, height, row } = self.viewport;
        let len = self.len(log);
        let row = row.max(1.0);
        let visible = (height.min(1e5) / row).ceil() as usize + 1;
        let first = match self.unfollowed_at {
            Some(_) => (top / row) as usize,
            None => len,
        };
        let first = first
            .min(len.saturating_sub(visible))
            .saturating_sub(OVERSCAN);
        first..len.min(first + visible + 2 * OVERSCAN)
    }

    /// Returns the scroll position and sizes.
    pub fn viewport(&self) -> Viewport {
        self.viewport
    }

    /// The log's rows up to the pause.
    fn listed_ids(&self, log: &MessageLog) -> Range<RowId> {
        let ids = log.ids();
        let end = self.paused_at.map_or(ids.end, |id| id.min(ids.end));
        ids.start..end.max(ids.start)
    }

    /// The index of the first listed row that is not before `id`.
    fn lower_bound(&self, id: RowId, log: &MessageLog) -> usize {
        match &self.matching {
            Some(matching) => matching.partition_point(|&it| it < id),
            None => usize::try_from(id.saturating_sub(log.ids().start)).unwrap_or(usize::MAX),
        }
    }
}

/// A usual screen's sizes, until the browser reports its own.
impl Default for Viewport {
    fn default() -> Self {
        Self {
            top: 0.0,
            height: 800.0,
            row: 28.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Matcher;
    use crate::message::{Direction, Kind, Message};
    use crate::time::Moment;

    struct Fixture {
        log: MessageLog,
        view: LogView,
    }

    impl Fixture {
        fn new(messages: &[&'static str]) -> Self {
            let mut this = Self {
                log: MessageLog::default(),
                view: LogView::default(),
            };
            messages.iter().for_each(|message| this.add(message));
            this
        }

        fn add(&mut self, message: &'static str) {
            let at = Moment::default();
            let (kind, payload) = (Kind::Text, message.into());
            self.log.received(Message { kind, payload }, None, at, None);
            self.view.update(&self.log);
        }

        fn set_filter(&mut self, filter: Filter) {
            self.view.update_filter(&self.log, |it| *it = filter);
        }

        fn filter(&mut self, text: &'static str) {
            let matcher = Some(Ok(Matcher::new(move |it| {
                String::from_utf8_lossy(it).contains(text)
            })));
            let filter = Filter {
                text: text.into(),
                matcher,
                ..Filter::default()
            };
            self.set_filter(filter);
        }

        fn ids(&self) -> Vec<RowId> {
            let id = |index| self.view.id_at(index, &self.log).unwrap();
            (0..self.view.len(&self.log)).map(id).collect()
        }

        fn scroll(&mut self, top: f64, at_end: Option<bool>) {
            let viewport = Viewport {
                top,
                height: 100.0,
                row: 10.0,
            };
            self.view.set_viewport(viewport, at_end, &self.log);
        }
    }

    #[test]
    fn a_filter_applies_to_old_and_new_messages() {
        let mut list = Fixture::new(&["apple", "pear", "pineapple"]);
        assert_eq!(list.ids(), [0, 1, 2]);
        list.filter("apple");
        assert_eq!(list.ids(), [0, 2]);
        list.add("plum");
        list.add("apple");
        assert_eq!(list.ids(), [0, 2, 4]);
        assert_eq!(list.view.index_of(2, &list.log), Some(1));
        assert_eq!(list.view.index_of(3, &list.log), None);
        list.set_filter(Filter::default());
        assert_eq!(list.ids(), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_direction_filters_and_an_invalid_regex_does_not() {
        let mut list = Fixture::new(&["a"]);
        let direction = |direction| Filter {
            direction: Some(direction),
            ..Filter::default()
        };
        list.set_filter(direction(Direction::Sent));
        assert!(list.ids().is_empty());
        let broken = Filter {
            matcher: Some(Err("unterminated".into())),
            ..direction(Direction::Received)
        };
        list.set_filter(broken);
        assert_eq!(list.ids(), [0]);
        let error = list.view.filter().error();
        assert_eq!(error, Some("unterminated"));
    }

    #[test]
    fn a_paused_list_counts_held_back_messages() {
        let mut list = Fixture::new(&["a", "b"]);
        list.view.set_paused(true, &list.log);
        list.add("c");
        list.add("d");
        assert_eq!(list.ids(), [0, 1]);
        assert_eq!(list.view.held_back(&list.log), Some(2));
        list.filter("c");
        assert!(list.ids().is_empty());
        list.view.set_paused(false, &list.log);
        assert_eq!(list.ids(), [2]);
        assert_eq!(list.view.held_back(&list.log), None);
    }

    #[test]
    fn evicted_rows_leave_the_list() {
        let mut list = Fixture::new(&["a", "b", "a", "b"]);
        list.filter("a");
        list.log.set_max_rows(2);
        list.view.update(&list.log);
        assert_eq!((list.ids(), list.view.evicted()), (vec![2], 1));
        list.set_filter(Filter::default());
        list.log.set_max_rows(1);
        list.view.update(&list.log);
        assert_eq!((list.ids(), list.view.evicted()), (vec![3], 2));
    }

    #[test]
    fn a_pause_outlasts_the_eviction_of_its_rows() {
        let mut list = Fixture::new(&["a", "b"]);
        list.view.set_paused(true, &list.log);
        list.log.set_max_rows(1);
        for _ in 0..3 {
            list.add("c");
        }
        assert!(list.ids().is_empty());
        assert_eq!(list.view.held_back(&list.log), Some(3));
    }

    #[test]
    fn new_messages_are_counted_while_not_following_the_end() {
        let mut list = Fixture::new(&["a"; 50]);
        list.scroll(400.0, None);
        assert!(list.view.follows_end());
        list.scroll(390.0, Some(false));
        list.add("b");
        list.add("c");
        list.scroll(20.0, None);
        assert_eq!(list.view.unread(&list.log), 2);
        list.scroll(420.0, Some(true));
        assert_eq!(list.view.unread(&list.log), 0);
        assert!(list.view.follows_end());
    }

    #[test]
    fn the_window_is_the_viewport_with_overscan() {
        let mut list = Fixture::new(&["a"; 200]);
        list.view.follow_end(false, &list.log);
        let mut check = |top: f64, at_end, expected: Range<usize>| {
            list.scroll(top, at_end);
            assert_eq!(list.view.window(&list.log), expected, "from {top}");
        };
        check(0.0, None, 0..27);
        check(1000.0, None, 92..119);
        check(f64::NAN, None, 0..27);
        check(1e9, None, 181..200);
        check(1900.0, Some(true), 181..200);
        let few = Fixture::new(&["a"; 3]);
        assert_eq!(few.view.window(&few.log), 0..3);
    }
}
