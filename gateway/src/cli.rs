//! The command line and the configuration file.

pub(crate) mod args;
pub(crate) mod checks;
pub(crate) mod config_file;
pub(crate) mod manual;
