//! Documents that several tabs of the page share in the browser's storage: lines, each of which
//! is an item.
//!
//! A tab never writes back a copy that it read some time ago: it merges its own changes since
//! then into what is stored now.

/// A tab's side of a shared document.
#[derive(Debug, Clone, Default)]
pub struct SharedLines {
    /// The text that this tab and the storage last had in common.
    base: String,
    /// Lines of this tab that found no room.
    unkept: String,
}

/// The result of [`SharedLines::sync`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synced {
    /// The text with the changes of this tab and of others.
    pub text: String,
    /// True if lines found no room in the storage, and had not failed before.
    pub is_lost: bool,
}

impl SharedLines {
    /// Creates the document of a tab that has just read `stored`.
    pub fn new(stored: String) -> Self {
        Self {
            base: stored,
            unkept: String::new(),
        }
    }

    /// Merges this tab's text with the stored one. `store` replaces the stored text, and returns
    /// false if there is no room for it: then each added line is stored that does find room, so
    /// that a long one keeps no other out.
    pub fn sync(&mut self, own: &str, stored: &str, store: &mut dyn FnMut(&str) -> bool) -> Synced {
        let base = &*self.base;
        let added = lines(own, &|line| !has(base, line) && !has(stored, line));
        let left = lines(stored, &|line| has(own, line) || !has(base, line));
        let mut synced = Synced {
            text: match stored == base {
                true => own.into(),
                false => append(&left, &added),
            },
            is_lost: false,
        };
        let mut unkept = String::new();
        let mut kept = synced.text.clone();
        if kept != stored && !store(&kept) {
            store(&left);
            kept = left;
            for line in added.lines() {
                let longer = append(&kept, line);
                if store(&longer) {
                    kept = longer;
                } else {
                    synced.is_lost |= !has(&self.unkept, line);
                    unkept = append(&unkept, line);
                }
            }
        }
        *self = Self { base: kept, unkept };
        synced
    }
}

/// The lines of a text that are wanted.
fn lines(text: &str, is_wanted: &dyn Fn(&str) -> bool) -> String {
    let mut lines = String::new();
    for line in text.lines() {
        if is_wanted(line) {
            lines = append(&lines, line);
        }
    }
    lines
}

fn append(text: &str, lines: &str) -> String {
    let between = match text.is_empty() || lines.is_empty() {
        true => "",
        false => "\n",
    };
    [text, between, lines].concat()
}

fn has(text: &str, line: &str) -> bool {
    text.lines().any(|it| it == line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two tabs and the storage that they share.
    struct Tabs {
        stored: String,
        room: usize,
        tabs: [SharedLines; 2],
    }

    impl Tabs {
        fn new(stored: &str, room: usize) -> Self {
            let tab = || SharedLines::new(stored.into());
            Self {
                stored: stored.into(),
                room,
                tabs: [tab(), tab()],
            }
        }

        fn sync(&mut self, tab: usize, own: &str) -> (String, bool) {
            let stored = self.stored.clone();
            let mut store = |text: &str| {
                let fits = text.len() <= self.room;
                if fits {
                    self.stored = text.into();
                }
                fits
            };
            let synced = self.tabs[tab].sync(own, &stored, &mut store);
            (synced.text, synced.is_lost)
        }
    }

    fn kept(text: &str) -> (String, bool) {
        (text.into(), false)
    }

    #[test]
    fn a_tab_keeps_what_another_one_stored() {
        let mut tabs = Tabs::new("a\nb", 100);
        assert_eq!(tabs.sync(0, "a\nb\nc"), kept("a\nb\nc"));
        // The other tab has deleted a, and has not heard of c.
        assert_eq!(tabs.sync(1, "b\nd"), kept("b\nc\nd"));
        assert_eq!(tabs.stored, "b\nc\nd");
        // The first one hears of it, and changes nothing.
        assert_eq!(tabs.sync(0, "a\nb\nc"), kept("b\nc\nd"));
        assert_eq!(tabs.sync(0, "b\nc\nd"), kept("b\nc\nd"));
        assert_eq!(tabs.stored, "b\nc\nd");
    }

    #[test]
    fn an_order_that_only_this_tab_changed_is_kept() {
        let mut tabs = Tabs::new("a\nb", 100);
        assert_eq!(tabs.sync(0, "b\na"), kept("b\na"));
        assert_eq!(tabs.stored, "b\na");
        assert_eq!(tabs.sync(1, "a\nb"), kept("b\na"));
    }

    #[test]
    fn a_line_without_room_is_told_once_and_keeps_no_other_out() {
        let mut tabs = Tabs::new("a", 9);
        let long = "x".repeat(20);
        let with_long = format!("a\n{long}");
        assert_eq!(tabs.sync(0, &with_long), (with_long.clone(), true));
        assert_eq!(tabs.stored, "a");
        // A short one, and a deletion, are stored all the same.
        let more = format!("{with_long}\nb");
        assert_eq!(tabs.sync(0, &more), kept(&more));
        assert_eq!(tabs.stored, "a\nb");
        tabs.sync(0, &format!("{long}\nb"));
        assert_eq!(tabs.stored, "b");
        // What another tab stores arrives, and the long one stays in its own tab.
        assert_eq!(tabs.sync(1, "b\nc"), kept("b\nc"));
        assert_eq!(
            tabs.sync(0, &format!("{long}\nb")),
            kept(&format!("b\nc\n{long}"))
        );
    }

    #[test]
    fn a_forbidden_storage_loses_everything_and_says_so() {
        let mut tabs = Tabs::new("", 0);
        assert_eq!(tabs.sync(0, "a"), ("a".into(), true));
        assert_eq!(tabs.sync(0, "a"), kept("a"));
        assert_eq!(tabs.sync(0, "a\nb"), ("a\nb".into(), true));
    }
}
