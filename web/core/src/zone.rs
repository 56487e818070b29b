//! Time zones of shown times: the browser's own, or UTC.

use crate::format;
use crate::time::Moment;

const DAY_MS: i64 = 86_400_000;

/// The time zone of shown times, and its present day.
///
/// The offset from UTC is asked for each instant: that of a winter's message is not that of a
/// summer's page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Zone {
    offset_of: OffsetOf,
    is_utc: bool,
    /// The present day by the zone, in days since 1970.
    today: i64,
}

/// The browser's time zone: local time minus UTC at an instant, both in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct OffsetOf(pub fn(f64) -> f64);

impl Zone {
    /// Creates a zone. Times of its day, the one of `now`, are shown without a date.
    pub fn new(offset_of: OffsetOf, is_utc: bool, now: Moment) -> Self {
        let mut this = Self {
            offset_of,
            is_utc,
            today: 0,
        };
        this.today = this.day(now);
        this
    }

    /// Formats a time in the width of a time of day: of another day, with the date and less of
    /// the time.
    pub fn time(&self, moment: Moment) -> String {
        let local_ms = self.local_ms(moment);
        let day = local_ms.div_euclid(DAY_MS);
        let time = format::time_of_day(local_ms);
        if day == self.today {
            return time;
        }
        let date = format::date(day);
        match format::date(self.today).get(..4) == date.get(..4) {
            true => [&date[5..], " ", &time[..5]].concat(),
            false => date,
        }
    }

    /// Formats the date of an instant (ISO 8601).
    pub fn date(&self, moment: Moment) -> String {
        format::date(self.day(moment))
    }

    /// Returns true if two instants are on the same day.
    pub fn is_same_day(&self, a: Moment, b: Moment) -> bool {
        // Days begin at a quarter of an hour: the browser is asked once in one only.
        let quarter = |it: Moment| (it.utc_ms / 900_000.0).floor();
        quarter(a) == quarter(b) || self.day(a) == self.day(b)
    }

    /// Returns true if an instant is of the present day.
    pub fn is_today(&self, moment: Moment) -> bool {
        self.day(moment) == self.today
    }

    fn day(&self, moment: Moment) -> i64 {
        self.local_ms(moment).div_euclid(DAY_MS)
    }

    /// Formats an instant whole: date, time, and the offset from UTC (RFC 3339).
    pub fn instant(&self, moment: Moment) -> String {
        format::date_time(self.local_ms(moment), self.offset_ms(moment))
    }

    fn local_ms(&self, moment: Moment) -> i64 {
        moment.utc_ms.floor() as i64 + self.offset_ms(moment)
    }

    fn offset_ms(&self, moment: Moment) -> i64 {
        match self.is_utc {
            true => 0,
            false => (self.offset_of.0)(moment.utc_ms) as i64,
        }
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::new(OffsetOf::default(), true, Moment::default())
    }
}

impl Default for OffsetOf {
    fn default() -> Self {
        Self(|_| 0.0)
    }
}

/// Considers all equal: a page has one time zone.
impl PartialEq for OffsetOf {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: f64 = 3_600_000.0;

    /// 2026-11-22T03:01:03.120Z.
    const NOVEMBER: f64 = 1_795_316_463_120.0;

    /// 2026-07-01T12:00:00Z.
    const JULY: f64 = 1_782_907_200_000.0;

    fn at(utc_ms: f64) -> Moment {
        Moment {
            utc_ms,
            steady_ms: 0.0,
        }
    }

    /// Central European time.
    const BERLIN: OffsetOf = OffsetOf(|utc_ms| match utc_ms < 1_792_890_000_000.0 {
        true => 2.0 * HOUR_MS,
        false => HOUR_MS,
    });

    #[test]
    fn times_have_the_offset_of_their_own_instant() {
        let local = Zone::new(BERLIN, false, at(NOVEMBER));
        assert_eq!(local.instant(at(NOVEMBER)), "2026-11-22T04:01:03.120+01:00");
        assert_eq!(local.instant(at(JULY)), "2026-07-01T14:00:00.000+02:00");
        let utc = Zone::new(BERLIN, true, at(NOVEMBER));
        assert_eq!(utc.instant(at(JULY)), "2026-07-01T12:00:00.000Z");
    }

    #[test]
    fn times_of_another_day_have_its_date() {
        let local = Zone::new(BERLIN, false, at(NOVEMBER));
        let check = |utc_ms, expected: &str| assert_eq!(local.time(at(utc_ms)), expected);
        check(NOVEMBER, "04:01:03.120");
        check(NOVEMBER - 4.0 * HOUR_MS, "00:01:03.120");
        check(NOVEMBER - 5.0 * HOUR_MS, "11-21 23:01");
        check(JULY, "07-01 14:00");
        check(NOVEMBER + 24.0 * HOUR_MS, "11-23 04:01");
        check(0.0, "1970-01-01");
        assert_ne!(local, Zone::new(BERLIN, false, at(JULY)));
    }
}
