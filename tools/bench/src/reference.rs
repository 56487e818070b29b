//! The reference servers in C, built with the system's compiler.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::program::sibling_program;

/// References that need a library: the source, the program, the library's header, its package on
/// Debian, and the compiler's arguments.
const WITH_LIBRARY: [(&str, &str, &str, &str, &[&str]); 2] = [
    (
        "bridge",
        "bridge-tls",
        "openssl/ssl.h",
        "libssl-dev",
        &["-DTLS", "-lssl", "-lcrypto"],
    ),
    (
        "echo-uring",
        "echo-uring",
        "liburing.h",
        "liburing-dev",
        &["-luring"],
    ),
];

/// Returns the folder of the sources.
pub(crate) fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("reference")
}

/// Returns the folder of the programs.
pub(crate) fn built() -> PathBuf {
    sibling_program("reference")
}

/// Builds the references and returns their folder; `None` if there is no C compiler. Those whose
/// library is missing are left out.
///
/// # Panics
/// If the compiler rejects one.
pub(crate) fn build() -> Option<PathBuf> {
    let built = built();
    std::fs::create_dir_all(&built).expect("a folder beside this program");
    for name in ["echo", "bridge"] {
        let is_built = compile(name, &built.join(name), &[])?;
        assert!(is_built, "the C compiler rejects {name}.c");
    }
    for (name, program, header, _, args) in WITH_LIBRARY {
        if has_header(header)? {
            let is_built = compile(name, &built.join(program), args)?;
            assert!(is_built, "the C compiler rejects {name}.c for {program}");
        }
    }
    Some(built)
}

/// Returns the package on Debian that a reference is left out without.
pub(crate) fn missing_package(program: &str) -> Option<&'static str> {
    let entry = WITH_LIBRARY.iter().find(|it| it.1 == program);
    entry.map(|(_, _, _, package, _)| *package)
}

fn compiler() -> Command {
    let mut command = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
    command.args(["-O2", "-Wall", "-Wextra"]);
    command
}

fn compile(name: &str, program: &Path, args: &[&str]) -> Option<bool> {
    let source = source().join(name).with_extension("c");
    let mut command = compiler();
    command.arg("-o").arg(program).arg(source).args(args);
    Some(command.status().ok()?.success())
}

fn has_header(header: &str) -> Option<bool> {
    let mut command = compiler();
    command.args(["-include", header, "-fsyntax-only", "-xc", "/dev/null"]);
    Some(command.stderr(Stdio::null()).status().ok()?.success())
}
