//! Seats of the live feed: the subscriber limits, in all and per address.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use net::peer_addr::ClientHost;

/// Seats that are taken. Clones share them.
#[derive(Debug, Clone)]
pub(super) struct Seats {
    taken: Arc<Mutex<HashMap<ClientHost, usize>>>,
    max: usize,
    max_per_ip: usize,
}

/// A seat, given back on drop.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Seats,
    host: ClientHost,
}

impl Seats {
    pub(super) fn new(max: usize, max_per_ip: usize) -> Self {
        Self {
            taken: Arc::default(),
            max,
            max_per_ip,
        }
    }

    /// Takes a seat for the client at `host`; `None` if all seats, or all of that address, are
    /// taken.
    pub(super) fn take(&self, host: ClientHost) -> Option<Seat> {
        let mut taken = self.lock();
        let of_host = taken.get(&host).copied().unwrap_or_default();
        if taken.values().sum::<usize>() >= self.max || of_host >= self.max_per_ip {
            return None;
        }
        taken.insert(host, of_host + 1);
        let seats = self.clone();
        Some(Seat { seats, host })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ClientHost, usize>> {
        // A poisoned lock can't occur: no code panics while holding it.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.lock();
        match taken.get_mut(&self.host) {
            Some(of_host) if *of_host > 1 => *of_host -= 1,
            _ => drop(taken.remove(&self.host)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn one_address_leaves_seats_to_others() {
        let seats = Seats::new(4, 2);
        let take = |ip: &str| seats.take(ip.parse::<IpAddr>().unwrap().into());
        let _held = [take("192.0.2.1"), take("::ffff:192.0.2.1")].map(Option::unwrap);
        assert!(take("192.0.2.1").is_none());
        let other = take("192.0.2.2").unwrap();
        let _third = take("192.0.2.3").unwrap();
        assert!(take("192.0.2.4").is_none());
        drop(other);
        assert!(take("192.0.2.4").is_some());
    }
}
