//! Admission: the connection limits, in total and per client address.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use net::peer_addr::ClientHost;
use thiserror::Error;

use crate::limits::Limits;
use crate::metrics::RefusalReason;
use crate::refusal::Refused;
use crate::sync::lock;

/// Counts the connections of the TCP and the HTTP listener together. Clones share the counts.
#[derive(Debug, Clone)]
pub(crate) struct Admission(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    max: Option<usize>,
    max_per_ip: Option<usize>,
    counts: Mutex<Counts>,
}

/// Numbers of open connections, less the exempt ones.
#[derive(Debug, Default)]
struct Counts {
    total: isize,
    /// Hosts with a count other than 0.
    by_host: HashMap<ClientHost, isize>,
}

/// A connection exceeds a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum LimitReached {
    #[error("all {0} connections that this gateway takes are in use: --max-connections")]
    Total(usize),
    #[error(
        "all {0} connections that this gateway takes from one address are in use: \
         --max-connections-per-ip"
    )]
    PerIp(usize),
}

/// A place among the connections, given back on drop.
#[derive(Debug)]
pub(crate) struct Permit {
    admission: Arc<Inner>,
    /// The client's host; `None` until its proxy has named it.
    host: Option<ClientHost>,
    /// 1, or -1 for an exemption.
    count: isize,
    /// Set if there was no place, and the connection may only resume a session.
    only_resume: Option<LimitReached>,
}

impl LimitReached {
    /// The refusal for the log and the metrics.
    pub(crate) fn refused(self) -> Refused {
        Refused::new(RefusalReason::ConnectionLimit, &self)
    }
}

impl Admission {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self(Arc::new(Inner {
            max: limits.max_connections,
            max_per_ip: limits.max_connections_per_ip,
            counts: Mutex::default(),
        }))
    }

    /// Counts a connection from the client at `host`.
    ///
    /// # Errors
    /// [`LimitReached`] if it exceeds the total limit or the limit per address.
    pub(crate) fn admit(&self, host: ClientHost) -> Result<Permit, LimitReached> {
        self.admit_unidentified()?.assign_to(host)
    }

    /// Counts a connection from a proxy that has not named the client yet.
    /// [`Permit::assign_to`] adds the client.
    ///
    /// # Errors
    /// [`LimitReached::Total`].
    pub(crate) fn admit_unidentified(&self) -> Result<Permit, LimitReached> {
        let counts = lock(&self.0.counts);
        match self.0.max {
            Some(max) if is_reached(max, counts.total) => Err(LimitReached::Total(max)),
            _ => Ok(self.count(counts, None, 1)),
        }
    }

    /// Exempts one connection from `host` from the limits while the permit lives, by counting
    /// -1: one that the gateway opens to its own echo service, for a session that is counted.
    pub(crate) fn exempt(&self, host: ClientHost) -> Permit {
        self.count(lock(&self.0.counts), Some(host), -1)
    }

    /// Counts a connection beyond `limit`: for a client that comes back to its session, which
    /// gives the place of its last connection back, or for a health check. No session may begin on
    /// it.
    pub(crate) fn admit_beyond(&self, host: ClientHost, limit: LimitReached) -> Permit {
        let mut permit = self.count(lock(&self.0.counts), Some(host), 1);
        permit.only_resume = Some(limit);
        permit
    }

    fn count(
        &self,
        mut counts: MutexGuard<'_, Counts>,
        host: Option<ClientHost>,
        count: isize,
    ) -> Permit {
        counts.add(host, count);
        Permit {
            admission: self.0.clone(),
            host,
            count,
            only_resume: None,
        }
    }
}

impl Permit {
    /// Checks that a session may begin with this place.
    ///
    /// # Errors
    /// [`LimitReached`] if there was none: the connection may only resume a session.
    pub(crate) fn check_new_session(&self) -> Result<(), LimitReached> {
        self.only_resume.map_or(Ok(()), Err)
    }

    /// Counts the connection for the client at `host`, unless it is counted for one already.
    ///
    /// # Errors
    /// [`LimitReached::PerIp`].
    pub(crate) fn assign_to(mut self, host: ClientHost) -> Result<Self, LimitReached> {
        if self.host.is_some() {
            return Ok(self);
        }
        let mut counts = lock(&self.admission.counts);
        match self.admission.max_per_ip {
            Some(max) if is_reached(max, counts.of(host)) => Err(LimitReached::PerIp(max)),
            _ => {
                counts.add_for(host, self.count);
                drop(counts);
                self.host = Some(host);
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
        lock(&self.admission.counts).add(self.host, -self.count);
    }
}

impl Counts {
    fn of(&self, host: ClientHost) -> isize {
        self.by_host.get(&host).copied().unwrap_or_default()
    }

    fn add(&mut self, host: Option<ClientHost>, count: isize) {
        self.total += count;
        if let Some(host) = host {
            self.add_for(host, count);
        }
    }

    fn add_for(&mut self, host: ClientHost, count: isize) {
        let count = self.of(host) + count;
        if count == 0 {
            self.by_host.remove(&host);
        } else {
            self.by_host.insert(host, count);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    const HERE: ClientHost = ClientHost::Ip(IpAddr::V4(Ipv4Addr::LOCALHOST));

    fn admission(max: usize, max_per_ip: usize) -> Admission {
        let limits = Limits {
            max_connections: Some(max),
            max_connections_per_ip: Some(max_per_ip),
            ..Limits::default()
        };
        Admission::new(&limits)
    }

    #[test]
    fn connection_over_the_limit_is_refused_until_one_closes() {
        let admission = admission(2, 9);
        let first = admission.admit(HERE).unwrap();
        let _second = admission.admit(HERE).unwrap();
        assert_eq!(admission.admit(HERE).unwrap_err(), LimitReached::Total(2));
        drop(first);
        assert!(admission.admit(HERE).is_ok());
    }

    #[test]
    fn limit_per_address_counts_ipv4_mapped_addresses_as_ipv4() {
        let admission = admission(9, 1);
        let _held = admission.admit(HERE).unwrap();
        let host = |ip: &str| ClientHost::from(ip.parse::<IpAddr>().unwrap());
        let mapped = host("::ffff:127.0.0.1");
        assert_eq!(admission.admit(mapped).unwrap_err(), LimitReached::PerIp(1));
        assert!(admission.admit(host("::1")).is_ok());
    }

    #[test]
    fn own_connection_is_exempt_from_the_limits() {
        let admission = admission(1, 1);
        let _session = admission.admit(HERE).unwrap();
        let exemption = admission.exempt(HERE);
        let own = admission.admit(HERE).unwrap();
        assert!(admission.admit(HERE).is_err());
        drop((own, exemption));
        assert!(admission.admit(HERE).is_err());
    }

    #[test]
    fn returning_client_needs_no_place_and_begins_no_session() {
        let admission = admission(1, 1);
        let before = admission.admit(HERE).unwrap();
        let limit = admission.admit(HERE).unwrap_err();
        let returning = admission.admit_beyond(HERE, limit);
        assert_eq!(returning.check_new_session(), Err(LimitReached::Total(1)));
        assert_eq!(before.check_new_session(), Ok(()));
        drop(before);
        assert!(admission.admit(HERE).is_err());
        drop(returning);
        assert!(admission.admit(HERE).is_ok());
    }

    #[test]
    fn proxied_connection_counts_in_total_at_once_and_per_address_once_identified() {
        let admission = admission(2, 1);
        let first = admission
            .admit_unidentified()
            .unwrap()
            .assign_to(HERE)
            .unwrap();
        let first = first.assign_to(HERE).unwrap();
        let second = admission.admit_unidentified().unwrap();
        assert_eq!(
            admission.admit_unidentified().unwrap_err(),
            LimitReached::Total(2)
        );
        assert_eq!(second.assign_to(HERE).unwrap_err(), LimitReached::PerIp(1));
        drop(first);
        assert_eq!(lock(&admission.0.counts).total, 0);
        assert!(lock(&admission.0.counts).by_host.is_empty());
    }

    #[test]
    fn address_without_connections_is_forgotten() {
        let admission = admission(9, 9);
        drop((admission.admit(HERE), admission.exempt(HERE)));
        assert!(lock(&admission.0.counts).by_host.is_empty());
    }
}
