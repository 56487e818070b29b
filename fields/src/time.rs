//! Times as text: RFC 3339 in UTC.

/// Days in 400 years.
const ERA: i64 = 146_097;

/// Writes a time since 1970 as `2026-11-29T23:00:00.5Z`; as seconds, if its year has not four
/// digits.
pub(crate) fn utc(seconds: i64, nanos: u32) -> String {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    if !(-719_528..2_932_897).contains(&days) {
        return format!("{seconds} s");
    }
    let date = date(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let fraction = match nanos {
        0 => String::new(),
        nanos => format!(".{nanos:09}").trim_end_matches('0').into(),
    };
    format!("{date}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
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
