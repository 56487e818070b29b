//! The browser's clocks and its random number generator.

use js_sys::Date;
use web_core::time::Moment;

/// Returns the current time by both clocks.
pub fn now() -> Moment {
    let utc_ms = Date::now();
    let steady_ms = web_sys::window()
        .and_then(|window| window.performance())
        .map_or(utc_ms, |performance| performance.now());
    Moment { utc_ms, steady_ms }
}

/// Returns local time minus UTC at an instant, in milliseconds.
pub fn offset_ms(utc_ms: f64) -> f64 {
    -Date::new(&utc_ms.into()).get_timezone_offset() * 60_000.0
}

/// Returns a random number from 0 to 1.
pub fn random() -> f64 {
    js_sys::Math::random()
}
