//! Seats of the live feed: the subscriber limits, in all and per address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Seats that are taken. Clones share them.
#[derive(Debug, Clone)]
pub(super) struct Seats {
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
    max: usize,
    max_per_ip: usize,
}

/// A seat, given back on drop.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Seats,
    ip: IpAddr,
}

impl Seats {
    pub(super) fn new(max: usize, max_per_ip: usize) -> Self {
        Self {
            taken: Arc::default(),
            max,
            max_per_ip,
        }
    }

    /// Takes a seat for the client at `ip`; `None` if all seats, or all of that address, are
    /// taken.
    pub(super) fn take(&self, ip: IpAddr) -> Option<Seat> {
        let ip = ip.to_canonical();
        let mut taken = self.lock();
        let of_ip = taken.get(&ip).copied().unwrap_or_default();
        if taken.values().sum::<usize>() >= self.max || of_ip >= self.max_per_ip {
            return None;
        }
        taken.insert(ip, of_ip + 1);
        let seats = self.clone();
        Some(Seat { seats, ip })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        // A poisoned lock can't occur: no code panics while holding it.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.lock();
        match taken.get_mut(&self.ip) {
            Some(of_ip) if *of_ip > 1 => *of_ip -= 1,
            _ => drop(taken.remove(&self.ip)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_leaves_seats_to_others() {
        let seats = Seats::new(4, 2);
        let take = |ip: &str| seats.take(ip.parse().unwrap());
        let _held = [take("192.0.2.1"), take("::ffff:192.0.2.1")].map(Option::unwrap);
        assert!(take("192.0.2.1").is_none());
        let other = take("192.0.2.2").unwrap();
        let _third = take("192.0.2.3").unwrap();
        assert!(take("192.0.2.4").is_none());
        drop(other);
        assert!(take("192.0.2.4").is_some());
    }
}
