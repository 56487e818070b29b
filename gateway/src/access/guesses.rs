//! Guess limiter: a growing delay for each client address that presents wrong tokens.
//!
//! A blocked address has to wait: until then a token is not even compared, so that a
//! right guess cannot be told from a wrong one.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use net::peer_addr::ClientHost;

use crate::access::expiring_map::ExpiringMap;
use crate::sync::lock;

/// Number of wrong tokens without a delay: for typing errors.
const FREE_GUESSES: u32 = 4;

/// Longest delay. It is doubled with each wrong token, from one second on.
const MAX_DELAY: Duration = Duration::from_secs(60);

/// Time after the delay until an address is forgotten.
const MEMORY: Duration = Duration::from_secs(10 * 60);

/// Maximum number of remembered addresses: about 2 MB.
const MAX_ADDRESSES: usize = 10_000;

/// Wrong tokens by client address. IPv6 addresses count by /64, the network of one site.
#[derive(Debug)]
pub(super) struct Guesses(Mutex<State>);

#[derive(Debug)]
struct State {
    by_address: ExpiringMap<ClientHost, Guesser, Instant>,
    hasher: RandomState,
}

/// Client address with wrong tokens.
#[derive(Debug, Clone, Copy)]
struct Guesser {
    wrong: u32,
    blocked_until: Instant,
    /// Hash of the last wrong token. A program that repeats it learns nothing and gets no
    /// further delay: it has an old token.
    last: u64,
}

/// Reason why an attempt fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The token is wrong.
    Wrong,
    /// The address is blocked for this time.
    Blocked(Duration),
}

impl Guesses {
    pub(super) fn new() -> Self {
        Self(Mutex::new(State {
            by_address: ExpiringMap::new(MAX_ADDRESSES),
            hasher: RandomState::new(),
        }))
    }

    /// Returns the result of `verify` for `guess` from `host`; if it is `None`, counts the guess.
    pub(super) fn attempt<T>(
        &self,
        host: ClientHost,
        guess: &str,
        now: Instant,
        verify: impl FnOnce() -> Option<T>,
    ) -> Result<T, Failure> {
        let mut state = lock(&self.0);
        let site = site(host);
        let last = state.hasher.hash_one(guess);
        let known = state.by_address.get(site, now).copied();
        match known {
            Some(known) if known.last == last => return Err(Failure::Wrong),
            Some(known) if now < known.blocked_until => {
                return Err(Failure::Blocked(known.blocked_until - now));
            }
            _ => {}
        }
        if let Some(verified) = verify() {
            return Ok(verified);
        }
        let wrong = known.map_or(0, |it| it.wrong).saturating_add(1);
        let blocked_until = now + delay(wrong);
        let guesser = Guesser {
            wrong,
            blocked_until,
            last,
        };
        let end = blocked_until + MEMORY;
        state.by_address.insert(site, guesser, end, now);
        Err(Failure::Wrong)
    }
}

/// Returns the delay after wrong token number `wrong`.
fn delay(wrong: u32) -> Duration {
    match wrong.checked_sub(FREE_GUESSES + 1) {
        None => Duration::ZERO,
        Some(doublings) => MAX_DELAY.min(Duration::from_secs(1 << doublings.min(6))),
    }
}

/// Returns the host that stands for `host`: the /64 of an IPv6 address.
fn site(host: ClientHost) -> ClientHost {
    match host {
        ClientHost::Ip(IpAddr::V6(ip)) => {
            ClientHost::Ip(Ipv6Addr::from_bits(ip.to_bits() & !0 << 64).into())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "192.0.2.1";

    /// Guesses `guess`, which is right if it is "right", from `ip`.
    fn guess(guesses: &Guesses, ip: &str, guess: &str, now: Instant) -> Result<(), Failure> {
        let verify = || (guess == "right").then_some(());
        guesses.attempt(ip.parse::<IpAddr>().unwrap().into(), guess, now, verify)
    }

    /// Guesses wrong `count` times, without waiting.
    fn fail(guesses: &Guesses, ip: &str, count: u32, now: Instant) {
        for number in 0..count {
            let text = format!("wrong {number}");
            assert_eq!(guess(guesses, ip, &text, now), Err(Failure::Wrong));
        }
    }

    #[test]
    fn delay_doubles_from_the_fifth_wrong_token_up_to_a_minute() {
        let (guesses, mut now) = (Guesses::new(), Instant::now());
        fail(&guesses, HERE, 5, now);
        for (number, seconds) in [1, 2, 4, 8, 16, 32, 60, 60].into_iter().enumerate() {
            let delay = Duration::from_secs(seconds);
            let blocked = guess(&guesses, HERE, "right", now);
            assert_eq!(blocked, Err(Failure::Blocked(delay)));
            now += delay;
            let wrong = guess(&guesses, HERE, &format!("later {number}"), now);
            assert_eq!(wrong, Err(Failure::Wrong));
        }
        now += MAX_DELAY;
        assert_eq!(guess(&guesses, HERE, "right", now), Ok(()));
    }

    #[test]
    fn address_is_forgotten_after_a_quiet_time() {
        let (guesses, now) = (Guesses::new(), Instant::now());
        fail(&guesses, HERE, 5, now);
        fail(&guesses, HERE, 5, now + MEMORY + Duration::from_secs(1));
    }

    #[test]
    fn repeated_wrong_token_adds_no_delay() {
        let (guesses, now) = (Guesses::new(), Instant::now());
        for _ in 0..100 {
            fail(&guesses, HERE, 1, now);
        }
        assert_eq!(guess(&guesses, HERE, "right", now), Ok(()));
    }

    #[test]
    fn ipv6_addresses_count_by_their_64_bit_network() {
        let (guesses, now) = (Guesses::new(), Instant::now());
        fail(&guesses, "2001:db8::1", 5, now);
        let blocked = |ip| guess(&guesses, ip, "right", now).is_err();
        assert!(blocked("2001:db8::ffff:0:0:2"));
        assert!(!blocked("2001:db8:0:1::1"));
        assert!(!blocked(HERE));
        fail(&guesses, HERE, 5, now);
        assert!(blocked("::ffff:192.0.2.1"));
    }
}
