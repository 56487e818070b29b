//! Entries of the browser's storage, which all tabs of the page share.
//!
//! Each item has a key of its own. A tab writes the keys alone whose values it has changed itself,
//! and never a copy of another item: tabs that change different items at the same time keep each
//! other's changes.

/// Keys and their values, in the order of the keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entries(Vec<(String, String)>);

impl Entries {
    /// Returns the keys and values, in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }

    /// Returns the value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        let place = self.place(key).ok()?;
        Some(&self.0[place].1)
    }

    /// Sets the value of a key; `None` removes it.
    pub fn set(&mut self, key: &str, value: Option<&str>) {
        match (self.place(key), value) {
            (Ok(place), Some(value)) => self.0[place].1 = value.into(),
            (Ok(place), None) => drop(self.0.remove(place)),
            (Err(place), Some(value)) => self.0.insert(place, (key.into(), value.into())),
            (Err(_), None) => {}
        }
    }

    fn place(&self, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(it, _)| (**it).cmp(key))
    }
}

/// A tab's side of the shared entries.
#[derive(Debug, Clone, Default)]
pub struct SharedEntries {
    /// The entries that this tab and the storage last had in common.
    base: Entries,
    /// Entries of this tab that found no room.
    unkept: Entries,
}

/// The result of [`SharedEntries::sync`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synced {
    /// The entries with the changes of this tab and of others.
    pub entries: Entries,
    /// The last key whose value found no room, unless that had failed before.
    pub lost: Option<String>,
}

impl SharedEntries {
    /// Creates the entries of a tab that has just read `stored`.
    pub fn new(stored: Entries) -> Self {
        Self {
            base: stored,
            unkept: Entries::default(),
        }
    }

    /// Stores the changes of this tab, whose entries are `own`, and takes over those of others from
    /// what is `stored`. `set` stores a value or removes it, and returns false if there is no room
    /// for it: such a change stays in this tab, until another tab changes that item.
    pub fn sync(
        &mut self,
        own: &Entries,
        stored: Entries,
        set: &mut dyn FnMut(&str, Option<&str>) -> bool,
    ) -> Synced {
        let (mut merged, mut lost) = (stored.clone(), None);
        let (mut base, mut unkept) = (stored, Entries::default());
        let removed = self.base.iter().filter(|(key, _)| own.get(key).is_none());
        for (key, _) in own.iter().chain(removed) {
            let (value, before) = (own.get(key), self.base.get(key));
            let was_unkept = value.is_some() && self.unkept.get(key) == value;
            let is_overtaken = was_unkept && base.get(key) != before;
            if value == before || value == base.get(key) || is_overtaken {
                continue;
            }
            merged.set(key, value);
            if set(key, value) {
                base.set(key, value);
            } else {
                unkept.set(key, value);
                if !was_unkept {
                    lost = Some(key.into());
                }
            }
        }
        *self = Self { base, unkept };
        Synced {
            entries: merged,
            lost,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(text: &str) -> Entries {
        let mut entries = Entries::default();
        for entry in text.split_whitespace() {
            let (key, value) = entry.split_once('=').unwrap();
            entries.set(key, Some(value));
        }
        entries
    }

    /// Two tabs and the storage that they share.
    struct Tabs {
        stored: Entries,
        room: usize,
        tabs: [SharedEntries; 2],
        /// Keys that were set or removed.
        touched: Vec<String>,
    }

    impl Tabs {
        fn new(stored: &str, room: usize) -> Self {
            let tab = || SharedEntries::new(entries(stored));
            Self {
                stored: entries(stored),
                room,
                tabs: [tab(), tab()],
                touched: Vec::new(),
            }
        }

        /// Synchronises a tab whose entries are `own`; returns the merged ones, and what is lost.
        fn sync(&mut self, tab: usize, own: &str) -> (Entries, Option<String>) {
            let stored = self.stored.clone();
            self.sync_with(tab, own, stored)
        }

        /// As [`sync`](Self::sync), for a tab that reads `stored`.
        fn sync_with(
            &mut self,
            tab: usize,
            own: &str,
            stored: Entries,
        ) -> (Entries, Option<String>) {
            let mut set = |key: &str, value: Option<&str>| {
                self.touched.push(key.into());
                let mut changed = self.stored.clone();
                changed.set(key, value);
                let len: usize = changed
                    .iter()
                    .map(|(key, value)| key.len() + value.len())
                    .sum();
                let fits = len <= self.room;
                if fits {
                    self.stored = changed;
                }
                fits
            };
            let synced = self.tabs[tab].sync(&entries(own), stored, &mut set);
            (synced.entries, synced.lost)
        }
    }

    #[test]
    fn a_key_is_set_replaced_and_removed() {
        let mut all = entries("b=2 a=1 b=3");
        let found: Vec<_> = all.iter().collect();
        assert_eq!(found, [("a", "1"), ("b", "3")]);
        all.set("a", None);
        all.set("none", None);
        assert_eq!((all.get("a"), all.get("b")), (None, Some("3")));
    }

    #[test]
    fn a_tab_keeps_what_another_one_stored() {
        let mut tabs = Tabs::new("a=1 b=1", 100);
        assert_eq!(tabs.sync(0, "a=1 b=1 c=1").0, entries("a=1 b=1 c=1"));
        // The other tab has deleted a, and has not heard of c.
        assert_eq!(tabs.sync(1, "b=1 d=1").0, entries("b=1 c=1 d=1"));
        assert_eq!(tabs.stored, entries("b=1 c=1 d=1"));
        // The first one hears of it, and changes nothing.
        tabs.touched.clear();
        assert_eq!(tabs.sync(0, "a=1 b=1 c=1").0, entries("b=1 c=1 d=1"));
        assert_eq!(tabs.sync(0, "b=1 c=1 d=1").0, entries("b=1 c=1 d=1"));
        assert!(tabs.touched.is_empty());
    }

    #[test]
    fn tabs_that_read_before_either_writes_keep_each_others_changes() {
        let mut tabs = Tabs::new("theme=dark keep=1", 100);
        let before = tabs.stored.clone();
        tabs.sync_with(0, "theme=light keep=1", before.clone());
        tabs.sync_with(1, "theme=dark keep=2 utc=1", before);
        assert_eq!(tabs.touched, ["theme", "keep", "utc"]);
        assert_eq!(tabs.stored, entries("theme=light keep=2 utc=1"));
        for tab in [0, 1] {
            let own = ["theme=light keep=1", "theme=dark keep=2 utc=1"][tab];
            assert_eq!(tabs.sync(tab, own).0, entries("theme=light keep=2 utc=1"));
        }
    }

    #[test]
    fn a_value_without_room_is_told_once_and_keeps_no_other_out() {
        let mut tabs = Tabs::new("a=1", 6);
        let long = "l=xxxxxxxxxxxxxxxxxxxx";
        let with_long = format!("a=1 {long}");
        let (own, lost) = tabs.sync(0, &with_long);
        assert_eq!((own, lost.as_deref()), (entries(&with_long), Some("l")));
        // A short one, and a deletion, are stored all the same.
        let more = format!("{with_long} b=1");
        assert_eq!(tabs.sync(0, &more), (entries(&more), None));
        assert_eq!(tabs.stored, entries("a=1 b=1"));
        tabs.sync(0, &format!("{long} b=1"));
        assert_eq!(tabs.stored, entries("b=1"));
        // What another tab stores arrives, and the long one stays in its own tab.
        assert_eq!(tabs.sync(1, "b=1 c=1"), (entries("b=1 c=1"), None));
        let all = format!("b=1 c=1 {long}");
        assert_eq!(tabs.sync(0, &format!("{long} b=1")), (entries(&all), None));
        // Until another tab has room for another value of it.
        tabs.sync(1, "b=1 c=1 l=1");
        assert_eq!(tabs.sync(0, &all), (entries("b=1 c=1 l=1"), None));
        assert_eq!(tabs.stored, entries("b=1 c=1 l=1"));
    }

    #[test]
    fn a_forbidden_storage_loses_everything_and_says_so() {
        let mut tabs = Tabs::new("", 0);
        let lost = |key: &str| Some(key.to_owned());
        assert_eq!(tabs.sync(0, "a=1"), (entries("a=1"), lost("a")));
        assert_eq!(tabs.sync(0, "a=1"), (entries("a=1"), None));
        assert_eq!(tabs.sync(0, "a=1 b=1"), (entries("a=1 b=1"), lost("b")));
        assert_eq!(tabs.sync(0, "a=2 b=1"), (entries("a=2 b=1"), lost("a")));
    }
}
