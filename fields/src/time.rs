//! Times as text: RFC 3339 in UTC.

use crate::text_value::decimal;

/// Days in 400 years.
const ERA: i64 = 146_097;

/// Writes a time since 1970 as `2026-11-29T23:00:00.5Z`; as seconds, if its year has not four
/// digits.
pub(crate) fn utc(seconds: i64, nanos: u32) -> String {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    if !(-719_528..2_932_897).contains(&days) {
        return format!("{seconds}{} s", fraction(nanos));
    }
    let date = date(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let fraction = fraction(nanos);
    format!("{date}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

fn fraction(nanos: u32) -> String {
    match nanos {
        0 => String::new(),
        nanos => format!(".{nanos:09}").trim_end_matches('0').into(),
    }
}

/// Writes a day, counted since 1970, as `2026-11-29`. By Howard Hinnant's `civil_from_days`,
/// whose years begin in March.
pub(crate) fn date(days: i64) -> String {
    let days = days.saturating_add(719_468);
    let (era, day) = (days.div_euclid(ERA), days.rem_euclid(ERA));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    let year = year + era * 400 + next;
    format!("{year:04}-{month:02}-{day:02}")
}

/// Reads a time as [`utc`] writes it.
pub(crate) fn parse_utc(text: &str) -> Option<(i64, u32)> {
    if let Some(seconds) = text.strip_suffix(" s") {
        let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
        let seconds = i64::try_from(decimal(seconds)?).ok()?;
        return Some((seconds, parse_nanos(fraction)?));
    }
    let text = text.strip_suffix('Z')?;
    let (date, time) = text.split_once(['T', ' '])?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let [year, month, day] = three(date, '-')?;
    let [hour, minute, second] = three(time, ':')?;
    let is_date = (1..=12).contains(&month) && (1..=31).contains(&day);
    if !is_date || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let nanos = parse_nanos(fraction)?;
    Some((
        days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second,
        nanos,
    ))
}

fn parse_nanos(fraction: &str) -> Option<u32> {
    let mut nanos = 0;
    for n in 0..9 {
        let digit = fraction.as_bytes().get(n).copied().unwrap_or(b'0');
        nanos = nanos * 10 + char::from(digit).to_digit(10)?;
    }
    (fraction.len() <= 9).then_some(nanos)
}

fn three(text: &str, separator: char) -> Option<[i64; 3]> {
    let mut numbers = text.split(separator).map(|it| match it.len() {
        1..=4 => it
            .parse::<u16>()
            .ok()
            .filter(|_| !it.starts_with('+'))
            .map(i64::from),
        _ => None,
    });
    let all = [numbers.next()??, numbers.next()??, numbers.next()??];
    numbers.next().is_none().then_some(all)
}

/// Counts days since 1970: `days_from_civil`.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let month = (month + 9) % 12;
    let day = (153 * month + 2) / 5 + day - 1;
    era * ERA + of_era * 365 + of_era / 4 - of_era / 100 + day - 719_468
}
