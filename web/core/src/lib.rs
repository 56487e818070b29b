//! The page without a browser: its state, and everything that is computed from it.
//!
//! [`state`] holds the reducer: an [`action`] changes the [`State`](state::State), and the
//! view is drawn from it. This crate depends on neither yew nor web-sys, so that all of it
//! is tested natively; the time and random numbers are arguments.

pub mod action;
pub mod attachment;
pub mod backoff;
pub mod batch;
pub mod chart_numbers;
pub mod connection;
pub mod draft;
pub mod encoding;
pub mod filter;
pub mod format;
pub mod frame_view;
pub mod framing;
pub mod gateway_info;
pub mod histogram;
pub mod i18n;
pub mod json;
pub mod language;
pub mod live_feed;
pub mod log_view;
pub mod message;
pub mod message_log;
pub mod message_pane;
pub mod notice;
pub mod packed;
pub mod page_tab;
pub mod record;
pub mod resumable_connection;
pub mod row_framings;
pub mod settings;
pub mod shared_entries;
pub mod shown_message;
pub mod snippets;
pub mod socket_events;
pub mod state;
pub mod stats;
pub mod step;
pub mod stored_state;
pub mod stream_reader;
pub mod time;
pub mod wire_view_tab;
pub mod zone;
