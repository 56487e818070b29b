//! Who is measured, and where each comes from.

use std::env;
use std::path::{Path, PathBuf};

/// What a contender does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Answers frames on TCP.
    Echo,
    /// Joins WebSockets to an echo server.
    Bridge,
}

/// A server to be measured.
#[derive(Debug, Clone)]
pub(crate) struct Contender {
    /// As in the tables, and in `--contenders`.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// Whether it carries bytes without knowing frames.
    pub(crate) is_stream: bool,
    /// How many connections it is asked to hold.
    pub(crate) max_connections: u32,
    pub(crate) program: PathBuf,
    /// With `{listen}` and `{upstream}` for addresses, and `{port}` for the upstream's port.
    /// Without `{listen}`, it prints where it is.
    pub(crate) args: &'static [&'static str],
}

/// Where a program comes from.
enum Source {
    /// Built from C, in this folder.
    Reference(&'static str),
    /// Built from this workspace.
    Workspace(&'static str),
    /// Somebody else's, where it is installed.
    Path(&'static str),
}

/// The C programs, against which all others are measured.
pub(crate) const C_ECHO: &str = "c-echo";
pub(crate) const C_BRIDGE: &str = "c-bridge";
/// Who is measured.
pub(crate) const OURS: [&str; 2] = ["framegate-echo", "framegate-bridge"];
/// The least that the runtime allows.
const BARE: [&str; 2] = ["tokio-bare-echo", "tokio-bare-bridge"];

const FRAMEGATE_ECHO: &[&str] = &["--http=127.0.0.1:0", "--tcp=127.0.0.1:0", UNLIMITED];
const FRAMEGATE_BRIDGE: &[&str] = &[
    "--http=127.0.0.1:0",
    "--tcp=off",
    "--upstream={upstream}",
    UNLIMITED,
];
const UNLIMITED: &str = "--max-connections=0";
const WEBSOCAT: &[&str] = &["-b", "ws-l:{listen}", "tcp:{upstream}"];
const WEBSOCKIFY: &[&str] = &["{listen}", "{upstream}"];

/// Everyone there is here, and why the others are not.
pub(crate) fn all(reference: Option<&Path>) -> (Vec<Contender>, Vec<String>) {
    use Kind::{Bridge, Echo};
    use Source::{Path, Reference, Workspace};
    let entries: [(_, _, _, &'static [&'static str]); 12] = [
        (C_ECHO, Echo, Reference("echo"), &[]),
        (BARE[0], Echo, Workspace("bare-echo"), &[]),
        (OURS[0], Echo, Workspace("framegate"), FRAMEGATE_ECHO),
        ("tokio-framed", Echo, Workspace("framed-echo"), &[]),
        (C_BRIDGE, Bridge, Reference("bridge"), &["{port}"]),
        (BARE[1], Bridge, Workspace("bare-bridge"), &["{port}"]),
        (OURS[1], Bridge, Workspace("framegate"), FRAMEGATE_BRIDGE),
        ("axum-split", Bridge, Workspace("axum-bridge"), &["{port}"]),
        ("websocat-4", Bridge, Path("websocat4"), WEBSOCAT),
        ("websocat-1", Bridge, Path("websocat"), WEBSOCAT),
        ("websockify", Bridge, Path("websockify"), WEBSOCKIFY),
        (
            "node-websockify",
            Bridge,
            Path("node-websockify"),
            WEBSOCKIFY,
        ),
    ];
    let (mut present, mut absent) = (Vec::new(), Vec::new());
    for (name, kind, source, args) in entries {
        match source.find(reference) {
            Ok(program) => present.push(Contender {
                name,
                kind,
                is_stream: matches!(source, Path(_)),
                // A process of Python's for each.
                max_connections: if name == "websockify" { 64 } else { u32::MAX },
                program,
                args,
            }),
            Err(why) => absent.push(format!("{name} is left out: {why}")),
        }
    }
    (present, absent)
}

impl Contender {
    pub(crate) fn is_existing_bridge(&self) -> bool {
        self.kind == Kind::Bridge && ![C_BRIDGE, BARE[1], OURS[1]].contains(&self.name)
    }
}

impl Source {
    fn find(&self, reference: Option<&Path>) -> Result<PathBuf, String> {
        match self {
            Self::Reference(name) => reference
                .map(|folder| folder.join(name))
                .ok_or_else(|| "there is no C compiler".into()),
            Self::Workspace(name) => {
                let program = beside_us(name);
                let exists = program.exists().then_some(program);
                exists.ok_or_else(|| format!("{name} is not built; make bench does it"))
            }
            Self::Path(name) => on_path(name).ok_or_else(|| format!("{name} is not on the PATH")),
        }
    }
}

/// A program that cargo put where it put this one.
pub(crate) fn beside_us(name: &str) -> PathBuf {
    let ours = env::current_exe().expect("this program has a path");
    ours.with_file_name(name)
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}
