//! Eviction: beyond a number of connections, the oldest gives way to the newest.

use std::collections::BTreeMap;
use std::sync::Mutex;

use tokio_util::sync::CancellationToken;

use crate::sync::lock;

/// Connection limit of a listener that must always answer: silent connections do not use it up.
#[derive(Debug)]
pub(crate) struct Eviction {
    max: usize,
    connections: Mutex<Connections>,
}

#[derive(Debug, Default)]
struct Connections {
    next: u64,
    /// Open connections, the oldest first.
    open: BTreeMap<u64, CancellationToken>,
}

/// A place among the newest connections.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    eviction: &'a Eviction,
    number: u64,
    /// Cancelled when a newer connection needs the place.
    pub(crate) evicted: CancellationToken,
}

impl Eviction {
    pub(crate) fn new(max: usize) -> Self {
        Self {
            max,
            connections: Mutex::default(),
        }
    }

    /// Takes a place, that of the oldest connection if there is no other.
    pub(crate) fn admit(&self) -> Place<'_> {
        let mut connections = lock(&self.connections);
        if connections.open.len() >= self.max
            && let Some((_, oldest)) = connections.open.pop_first()
        {
            oldest.cancel();
        }
        let evicted = CancellationToken::new();
        let number = connections.next;
        connections.next += 1;
        connections.open.insert(number, evicted.clone());
        Place {
            eviction: self,
            number,
            evicted,
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        lock(&self.eviction.connections).open.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oldest_connection_is_evicted_for_the_newest() {
        let eviction = Eviction::new(2);
        let [first, second] = [(); 2].map(|()| eviction.admit());
        drop(first);
        let third = eviction.admit();
        assert!(!second.evicted.is_cancelled());
        let fourth = eviction.admit();
        assert!(second.evicted.is_cancelled());
        assert!(!third.evicted.is_cancelled() && !fourth.evicted.is_cancelled());
    }
}
