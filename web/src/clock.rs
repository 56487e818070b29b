//! The browser's clocks.

use js_sys::Date;

use crate::time::Moment;

/// Now.
pub fn now() -> Moment {
    let date = Date::new_0();
    let offset_ms = date.get_timezone_offset() * 60_000.0;
    let steady_ms = web_sys::window()
        .and_then(|window| window.performance())
        .map_or_else(|| date.get_time(), |performance| performance.now());
    Moment {
        local_ms: date.get_time() - offset_ms,
        steady_ms,
    }
}
