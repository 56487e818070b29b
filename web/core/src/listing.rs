//! The part of the log that is on the screen: what passes the filter, held still while
//! paused, and followed at its end.

use std::collections::VecDeque;
use std::ops::Range;

use crate::filter::{Filter, Matcher};
use crate::log::{Direction, Id, Log};

/// Rows that are drawn beyond each edge of what can be seen, for scrolling to find.
const MARGIN: usize = 8;

/// What the person sees of the log. Noting a new message costs the same however many
/// there are; another filter looks at all of them once.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    filter: Filter,
    /// What passes the filter; `None` while everything does.
    matching: Option<VecDeque<Id>>,
    /// The first message that is held back.
    paused_at: Option<Id>,
    /// The first message that came after the person left the end of the log.
    left_end_at: Option<Id>,
    viewport: Viewport,
    /// How many listed rows were let go from the log, in all.
    gone: u64,
    /// The first message of the log when it was last looked at.
    first: Id,
}

/// Where the list is scrolled to, and its measures, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Viewport {
    /// What is above.
    pub top: f64,
    /// What can be seen.
    pub height: f64,
    /// A row.
    pub row: f64,
}

impl Listing {
    /// Takes note of what the log got and let go since the last time.
    pub fn follow(&mut self, log: &Log) {
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
                self.gone += 1;
            }
        } else {
            self.gone += ids.start.saturating_sub(self.first);
        }
        self.first = ids.start;
    }

    /// Lists what passes `filter`.
    pub fn filter(&mut self, filter: Filter, log: &Log) {
        self.filter = filter;
        self.list_anew(log);
    }

    /// Lists what passes by its text, of the directions that were to be seen before.
    pub fn search(&mut self, text: String, matcher: Option<Result<Matcher, String>>, log: &Log) {
        self.filter.text = text;
        self.filter.matcher = matcher;
        self.list_anew(log);
    }

    /// Lists the messages of one direction, or of both, that passed by their text before.
    pub fn direct(&mut self, direction: Option<Direction>, log: &Log) {
        self.filter.direction = direction;
        self.list_anew(log);
    }

    /// Lists the messages of one client, or of all, that passed otherwise before.
    pub fn only(&mut self, client: Option<u64>, log: &Log) {
        self.filter.client = client;
        self.list_anew(log);
    }

    /// Looks at all of the log again.
    pub fn list_anew(&mut self, log: &Log) {
        let passing = || log.rows().filter(|row| self.filter.passes(row));
        self.matching = (!self.filter.is_open()).then(|| passing().map(|row| row.id).collect());
        self.left_end_at = None;
        self.first = log.ids().start;
    }

    /// Holds the list still, or lets it go on at its end.
    pub fn pause(&mut self, paused: bool, log: &Log) {
        self.paused_at = paused.then_some(log.ids().end);
        self.left_end_at = None;
    }

    /// Takes over where the list was scrolled to. Only upwards leaves the end: what is
    /// added there moves it away without anyone having scrolled.
    pub fn scrolled(&mut self, viewport: Viewport, at_end: bool, log: &Log) {
        let upwards = viewport.top < self.viewport.top;
        self.viewport = viewport;
        self.stay(!at_end && (upwards || self.left_end_at.is_some()), log);
    }

    /// Stays where it is, or goes to the end and follows that.
    pub fn stay(&mut self, stays: bool, log: &Log) {
        let end = log.ids().end;
        self.left_end_at = stays.then(|| self.left_end_at.unwrap_or(end));
    }

    /// The filter.
    pub fn current_filter(&self) -> &Filter {
        &self.filter
    }

    /// Whether the list is held still.
    pub fn is_paused(&self) -> bool {
        self.paused_at.is_some()
    }

    /// Whether the list follows its end.
    pub fn is_at_end(&self) -> bool {
        self.left_end_at.is_none()
    }

    /// Messages that came while the list was paused.
    pub fn held_back(&self, log: &Log) -> u64 {
        let end = log.ids().end;
        self.paused_at.map_or(0, |id| end.saturating_sub(id))
    }

    /// Listed messages that came since the person left the end.
    pub fn new_below(&self, log: &Log) -> usize {
        let index = |id| self.index_from(id, log);
        self.left_end_at
            .map_or(0, |id| self.len(log).saturating_sub(index(id)))
    }

    /// How many rows were let go from the beginning of the list so far.
    pub fn gone(&self) -> u64 {
        self.gone
    }

    /// How many messages are listed.
    pub fn len(&self, log: &Log) -> usize {
        let ids = self.listed(log);
        match &self.matching {
            Some(matching) => matching.partition_point(|&id| id < ids.end),
            None => usize::try_from(ids.end - ids.start).unwrap_or(usize::MAX),
        }
    }

    /// The message in the place `index` of the list.
    pub fn id(&self, index: usize, log: &Log) -> Option<Id> {
        if index >= self.len(log) {
            return None;
        }
        match &self.matching {
            Some(matching) => matching.get(index).copied(),
            None => Some(log.ids().start + index as u64),
        }
    }

    /// The place of the message called `id`, if it is listed.
    pub fn index(&self, id: Id, log: &Log) -> Option<usize> {
        let index = self.index_from(id, log);
        (self.id(index, log) == Some(id)).then_some(index)
    }

    /// The places to draw: what can be seen, and a margin.
    pub fn window(&self, log: &Log) -> Range<usize> {
        let Viewport { top, height, row } = self.viewport;
        let len = self.len(log);
        let row = row.max(1.0);
        let seen = (height.min(1e5) / row).ceil() as usize + 1;
        let first = match self.left_end_at {
            Some(_) => (top / row) as usize,
            None => len,
        };
        let first = first.min(len.saturating_sub(seen)).saturating_sub(MARGIN);
        first..len.min(first + seen + 2 * MARGIN)
    }

    /// Where the list is scrolled to, and its measures.
    pub fn viewport(&self) -> Viewport {
        self.viewport
    }

    fn listed(&self, log: &Log) -> Range<Id> {
        let ids = log.ids();
        let end = self.paused_at.map_or(ids.end, |id| id.min(ids.end));
        ids.start..end.max(ids.start)
    }

    /// The place of the first listed message that is not before `id`.
    fn index_from(&self, id: Id, log: &Log) -> usize {
        match &self.matching {
            Some(matching) => matching.partition_point(|&it| it < id),
            None => usize::try_from(id.saturating_sub(log.ids().start)).unwrap_or(usize::MAX),
        }
    }
}

/// The measures are those of a usual screen, until the browser tells its own.
impl Default for Listing {
    fn default() -> Self {
        Self {
            filter: Filter::default(),
            matching: None,
            paused_at: None,
            left_end_at: None,
            viewport: Viewport {
                top: 0.0,
                height: 800.0,
                row: 28.0,
            },
            gone: 0,
            first: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Matcher;
    use crate::log::{Direction, Kind};
    use crate::time::Moment;

    struct Fixture {
        log: Log,
        listing: Listing,
    }

    impl Fixture {
        fn new(messages: &[&'static str]) -> Self {
            let mut this = Self {
                log: Log::default(),
                listing: Listing::default(),
            };
            messages.iter().for_each(|message| this.add(message));
            this
        }

        fn add(&mut self, message: &'static str) {
            let at = Moment::default();
            self.log.received(Kind::Text, message.into(), at);
            self.listing.follow(&self.log);
        }

        fn filter(&mut self, text: &'static str) {
            let matcher = Some(Ok(Matcher::new(move |it| it.contains(text))));
            let filter = Filter {
                text: text.into(),
                matcher,
                ..Filter::default()
            };
            self.listing.filter(filter, &self.log);
        }

        fn ids(&self) -> Vec<Id> {
            let id = |index| self.listing.id(index, &self.log).unwrap();
            (0..self.listing.len(&self.log)).map(id).collect()
        }

        fn scroll(&mut self, top: f64, at_end: bool) {
            let viewport = Viewport {
                top,
                height: 100.0,
                row: 10.0,
            };
            self.listing.scrolled(viewport, at_end, &self.log);
        }
    }

    #[test]
    fn a_filter_lists_what_passes_before_and_after() {
        let mut list = Fixture::new(&["apple", "pear", "pineapple"]);
        assert_eq!(list.ids(), [0, 1, 2]);
        list.filter("apple");
        assert_eq!(list.ids(), [0, 2]);
        list.add("plum");
        list.add("apple");
        assert_eq!(list.ids(), [0, 2, 4]);
        assert_eq!(list.listing.index(2, &list.log), Some(1));
        assert_eq!(list.listing.index(3, &list.log), None);
        list.listing.filter(Filter::default(), &list.log);
        assert_eq!(list.ids(), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_direction_is_a_filter_and_an_error_is_none() {
        let mut list = Fixture::new(&["a"]);
        let direction = |direction| Filter {
            direction: Some(direction),
            ..Filter::default()
        };
        list.listing.filter(direction(Direction::Sent), &list.log);
        assert!(list.ids().is_empty());
        let broken = Filter {
            matcher: Some(Err("unterminated".into())),
            ..direction(Direction::Received)
        };
        list.listing.filter(broken, &list.log);
        assert_eq!(list.ids(), [0]);
        let error = list.listing.current_filter().error();
        assert_eq!(error, Some("unterminated"));
    }

    #[test]
    fn a_paused_list_holds_still_and_counts() {
        let mut list = Fixture::new(&["a", "b"]);
        list.listing.pause(true, &list.log);
        list.add("c");
        list.add("d");
        assert_eq!(list.ids(), [0, 1]);
        assert_eq!(list.listing.held_back(&list.log), 2);
        list.filter("c");
        assert!(list.ids().is_empty());
        list.listing.pause(false, &list.log);
        assert_eq!(list.ids(), [2]);
        assert_eq!(list.listing.held_back(&list.log), 0);
    }

    #[test]
    fn what_the_log_lets_go_leaves_the_list() {
        let mut list = Fixture::new(&["a", "b", "a", "b"]);
        list.filter("a");
        list.log.limit(2);
        list.listing.follow(&list.log);
        assert_eq!((list.ids(), list.listing.gone()), (vec![2], 1));
        list.listing.filter(Filter::default(), &list.log);
        list.log.limit(1);
        list.listing.follow(&list.log);
        assert_eq!((list.ids(), list.listing.gone()), (vec![3], 2));
    }

    #[test]
    fn a_pause_outlasts_what_it_showed() {
        let mut list = Fixture::new(&["a", "b"]);
        list.listing.pause(true, &list.log);
        list.log.limit(1);
        for _ in 0..3 {
            list.add("c");
        }
        assert!(list.ids().is_empty());
        assert_eq!(list.listing.held_back(&list.log), 3);
    }

    #[test]
    fn away_from_the_end_new_messages_are_counted() {
        let mut list = Fixture::new(&["a"; 50]);
        list.scroll(400.0, false);
        assert!(list.listing.is_at_end());
        list.scroll(0.0, false);
        list.add("b");
        list.add("c");
        list.scroll(20.0, false);
        assert_eq!(list.listing.new_below(&list.log), 2);
        list.scroll(420.0, true);
        assert_eq!(list.listing.new_below(&list.log), 0);
        assert!(list.listing.is_at_end());
    }

    #[test]
    fn only_what_can_be_seen_is_drawn() {
        let mut list = Fixture::new(&["a"; 200]);
        list.listing.stay(true, &list.log);
        let mut check = |top: f64, at_end, expected: Range<usize>| {
            list.scroll(top, at_end);
            assert_eq!(list.listing.window(&list.log), expected, "from {top}");
        };
        check(0.0, false, 0..27);
        check(1000.0, false, 92..119);
        check(f64::NAN, false, 0..27);
        check(1e9, false, 181..200);
        check(1900.0, true, 181..200);
        let few = Fixture::new(&["a"; 3]);
        assert_eq!(few.listing.window(&few.log), 0..3);
    }
}
