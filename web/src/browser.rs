//! The browser's APIs: effects that turn its events into actions, and functions that call it.

pub mod appearance;
pub mod attachment;
pub mod batch_sender;
pub mod clock;
pub mod event;
pub mod file;
pub mod fragment;
pub mod info;
pub mod late_file;
pub mod late_filter;
pub mod late_part;
pub mod live_feed;
pub mod matcher;
pub mod pasted_text;
pub mod reload;
pub mod socket;
pub mod storage;
pub mod timer;
pub mod url;
pub mod web_storage;
