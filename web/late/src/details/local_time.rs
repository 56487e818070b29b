//! Local time of an instant, by the browser.

use js_sys::Date;

/// Returns the offset of local time from UTC at an instant, such as `+01:00`.
pub fn zone(local_ms: i64) -> String {
    let offset = |ms: f64| -Date::new(&ms.into()).get_timezone_offset();
    let local = local_ms as f64;
    let minutes = offset(local - 60_000.0 * offset(local)) as i32;
    let sign = if minutes < 0 { '-' } else { '+' };
    let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
    format!(" {sign}{hours:02}:{minutes:02}")
}
