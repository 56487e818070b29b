//! Chart numbers: the statistics as bytes, for the late part, which draws the charts.

use std::time::Duration;

use crate::stats::{SECONDS, Second, Stats};
use crate::time::{Moment, micros};

/// The number of a time that is missing.
const NONE: u32 = u32::MAX;

/// The statistics as the charts show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartNumbers {
    /// The last [`SECONDS`], the oldest first.
    pub minute: Vec<Second>,
    /// Summaries of round trips, service times and ways.
    pub summaries: [Summary; 3],
}

/// A summary of durations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Their number.
    pub count: u32,
    /// The median.
    pub p50: Option<Duration>,
    /// The duration that 99 percent do not exceed.
    pub p99: Option<Duration>,
    /// The longest.
    pub longest: Option<Duration>,
}

/// Encodes the statistics, in numbers of 4 bytes.
pub fn encode(stats: &Stats, now: Moment) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut push = |number: u32| bytes.extend_from_slice(&number.to_le_bytes());
    for second in stats.last_minute(now) {
        push(second.sent);
        push(second.received);
        push(number(second.round_trip));
        push(number(second.service_time));
    }
    for times in [stats.round_trips(), stats.service_times(), stats.ways()] {
        push(u32::try_from(times.count()).unwrap_or(NONE));
        push(number(times.percentile(50)));
        push(number(times.percentile(99)));
        push(number(times.longest()));
    }
    bytes
}

/// Decodes the statistics.
pub fn decode(bytes: &[u8]) -> ChartNumbers {
    let numbers = bytes
        .chunks_exact(4)
        .map(|it| u32::from_le_bytes([it[0], it[1], it[2], it[3]]));
    let mut numbers = numbers.chain(std::iter::repeat(NONE));
    let mut next = || numbers.next().unwrap_or(NONE);
    let minute = (0..SECONDS).map(|_| Second {
        sent: next(),
        received: next(),
        round_trip: time(next()),
        service_time: time(next()),
    });
    ChartNumbers {
        minute: minute.collect(),
        summaries: std::array::from_fn(|_| Summary {
            count: next(),
            p50: time(next()),
            p99: time(next()),
            longest: time(next()),
        }),
    }
}

/// Returns a time as microseconds.
fn number(time: Option<Duration>) -> u32 {
    let longest = NONE - 1;
    time.map_or(NONE, |it| {
        u32::try_from(micros(it)).map_or(longest, |it| it.min(longest))
    })
}

fn time(number: u32) -> Option<Duration> {
    (number != NONE).then(|| Duration::from_micros(number.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_reverts_encoding() {
        let at = |seconds: f64| Moment {
            utc_ms: 0.0,
            steady_ms: seconds * 1000.0,
        };
        let ms = |ms| Some(Duration::from_millis(ms));
        let mut stats = Stats::default();
        stats.count_sent(5, at(50.0));
        stats.count_received(5, at(51.0), ms(8), ms(3));
        stats.count_received(5, at(52.0), ms(4), None);
        let numbers = decode(&encode(&stats, at(60.0)));
        assert_eq!(numbers.minute, stats.last_minute(at(60.0)));
        let [trips, service, way] = numbers.summaries;
        assert_eq!((trips.count, trips.longest), (2, ms(8)));
        assert_eq!((service.count, service.p50, service.p99), (1, ms(3), ms(3)));
        assert_eq!((way.count, way.p50), (1, ms(5)));
        let none = decode(&encode(&Stats::default(), at(0.0)));
        assert_eq!(none.summaries, [Summary::default(); 3]);
    }
}
