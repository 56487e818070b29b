//! How many connections may be open at once, in all and from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use thiserror::Error;

use crate::limits::Limits;
use crate::metrics::{Limit, Metrics};

/// Counts the connections of both listeners.
#[derive(Debug, Clone)]
pub(crate) struct Admission(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    max: Option<usize>,
    max_per_ip: Option<usize>,
    open: Mutex<Open>,
    metrics: Metrics,
}

#[derive(Debug, Default)]
struct Open {
    total: isize,
    /// Only addresses that have connections.
    by_ip: HashMap<IpAddr, isize>,
}

/// Why a connection is one too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum Full {
    #[error("all {0} connections that this gateway takes are in use")]
    Total(usize),
    #[error("all {0} connections that this gateway takes from one address are in use")]
    PerIp(usize),
}

/// Counts while it lives.
#[derive(Debug)]
pub(crate) struct Permit {
    shared: Arc<Shared>,
    /// `None` while only its proxy's address is known.
    ip: Option<IpAddr>,
    by: isize,
}

impl Admission {
    pub(crate) fn new(limits: &Limits, metrics: Metrics) -> Self {
        Self(Arc::new(Shared {
            max: limits.max_connections,
            max_per_ip: limits.max_connections_per_ip,
            open: Mutex::default(),
            metrics,
        }))
    }

    /// Counts a connection from `ip` for as long as the permit lives.
    ///
    /// # Errors
    /// [`Full`] names the limit that it would exceed.
    pub(crate) fn admit(&self, ip: IpAddr) -> Result<Permit, Full> {
        self.admit_proxy()?.settle(ip)
    }

    /// Counts a connection from a proxy that has yet to say whom it is for.
    ///
    /// # Errors
    /// [`Full`] if there are too many already.
    pub(crate) fn admit_proxy(&self) -> Result<Permit, Full> {
        let open = self.0.lock();
        match self.0.max {
            Some(max) if is_reached(max, open.total) => {
                drop(open);
                Err(self.0.refused(Full::Total(max)))
            }
            _ => Ok(self.count(open, None, 1)),
        }
    }

    /// Exempts one connection from `ip` for as long as the permit lives: one that the gateway
    /// itself opens to its own echo service, for a session that is counted already.
    pub(crate) fn exempt(&self, ip: IpAddr) -> Permit {
        self.count(self.0.lock(), Some(ip.to_canonical()), -1)
    }

    fn count(&self, mut open: MutexGuard<'_, Open>, ip: Option<IpAddr>, by: isize) -> Permit {
        open.add(ip, by);
        Permit {
            shared: self.0.clone(),
            ip,
            by,
        }
    }
}

impl Permit {
    /// Counts it as `ip`'s, if it is nobody's yet.
    ///
    /// # Errors
    /// [`Full`] if that address has too many already.
    pub(crate) fn settle(mut self, ip: IpAddr) -> Result<Self, Full> {
        // IPv4 clients of an IPv6 socket are the same clients.
        let ip = ip.to_canonical();
        if self.ip.is_some() {
            return Ok(self);
        }
        let mut open = self.shared.lock();
        match self.shared.max_per_ip {
            Some(max) if is_reached(max, open.from(ip)) => {
                drop(open);
                Err(self.shared.refused(Full::PerIp(max)))
            }
            _ => {
                open.add_from(ip, self.by);
                drop(open);
                self.ip = Some(ip);
                Ok(self)
            }
        }
    }
}

fn is_reached(max: usize, count: isize) -> bool {
    usize::try_from(count).is_ok_and(|n| n >= max)
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.shared.lock().add(self.ip, -self.by);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Open> {
        // Nothing panics while it holds the lock.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refused(&self, full: Full) -> Full {
        self.metrics.refused(Limit::Connections);
        full
    }
}

impl Open {
    fn from(&self, ip: IpAddr) -> isize {
        self.by_ip.get(&ip).copied().unwrap_or_default()
    }

    fn add(&mut self, ip: Option<IpAddr>, by: isize) {
        self.total += by;
        if let Some(ip) = ip {
            self.add_from(ip, by);
        }
    }

    fn add_from(&mut self, ip: IpAddr, by: isize) {
        let count = self.from(ip) + by;
        if count == 0 {
            self.by_ip.remove(&ip);
        } else {
            self.by_ip.insert(ip, count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn admission(max: usize, max_per_ip: usize) -> Admission {
        let limits = Limits {
            max_connections: Some(max),
            max_connections_per_ip: Some(max_per_ip),
            ..Limits::default()
        };
        Admission::new(&limits, Metrics::new())
    }

    #[test]
    fn one_past_the_limit_is_refused_until_one_goes() {
        let admission = admission(2, 9);
        let first = admission.admit(HERE).unwrap();
        let _second = admission.admit(HERE).unwrap();
        assert_eq!(admission.admit(HERE).unwrap_err(), Full::Total(2));
        drop(first);
        assert!(admission.admit(HERE).is_ok());
    }

    #[test]
    fn an_address_has_its_own_limit_in_either_notation() {
        let admission = admission(9, 1);
        let _held = admission.admit(HERE).unwrap();
        let mapped = "::ffff:127.0.0.1".parse().unwrap();
        assert_eq!(admission.admit(mapped).unwrap_err(), Full::PerIp(1));
        assert!(admission.admit("::1".parse().unwrap()).is_ok());
    }

    #[test]
    fn the_gateways_own_connections_take_no_place() {
        let admission = admission(1, 1);
        let _session = admission.admit(HERE).unwrap();
        let room = admission.exempt(HERE);
        let own = admission.admit(HERE).unwrap();
        assert!(admission.admit(HERE).is_err());
        drop((own, room));
        assert!(admission.admit(HERE).is_err());
    }

    #[test]
    fn a_proxys_connection_takes_a_place_at_once_and_its_clients_later() {
        let admission = admission(2, 1);
        let first = admission.admit_proxy().unwrap().settle(HERE).unwrap();
        let first = first.settle(HERE).unwrap();
        let second = admission.admit_proxy().unwrap();
        assert_eq!(admission.admit_proxy().unwrap_err(), Full::Total(2));
        assert_eq!(second.settle(HERE).unwrap_err(), Full::PerIp(1));
        drop(first);
        assert_eq!(admission.0.lock().total, 0);
        assert!(admission.0.lock().by_ip.is_empty());
    }

    #[test]
    fn nothing_is_kept_of_addresses_that_are_gone() {
        let admission = admission(9, 9);
        drop((admission.admit(HERE), admission.exempt(HERE)));
        assert!(admission.0.lock().by_ip.is_empty());
    }
}
