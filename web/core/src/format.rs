//! Formatting of numbers, times and payloads.

use std::ops::Range;
use std::time::Duration;

use crate::time::micros;

/// The most characters in a preview.
pub const PREVIEW_LEN: usize = 240;

const DAY_MS: i64 = 86_400_000;

/// A part of a preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The text to show.
    pub text: String,
    /// True if the text is an escape, for a control character or a byte that is not UTF-8.
    pub is_escape: bool,
}

/// Formats a size in bytes: exact below 1 KiB, three digits above.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut unit = 1024;
    let mut name = 0;
    // A value that would round to 1024 takes the next unit.
    while (bytes + unit / 2) / unit >= 1024 && name + 1 < UNITS.len() {
        unit *= 1024;
        name += 1;
    }
    format!("{} {}", three_digits(bytes, unit), UNITS[name])
}

/// Formats a number with thousands separators.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Formats the time of day of a time in milliseconds since 1970.
pub fn time_of_day(ms: i64) -> String {
    let ms = ms.rem_euclid(DAY_MS);
    let (seconds, ms) = (ms / 1000, ms % 1000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}.{ms:03}")
}

/// Formats a local time and its offset from UTC (RFC 3339), both in milliseconds.
pub fn date_time(local_ms: i64, offset_ms: i64) -> String {
    let (date, time) = (date(local_ms.div_euclid(DAY_MS)), time_of_day(local_ms));
    let sign = if offset_ms < 0 { '-' } else { '+' };
    let minutes = offset_ms.abs() / 60_000;
    let (hours, minutes) = (minutes / 60, minutes % 60);
    match offset_ms {
        0 => format!("{date}T{time}Z"),
        _ => format!("{date}T{time}{sign}{hours:02}:{minutes:02}"),
    }
}

/// Parses the date and time of [`date_time`], in milliseconds since 1970.
pub fn parse_date_time(text: &str) -> Option<f64> {
    let number = |range: Range<usize>| -> Option<i64> { text.get(range)?.parse().ok() };
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    let ms = number(20..23)?;
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    let local_ms = seconds * 1000 + ms;
    // There is no 31st of February.
    let written = date_time(local_ms, 0);
    let is_same = |range: Range<usize>| written.get(range.clone()) == text.get(range);
    (is_same(0..10) && is_same(11..23)).then_some(local_ms as f64)
}

/// Formats a Gregorian date, of days since 1970. Years are counted from March, so that the
/// leap day is the last one.
pub fn date(days: i64) -> String {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Converts a Gregorian date to days since 1970: the inverse of [`date`].
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Formats a round trip, to 0.1 ms: the resolution of some browsers' clocks.
pub fn round_trip(duration: Duration) -> String {
    let micros = micros(duration);
    match micros {
        ..50 => "<0.1 ms".into(),
        50..9_950 => {
            let tenths = (micros + 50) / 100;
            format!("{}.{} ms", tenths / 10, tenths % 10)
        }
        9_950..999_500 => format!("{} ms", (micros + 500) / 1000),
        _ => format!("{} s", three_digits(micros, 1_000_000)),
    }
}

/// Formats a time by the gateway's clock, to 0.01 ms.
pub fn service_time(duration: Duration) -> String {
    match micros(duration) {
        ..5 => "<0.01 ms".into(),
        micros @ 5..995 => format!("0.{:02} ms", (micros + 5) / 10),
        _ => round_trip(duration),
    }
}

/// Formats two times by the gateway's clock: `0.04 / 0.12 ms`, with both units if they differ.
pub fn service_times(first: Duration, second: Duration) -> String {
    let (first, second) = (service_time(first), service_time(second));
    match (first.split_once(' '), second.split_once(' ')) {
        (Some((number, unit)), Some((_, same))) if unit == same => format!("{number} / {second}"),
        _ => format!("{first} / {second}"),
    }
}

/// Formats an elapsed time, to the second.
pub fn elapsed(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    match minutes / 60 {
        0 => format!("{minutes:02}:{seconds:02}"),
        hours => format!("{hours}:{:02}:{seconds:02}", minutes % 60),
    }
}

/// Formats bytes in hexadecimal, separated by spaces.
pub fn hex(bytes: &[u8]) -> String {
    let pairs: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.join(" ")
}

/// Formats bytes in hexadecimal; the middle of more than eight is left out.
pub fn hex_abridged(bytes: &[u8]) -> String {
    match bytes.len() {
        0..=8 => hex(bytes),
        len => format!("{} … {}", hex(&bytes[..4]), hex(&bytes[len - 3..])),
    }
}

/// Formats the beginning of a payload on one line, with invisible characters escaped.
pub fn preview(payload: &[u8]) -> Vec<Segment> {
    // A character has at most four bytes.
    let beginning = &payload[..payload.len().min(4 * PREVIEW_LEN)];
    let mut preview = Preview::default();
    for chunk in beginning.utf8_chunks() {
        for c in chunk.valid().chars() {
            match escape(c) {
                Some(escape) => preview.push(&escape, true),
                None => preview.push(c.encode_utf8(&mut [0; 4]), false),
            }
        }
        for byte in chunk.invalid() {
            preview.push(&format!("\\x{byte:02x}"), true);
        }
        if preview.len >= PREVIEW_LEN {
            break;
        }
    }
    if payload.len() > beginning.len() || preview.truncated {
        preview.segments.push(Segment {
            text: "…".into(),
            is_escape: true,
        });
    }
    preview.segments
}

/// Formats a preview as one string.
pub fn preview_text(payload: &[u8]) -> String {
    preview(payload).into_iter().map(|it| it.text).collect()
}

/// Escapes invisible characters, but keeps line breaks and tabs.
pub fn escape_invisible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for c in text.chars() {
        match escape(c).filter(|_| !matches!(c, '\n' | '\t')) {
            Some(escape) => visible.push_str(&escape),
            None => visible.push(c),
        }
    }
    visible
}

/// Returns the escape of a control character, or of one that reorders or hides text;
/// `None` for visible characters.
pub fn escape(c: char) -> Option<String> {
    match c {
        '\n' | '\r' | '\t' => Some(c.escape_default().to_string()),
        '\0'..='\x1f' | '\x7f' => Some(format!("\\x{:02x}", u32::from(c))),
        // C1 control characters, then marks that reorder or hide text.
        '\u{80}'..='\u{9f}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}' => Some(format!("\\u{:04x}", u32::from(c))),
        _ => None,
    }
}

/// Formats `value` in multiples of `unit`, to three digits. In integers: the code that
/// prints floats is larger than this module.
fn three_digits(value: u64, unit: u64) -> String {
    let (scale, decimals) = match value / unit {
        0..10 => (100, 2),
        10..100 => (10, 1),
        _ => (1, 0),
    };
    let scaled = (value.saturating_mul(scale) + unit / 2) / unit;
    if decimals == 0 {
        return scaled.to_string();
    }
    let digits = format!("{}.{:0decimals$}", scaled / scale, scaled % scale);
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    digits.into()
}

#[derive(Default)]
struct Preview {
    segments: Vec<Segment>,
    /// Characters so far.
    len: usize,
    /// True if characters were left out.
    truncated: bool,
}

impl Preview {
    fn push(&mut self, text: &str, is_escape: bool) {
        if self.len >= PREVIEW_LEN {
            self.truncated = true;
            return;
        }
        self.len += 1;
        match self.segments.last_mut() {
            Some(last) if last.is_escape == is_escape => last.text.push_str(text),
            _ => self.segments.push(Segment {
                text: text.into(),
                is_escape,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        let check = |bytes, expected: &str| assert_eq!(size(bytes), expected);
        check(0, "0 B");
        check(1023, "1023 B");
        check(1024, "1 KiB");
        check(1536, "1.5 KiB");
        check(10 * 1024 + 300, "10.3 KiB");
        check(1024 * 1024 - 1, "1 MiB");
        check(16 << 20, "16 MiB");
        check(5 << 40, "5 TiB");
        check(5 << 50, "5120 TiB");
    }

    #[test]
    fn counts_have_thousands_separators() {
        let check = |number, expected: &str| assert_eq!(count(number), expected);
        check(0, "0");
        check(999, "999");
        check(1000, "1,000");
        check(1_234_567, "1,234,567");
    }

    #[test]
    fn pair_of_service_times_has_one_unit_unless_they_differ() {
        let check = |first, second, expected: &str| {
            let [first, second] = [first, second].map(Duration::from_micros);
            assert_eq!(service_times(first, second), expected);
        };
        check(40, 120, "0.04 / 0.12 ms");
        check(1, 40, "<0.01 / 0.04 ms");
        check(960, 1_270_000, "0.96 ms / 1.27 s");
    }

    #[test]
    fn times_of_day_have_milliseconds() {
        let check = |ms, expected: &str| assert_eq!(time_of_day(ms), expected);
        check(0, "00:00:00.000");
        check(43_263_120, "12:01:03.120");
        check(86_400_000 * 20_000 + 1, "00:00:00.001");
        check(-1, "23:59:59.999");
    }

    #[test]
    fn dates_and_times_parse_back() {
        let check = |local_ms: i64, offset_ms, expected: &str| {
            assert_eq!(date_time(local_ms, offset_ms), expected);
            assert_eq!(parse_date_time(expected), Some(local_ms as f64));
        };
        check(0, 0, "1970-01-01T00:00:00.000Z");
        check(
            951_782_400_001,
            -12_600_000,
            "2000-02-29T00:00:00.001-03:30",
        );
        check(951_868_800_000, 0, "2000-03-01T00:00:00.000Z");
        check(-1, 3_600_000, "1969-12-31T23:59:59.999+01:00");
        check(1_795_348_863_120, 0, "2026-11-22T12:01:03.120Z");
        for text in [
            "",
            "2026",
            "2026-11-22T1x:01:03.120",
            "2026-02-29T12:01:03.120",
            "2026-11-22T24:01:03.120",
            "2026/11/22T12:01:03.120",
            "日本日本日本日本日本",
        ] {
            assert_eq!(parse_date_time(text), None);
        }
    }

    #[test]
    fn round_trips_have_up_to_three_digits() {
        let check = |micros, expected: &str| {
            assert_eq!(round_trip(Duration::from_micros(micros)), expected);
        };
        check(0, "<0.1 ms");
        check(400, "0.4 ms");
        check(9_940, "9.9 ms");
        check(9_960, "10 ms");
        check(999_400, "999 ms");
        check(1_250_000, "1.25 s");
        check(62_000_000, "62 s");
    }

    #[test]
    fn elapsed_times_have_hours_if_needed() {
        let check = |secs, expected: &str| assert_eq!(elapsed(Duration::from_secs(secs)), expected);
        check(0, "00:00");
        check(72, "01:12");
        check(3723, "1:02:03");
    }

    #[test]
    fn hex_bytes_are_separated_by_spaces() {
        assert_eq!(hex(b""), "");
        assert_eq!(hex(b"\x05\0\xff"), "05 00 ff");
        assert_eq!(hex_abridged(b"01234567"), "30 31 32 33 34 35 36 37");
        assert_eq!(hex_abridged(b"012345678"), "30 31 32 33 … 36 37 38");
    }

    #[test]
    fn previews_escape_invisible_characters() {
        let check = |payload: &[u8], expected: &[(&str, bool)]| {
            let preview = preview(payload);
            let segments: Vec<_> = preview
                .iter()
                .map(|segment| (segment.text.as_str(), segment.is_escape))
                .collect();
            assert_eq!(segments, expected);
        };
        check(b"", &[]);
        check(b"hello", &[("hello", false)]);
        check("日本".as_bytes(), &[("日本", false)]);
        check(b"a\n\tb", &[("a", false), ("\\n\\t", true), ("b", false)]);
        check(b"a\xff\xfe", &[("a", false), ("\\xff\\xfe", true)]);
        check(b"\x7f\xc2\x85", &[("\\x7f\\u0085", true)]);
        check(
            "x\u{202e}y".as_bytes(),
            &[("x", false), ("\\u202e", true), ("y", false)],
        );
    }

    #[test]
    fn a_long_preview_is_truncated_at_a_character_with_an_ellipsis() {
        let check = |payload: &str, shown: usize, cut: bool| {
            let text: String = preview(payload.as_bytes())
                .into_iter()
                .map(|segment| segment.text)
                .collect();
            let expected: String = payload.chars().take(shown).collect();
            let tail = if cut { "…" } else { "" };
            assert_eq!(text, expected + tail);
        };
        check(&"x".repeat(PREVIEW_LEN), PREVIEW_LEN, false);
        check(&"x".repeat(PREVIEW_LEN + 1), PREVIEW_LEN, true);
        check(&"日".repeat(PREVIEW_LEN * 2), PREVIEW_LEN, true);
        check(&"🦀".repeat(PREVIEW_LEN * 2), PREVIEW_LEN, true);
    }
}
