//! The components: properties in, callbacks out.

pub mod attachments;
pub mod changing;
pub mod chart;
pub mod clients;
pub mod composer;
pub mod composer_keys;
pub mod empty_state;
pub mod event;
pub mod file_button;
pub mod filter_bar;
pub mod focus;
pub mod live_region;
pub mod locale;
pub mod log_panel;
pub mod menu;
pub mod message_row;
pub mod notice_bar;
pub mod repeat_group;
pub mod select;
pub mod selection_keys;
pub mod stats_bar;
pub mod text_box;
pub mod top_bar;
pub mod virtual_list;
pub mod wire_view;
pub mod wire_view_tabs;

#[cfg(test)]
mod tests;
