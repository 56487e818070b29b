//! Instants in files: RFC 3339, which exports of all versions and recordings have.

use web_core::format;
use web_core::time::Moment;

/// Formats an instant in UTC: files are read in other time zones than written.
pub fn write(moment: Moment) -> String {
    format::date_time(moment.utc_ms.floor() as i64, 0)
}

/// Parses an instant, in milliseconds since the Unix epoch.
pub fn read(text: &str) -> Option<f64> {
    let (date_time, rest) = text.split_at_checked(19)?;
    let digits = |it: &str| it.bytes().take_while(u8::is_ascii_digit).count();
    let (fraction, offset) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(digits(rest)),
        None => ("", rest),
    };
    let fraction: String = fraction.chars().chain("000".chars()).take(3).collect();
    let local_ms = format::parse_date_time(&format!("{date_time}.{fraction}"))?;
    Some(local_ms - offset_ms(offset)?)
}

/// The offset from UTC: `Z`, or as `+09:00`.
fn offset_ms(offset: &str) -> Option<f64> {
    if matches!(offset, "Z" | "z") {
        return Some(0.0);
    }
    let sign = match offset.chars().next()? {
        '+' => 1.0,
        '-' => -1.0,
        _ => return None,
    };
    let (hours, minutes) = offset[1..].split_once(':')?;
    let minutes = below(24, hours)? * 60.0 + below(60, minutes)?;
    Some(sign * minutes * 60_000.0)
}

/// Parses a number of two digits below `end`.
fn below(end: u8, digits: &str) -> Option<f64> {
    let number: u8 = digits.parse().ok()?;
    let has_two_digits = digits.len() == 2 && !digits.starts_with('+');
    (has_two_digits && number < end).then_some(number.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_the_same_in_every_time_zone() {
        let utc_ms = 1_795_316_463_120.0;
        let moment = Moment {
            utc_ms,
            steady_ms: 0.0,
        };
        assert_eq!(write(moment), "2026-11-22T03:01:03.120Z");
        for text in [
            "2026-11-22T03:01:03.120Z",
            "2026-11-22T03:01:03.120456Z",
            "2026-11-22T03:01:03.12Z",
            "2026-11-22T12:01:03.120+09:00",
            "2026-11-21T23:31:03.120-03:30",
        ] {
            assert_eq!(read(text), Some(utc_ms), "{text}");
        }
        assert_eq!(read("2026-11-22T03:01:03Z"), Some(utc_ms - 120.0));
        let furthest = read("2026-11-22T03:01:03.120-23:59");
        assert_eq!(furthest, Some(utc_ms + 86_340_000.0));
        for text in [
            "",
            "x",
            "2026-11-22T03:01:03.120",
            "2026-11-22T03:01:03+9",
            "2026-11-22T03:01:03+9:00",
            "2026-11-22T03:01:03+99:99",
            "2026-11-22T03:01:03+24:00",
            "2026-11-22T03:01:03-09:60",
            "2026-11-22T03:01:03++9:00",
            "日本日本日本日本日本",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
