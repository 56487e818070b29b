//! Timeouts and endings of streams.

pub(crate) mod activity;
pub(crate) mod idle;
pub(crate) mod lingering_close;
pub(crate) mod register_here;
pub(crate) mod ticker;
pub(crate) mod write_timeout;
