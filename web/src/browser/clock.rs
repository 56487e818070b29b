//! The browser's clocks and its random number generator.

use js_sys::Date;
use web_core::time::Moment;

/// Returns the current time by both clocks.
pub fn now() -> Moment {
    let date = Date::new_0();
    let steady_ms = web_sys::window()
        .and_then(|window| window.performance())
        .map_or_else(|| date.get_time(), |performance| performance.now());
    Moment {
        local_ms: date.get_time() + offset_of(&date),
        steady_ms,
    }
}

/// Returns local time minus UTC, in milliseconds.
pub fn utc_offset_ms() -> f64 {
    offset_of(&Date::new_0())
}

/// Returns a random number from 0 to 1.
pub fn random() -> f64 {
    js_sys::Math::random()
}

fn offset_of(date: &Date) -> f64 {
    -date.get_timezone_offset() * 60_000.0
}
