//! The reference servers in C, built with the system's compiler.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds the references and returns their folder; `None` if there is no C compiler.
///
/// # Panics
/// If the compiler rejects one.
pub(crate) fn build() -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("reference");
    let built = crate::contender::sibling_program("reference");
    std::fs::create_dir_all(&built).expect("a folder beside this program");
    for name in ["echo", "bridge"] {
        let status = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()))
            .args(["-O2", "-Wall", "-Wextra", "-o"])
            .arg(built.join(name))
            .arg(source.join(name).with_extension("c"))
            .status()
            .ok()?;
        assert!(status.success(), "the C compiler rejects {name}.c");
    }
    Some(built)
}
