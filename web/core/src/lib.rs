//! The page without a browser: its state, and everything that is computed from it.
//!
//! [`state`] holds the reducer: an [`action`] changes the [`State`](state::State), and the
//! view is drawn from it. This crate depends on neither yew nor web-sys, so that all of it
//! is tested natively; the time and random numbers are arguments.

pub mod action;
pub mod backoff;
pub mod book;
pub mod connection;
pub mod draft;
pub mod encoding;
pub mod export;
pub mod figures;
pub mod filter;
pub mod format;
pub mod gateway;
pub mod histogram;
pub mod json;
pub mod listing;
pub mod log;
pub mod monitor;
pub mod notice;
pub mod repeat;
pub mod settings;
pub mod state;
pub mod text;
pub mod time;
pub mod view;
pub mod wire;
