//! Login codes: the code of a login link works once, for some minutes.

use std::sync::Mutex;
use std::time::Duration;

use crate::access::expiring_map::ExpiringMap;
use crate::access::signed_id::{CLOCK_LEAD, Id, SignedId, UnixMillis, millis};
use crate::sync::lock;

/// Time for which a login code is valid.
const LIFETIME: Duration = Duration::from_secs(10 * 60);

/// Maximum number of remembered codes. Only codes with a valid signature are.
const MAX_USED: usize = 10_000;

/// Login codes that have been used.
#[derive(Debug)]
pub(super) struct LoginCodes {
    /// Start of the gateway: it does not know which codes were used before.
    started: UnixMillis,
    used: Mutex<ExpiringMap<Id, (), UnixMillis>>,
}

impl LoginCodes {
    pub(super) fn new(started: UnixMillis) -> Self {
        Self {
            started,
            used: Mutex::new(ExpiringMap::new(MAX_USED)),
        }
    }

    /// Uses up a `code` with a valid signature. Returns false if it is used already, over, or
    /// from before the start, which was `uptime` ago: since then, the clock may have been set.
    pub(super) fn redeem(&self, code: SignedId, now: UnixMillis, uptime: Duration) -> bool {
        let end = code.time.saturating_add(millis(LIFETIME));
        let is_from_future = code.time > now + millis(CLOCK_LEAD);
        let started = self.started.min(now.saturating_sub(millis(uptime)));
        if code.time < started || is_from_future || end <= now {
            return false;
        }
        let mut used = lock(&self.used);
        let is_new = used.get(code.id, now).is_none();
        used.insert(code.id, (), end, now);
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: UnixMillis = 1_700_000_000_000;
    const MINUTE: UnixMillis = 60_000;

    fn code(time: UnixMillis) -> SignedId {
        SignedId { time, id: [7; 16] }
    }

    #[test]
    fn code_works_once_and_for_ten_minutes() {
        let redeem_at = |now| {
            let uptime = Duration::from_millis(now - START);
            LoginCodes::new(START).redeem(code(START), now, uptime)
        };
        assert!(redeem_at(START));
        assert!(redeem_at(START + 10 * MINUTE - 1));
        assert!(!redeem_at(START + 10 * MINUTE));

        let codes = LoginCodes::new(START);
        assert!(codes.redeem(code(START), START, Duration::ZERO));
        assert!(!codes.redeem(code(START), START + 1, Duration::ZERO));
    }

    #[test]
    fn code_from_before_the_start_or_from_the_future_is_refused() {
        let redeem = |time| LoginCodes::new(START).redeem(code(time), START, Duration::ZERO);
        assert!(!redeem(START - 1));
        assert!(redeem(START + MINUTE));
        assert!(!redeem(START + MINUTE + 1));
        assert!(!redeem(UnixMillis::MAX));
    }

    #[test]
    fn code_is_redeemed_after_the_clock_was_set() {
        let uptime = Duration::from_secs(60);
        let redeem = |made, now| LoginCodes::new(START).redeem(code(made), now, uptime);
        // Back by a day, before the code was made; a code of another day is older than the start.
        let back = START - 24 * 60 * MINUTE;
        assert!(redeem(back, back + MINUTE));
        assert!(!redeem(back - 1, back + MINUTE));
        // Forward by five minutes, after the code was made.
        assert!(redeem(START + 1, START + 6 * MINUTE));
    }
}
