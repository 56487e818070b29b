//! The browser's clocks and its random number generator.

use js_sys::Date;
use web_core::time::Moment;
use web_sys::Performance;

/// Returns the current time by both clocks.
pub fn now() -> Moment {
    Moment {
        utc_ms: Date::now(),
        steady_ms: steady_ms(),
    }
}

/// Returns the time of the monotonic clock, in milliseconds.
pub fn steady_ms() -> f64 {
    performance().map_or_else(Date::now, |it| it.now())
}

/// Returns the zero of the monotonic clock, in milliseconds since the Unix epoch: the clocks of
/// workers have others.
pub fn origin() -> f64 {
    performance().map_or(0.0, |it| it.time_origin())
}

fn performance() -> Option<Performance> {
    web_sys::window().and_then(|window| window.performance())
}

/// Returns local time minus UTC at an instant, in milliseconds.
pub fn offset_ms(utc_ms: f64) -> f64 {
    -Date::new(&utc_ms.into()).get_timezone_offset() * 60_000.0
}

/// Returns a random number from 0 to 1.
pub fn random() -> f64 {
    js_sys::Math::random()
}
