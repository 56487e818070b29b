//! What the gateway is told, and by which ways: from words to a checked [`Config`](crate::Config).

pub(crate) mod args;
pub(crate) mod config;
pub(crate) mod manual;
pub(crate) mod options;
pub(crate) mod upstream;
