//! Threads, timers and wake-ups.

pub(crate) mod http_timer;
pub(crate) mod stop;
pub(crate) mod turn_queue;
pub(crate) mod unblock;
pub(crate) mod wake_filter;
pub(crate) mod workers;
