//! Contenders: the servers that are measured, and the programs that they are.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use testkit::ReservedPort;

use crate::program::{on_path, sibling_program};
use crate::{reference, tls};

/// The service of a contender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Echoes frames on TCP.
    Echo,
    /// Bridges WebSockets to an echo server.
    Bridge,
    /// Bridges WebSockets in TLS to an echo server.
    TlsBridge,
}

impl Kind {
    /// The service's name in the start-up text.
    pub(crate) fn service(self) -> &'static str {
        match self {
            Self::Echo => "echo",
            Self::Bridge | Self::TlsBridge => "bridge",
        }
    }

    /// The name in the titles of tables.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Echo => "echo",
            Self::Bridge => "bridge",
            Self::TlsBridge => "bridge with TLS",
        }
    }
}

/// A server to measure.
#[derive(Debug, Clone)]
pub(crate) struct Contender {
    /// The name in the tables, and in `--contenders`.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// True if it forwards bytes without knowing frames.
    pub(crate) is_stream: bool,
    /// The most connections that a workload may open.
    pub(crate) max_connections: u32,
    pub(crate) program: PathBuf,
    /// The arguments, with `{listen}` and `{upstream}` for addresses, `{port}` for the
    /// upstream's port, and `{reference}` and `{tls}` for the folders of the references and of the
    /// certificate. A server without `{listen}` announces its address.
    args: &'static [&'static str],
    /// The framing of framegate and of the load, if it is not the default.
    pub(crate) framing: Option<&'static str>,
    /// True if the load's sessions are resumable.
    pub(crate) is_resumable: bool,
}

/// The origin of a program.
enum Source {
    /// A reference in C, built into this folder.
    Reference(&'static str),
    /// A binary of this workspace.
    Workspace(&'static str),
    /// A third-party program on the PATH.
    Path(&'static str),
    /// A script that runs the C bridge behind this program.
    Front(&'static str),
}

/// The references in C: the 1.00 of the ratios.
pub(crate) const C_ECHO: &str = "c-echo";
pub(crate) const C_BRIDGE: &str = "c-bridge";
pub(crate) const C_TLS: &str = "c-bridge-tls";
/// The release binary.
pub(crate) const FRAMEGATE: [&str; 2] = ["framegate-echo", "framegate-bridge"];
pub(crate) const FRAMEGATE_TLS: &str = "framegate-tls";
/// The least work that tokio allows.
const BARE: [&str; 2] = ["tokio-bare-echo", "tokio-bare-bridge"];

const ECHO_ARGS: &[&str] = &["--http=127.0.0.1:0", "--tcp=127.0.0.1:0", UNLIMITED];
const BRIDGE_ARGS: &[&str] = &[
    "--http=127.0.0.1:0",
    "--tcp=off",
    "--upstream={upstream}",
    UNLIMITED,
];
const TLS_ARGS: &[&str] = &[
    "--http=127.0.0.1:0",
    "--tcp=off",
    "--upstream={upstream}",
    "--tls-cert={tls}/certificate.pem",
    "--tls-key={tls}/key.pem",
    UNLIMITED,
];
const C_TLS_ARGS: &[&str] = &["{port}", "{tls}/certificate.pem", "{tls}/key.pem"];
const HAPROXY: &[&str] = &[
    "haproxy",
    "{listen}",
    "{port}",
    "{tls}",
    "{reference}/bridge",
];
const NGINX: &[&str] = &["nginx", "{listen}", "{port}", "{tls}", "{reference}/bridge"];
const UNLIMITED: &str = "--max-connections=0";
const WEBSOCAT: &[&str] = &["-b", "ws-l:{listen}", "tcp:{upstream}"];
const WEBSOCKIFY: &[&str] = &["{listen}", "{upstream}"];
const MESSAGES_ARGS: &[&str] = &[
    "--http=127.0.0.1:0",
    "--tcp=off",
    "--upstream={upstream}?compress=messages",
    UNLIMITED,
];
const TAKEOVER_ARGS: &[&str] = &[
    "--http=127.0.0.1:0",
    "--tcp=off",
    "--upstream={upstream}?compress=takeover",
    UNLIMITED,
];

/// A name, a kind, a program and its arguments.
type Entry = (&'static str, Kind, Source, &'static [&'static str]);

/// Returns the contenders that are installed, and for each other one the reason why not.
pub(crate) fn all(reference: Option<&Path>) -> (Vec<Contender>, Vec<String>) {
    use Kind::{Bridge, Echo, TlsBridge};
    use Source::{Front, Path, Reference, Workspace};
    let entries: [Entry; 17] = [
        (C_ECHO, Echo, Reference("echo"), &[]),
        ("c-uring-echo", Echo, Reference("echo-uring"), &[]),
        (BARE[0], Echo, Workspace("bare-echo"), &[]),
        (FRAMEGATE[0], Echo, Workspace("framegate"), ECHO_ARGS),
        ("tokio-framed", Echo, Workspace("framed-echo"), &[]),
        (C_BRIDGE, Bridge, Reference("bridge"), &["{port}"]),
        (BARE[1], Bridge, Workspace("bare-bridge"), &["{port}"]),
        (FRAMEGATE[1], Bridge, Workspace("framegate"), BRIDGE_ARGS),
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
        (C_TLS, TlsBridge, Reference("bridge-tls"), C_TLS_ARGS),
        (FRAMEGATE_TLS, TlsBridge, Workspace("framegate"), TLS_ARGS),
        ("haproxy+c-bridge", TlsBridge, Front("haproxy"), HAPROXY),
        ("nginx+c-bridge", TlsBridge, Front("nginx"), NGINX),
    ];
    find(entries, reference)
}

/// Returns the contenders with permessage-deflate: without compression, with each message by itself,
/// and with context takeover. Those of ws are echo servers, which have no upstream to talk to.
pub(crate) fn with_deflate(reference: Option<&Path>) -> (Vec<Contender>, Vec<String>) {
    use Kind::Bridge;
    use Source::{Path, Workspace};
    let framegate = || Workspace("framegate");
    let entries: [Entry; 6] = [
        ("framegate, off", Bridge, framegate(), BRIDGE_ARGS),
        ("framegate, messages", Bridge, framegate(), MESSAGES_ARGS),
        ("framegate, takeover", Bridge, framegate(), TAKEOVER_ARGS),
        ("ws, off", Bridge, Path("ws-echo"), &["{listen}", "off"]),
        (
            "ws, messages",
            Bridge,
            Path("ws-echo"),
            &["{listen}", "messages"],
        ),
        (
            "ws, takeover",
            Bridge,
            Path("ws-echo"),
            &["{listen}", "takeover"],
        ),
    ];
    find(entries, reference)
}

fn find(
    entries: impl IntoIterator<Item = Entry>,
    reference: Option<&Path>,
) -> (Vec<Contender>, Vec<String>) {
    let (mut present, mut absent) = (Vec::new(), Vec::new());
    for (name, kind, source, args) in entries {
        match source.find(reference) {
            Ok(program) => present.push(Contender {
                name,
                kind,
                is_stream: matches!(source, Source::Path(_)),
                // websockify has a Python process for each connection.
                max_connections: if name == "websockify" { 64 } else { u32::MAX },
                program,
                args,
                framing: None,
                is_resumable: false,
            }),
            Err(why) => absent.push(format!("{name} is left out: {why}")),
        }
    }
    (present, absent)
}

impl Contender {
    /// Returns true for the bridges that users have besides framegate: neither a reference
    /// nor a bare one.
    pub(crate) fn is_existing_bridge(&self) -> bool {
        self.kind == Kind::Bridge && ![C_BRIDGE, BARE[1], FRAMEGATE[1]].contains(&self.name)
    }

    /// Reserves a port for a server that is told its address.
    pub(crate) fn reserve_port(&self) -> io::Result<Option<ReservedPort>> {
        let is_told = self.args.iter().any(|arg| arg.contains("{listen}"));
        is_told.then(ReservedPort::new).transpose()
    }

    /// The arguments with these addresses.
    pub(crate) fn args(
        &self,
        listen: Option<SocketAddr>,
        upstream: Option<SocketAddr>,
    ) -> impl Iterator<Item = String> {
        let text = |addr: Option<SocketAddr>| addr.map(|addr| addr.to_string());
        let (listen, port) = (text(listen), upstream.map(|addr| addr.port().to_string()));
        let of_upstream = self
            .framing
            .map_or(String::new(), |it| format!("?framing={it}"));
        let of_echo = self.framing.filter(|_| self.kind == Kind::Echo);
        let folder = |path: PathBuf| Some(path.to_string_lossy().into_owned());
        let names = [
            ("{reference}", folder(reference::built())),
            ("{tls}", folder(tls::folder())),
            ("{listen}", listen),
            ("{upstream}", text(upstream).map(|it| it + &of_upstream)),
            ("{port}", port),
        ];
        let args = self.args.iter().map(move |arg| {
            let fill = |arg: String, (name, value): &(&str, Option<String>)| match value {
                Some(value) => arg.replace(name, value),
                None => arg,
            };
            names.iter().fold((*arg).to_owned(), fill)
        });
        args.chain(of_echo.map(|framing| format!("--framing={framing}")))
    }

    /// Returns the contender with another framing.
    pub(crate) fn with_framing(&self, framing: &'static str) -> Self {
        Self {
            framing: Some(framing),
            ..self.clone()
        }
    }

    /// Returns the contender under a load of resumable sessions.
    pub(crate) fn resumable(&self) -> Self {
        Self {
            is_resumable: true,
            ..self.clone()
        }
    }
}

impl Source {
    fn find(&self, reference: Option<&Path>) -> Result<PathBuf, String> {
        match self {
            Self::Reference(name) => {
                let folder = reference.ok_or("there is no C compiler")?;
                let program = folder.join(name);
                let exists = program.exists().then_some(program);
                let package = reference::missing_package(name).unwrap_or("library");
                exists.ok_or_else(|| format!("it is built with Debian's {package}"))
            }
            Self::Front(name) => {
                reference.ok_or("there is no C compiler")?;
                Self::Path(name).find(reference)?;
                Ok(reference::source().join("front"))
            }
            Self::Workspace(name) => {
                let program = sibling_program(name);
                let exists = program.exists().then_some(program);
                exists.ok_or_else(|| format!("{name} is not built; make bench does it"))
            }
            Self::Path(name) => on_path(name).ok_or_else(|| format!("{name} is not on the PATH")),
        }
    }
}
