//! The command line, the environment and the configuration file: from options to a checked
//! [`Config`](crate::Config).

pub(crate) mod args;
mod checks;
pub(crate) mod config_error;
pub(crate) mod config_file;
mod config_listing;
mod derived_defaults;
pub(crate) mod environment;
pub(crate) mod invocation;
mod login_link;
pub(crate) mod manual;
mod nearest;
mod usage_error;
