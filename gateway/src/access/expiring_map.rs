//! Expiring map: a bounded map whose entries have an end.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

/// Map of at most `capacity` entries. If it is full, a new entry replaces the one that ends first.
#[derive(Debug)]
pub(super) struct ExpiringMap<K, V, T> {
    capacity: usize,
    entries: HashMap<K, (V, T)>,
    /// Ends and keys in order: removal of the entry that ends first takes no search.
    ends: BTreeSet<(T, K)>,
}

impl<K: Copy + Hash + Ord, V, T: Copy + Ord> ExpiringMap<K, V, T> {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            entries: HashMap::new(),
            ends: BTreeSet::new(),
        }
    }

    /// Returns the value of `key`, if its end is after `now`.
    pub(super) fn get(&self, key: K, now: T) -> Option<&V> {
        let (value, end) = self.entries.get(&key)?;
        (now < *end).then_some(value)
    }

    /// Sets the value of `key` until `end`, and removes the entries that have ended.
    pub(super) fn insert(&mut self, key: K, value: V, end: T, now: T) {
        if let Some((_, old_end)) = self.entries.remove(&key) {
            self.ends.remove(&(old_end, key));
        }
        while let Some(&(first, _)) = self.ends.first()
            && (first <= now || self.entries.len() >= self.capacity)
        {
            self.remove_first();
        }
        self.entries.insert(key, (value, end));
        self.ends.insert((end, key));
    }

    fn remove_first(&mut self) {
        if let Some((_, key)) = self.ends.pop_first() {
            self.entries.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_is_gone_after_its_end() {
        let mut map = ExpiringMap::new(9);
        map.insert(1, 'a', 10, 0);
        assert_eq!(map.get(1, 9), Some(&'a'));
        assert_eq!(map.get(1, 10), None);
        map.insert(2, 'b', 20, 10);
        assert_eq!((map.entries.len(), map.ends.len()), (1, 1));
    }

    #[test]
    fn full_map_forgets_the_entry_that_ends_first() {
        let mut map = ExpiringMap::new(2);
        map.insert(1, 'a', 30, 0);
        map.insert(2, 'b', 20, 0);
        map.insert(2, 'c', 40, 0);
        map.insert(3, 'd', 10, 0);
        assert_eq!(map.get(1, 0), None);
        assert_eq!((map.get(2, 0), map.get(3, 0)), (Some(&'c'), Some(&'d')));
        assert_eq!(map.entries.len(), 2);
    }
}
