//! The browser's clocks and its random number generator.

use js_sys::Date;
use web_core::time::Moment;
use web_sys::Performance;

/// Returns the current time by both clocks.
pub fn now() -> Moment {
    let date = Date::new_0();
    Moment {
        local_ms: date.get_time() + offset_of(&date),
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
