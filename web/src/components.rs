//! What the page is made of: properties in, callbacks out.

pub mod beginning;
pub mod composer;
pub mod messages;
pub mod row;
pub mod stats;
pub mod top_bar;
pub mod wire_view;

#[cfg(test)]
mod tests;
