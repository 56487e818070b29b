//! The browser: its events become actions, and what it is asked it does.

pub mod appearance;
pub mod clipboard;
pub mod clock;
pub mod file;
pub mod fragment;
pub mod info;
pub mod monitor;
pub mod regex;
pub mod repeater;
pub mod socket;
pub mod storage;
pub mod timer;
pub mod url;
