//! Programs: those that cargo has built, and those that are installed.

use std::env;
use std::path::PathBuf;

/// The path of a program that cargo has built beside this one.
pub(crate) fn sibling_program(name: &str) -> PathBuf {
    let this = env::current_exe().expect("this program has a path");
    this.with_file_name(name)
}

/// The path of a program that is installed.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}
