//! The components: properties in, callbacks out.

pub mod chart;
pub mod clients;
pub mod composer;
pub mod copy_button;
pub mod empty_state;
pub mod event;
pub mod file_button;
pub mod filter_bar;
pub mod focus;
pub mod hex_dump;
pub mod language;
pub mod live_region;
pub mod log_panel;
pub mod menu;
pub mod message_row;
pub mod notice_bar;
pub mod repeat_group;
pub mod select;
pub mod snippet;
pub mod stats_bar;
pub mod top_bar;
pub mod virtual_list;
pub mod wire_view;
pub mod wire_view_content;
pub mod wire_view_tabs;

#[cfg(test)]
mod tests;
