//! The browser's clocks, and its dice.

use js_sys::Date;
use web_core::time::Moment;

/// Now.
pub fn now() -> Moment {
    let date = Date::new_0();
    let steady_ms = web_sys::window()
        .and_then(|window| window.performance())
        .map_or_else(|| date.get_time(), |performance| performance.now());
    Moment {
        local_ms: date.get_time() + ahead_ms(&date),
        steady_ms,
    }
}

/// How far local time is ahead of UTC now, in milliseconds.
pub fn offset_ms() -> f64 {
    ahead_ms(&Date::new_0())
}

/// A random number from 0 to 1.
pub fn chance() -> f64 {
    js_sys::Math::random()
}

fn ahead_ms(date: &Date) -> f64 {
    -date.get_timezone_offset() * 60_000.0
}
