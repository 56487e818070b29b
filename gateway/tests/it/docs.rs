//! The documentation says what is so: its tables are held against the code, and its commands
//! are run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use bytes::Buf;
use clap::CommandFactory;
use protocol::{Encoder, Framing};
use testkit::FREE_PORTS;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::command::{GatewayProcess, framegate, text};
use crate::harness::{TestServer, within};
use crate::request::ask;

fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

fn document(name: &str) -> String {
    std::fs::read_to_string(place(name)).unwrap()
}

/// `hello` in a frame, as the table of framings has it.
fn on_the_wire(framing: Framing) -> String {
    let mut encoder = Encoder::new(framing);
    encoder.push_copy(&[b"hello"]).unwrap();
    let bytes = encoder.copy_to_bytes(encoder.remaining());
    let bytes: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}

fn longest(framing: Framing) -> String {
    match framing.max_payload_len() {
        255 | 254 => format!("{} B", framing.max_payload_len()),
        len if len < 1 << 16 => format!("64 KiB - {}", (1 << 16) - len),
        len if len < 1 << 24 => format!("16 MiB - {}", (1 << 24) - len),
        len if len < 1 << 32 => format!("4 GiB - {}", (1u64 << 32) - len as u64),
        _ => "`--max-frame`".into(),
    }
}

#[test]
fn the_wire_format_has_every_framing() {
    let text = document("docs/wire-format.md");
    let rows: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    for framing in Framing::ALL.iter().copied() {
        let (name, wire) = (framing.name(), on_the_wire(framing));
        let row = format!("| `{name}` | `{wire}` | {} |", longest(framing));
        assert!(rows.contains(&row.as_str()), "{row}");
    }
    assert_eq!(rows.len(), Framing::ALL.len());
}

/// The lines between fences that are marked so, those that go on joined, with the comment
/// that ends each.
fn fenced(text: &str, language: &str) -> Vec<String> {
    let opening = format!("```{language}\n");
    let blocks = text.split(&opening).skip(1);
    blocks
        .filter_map(|block| Some(block.split_once("```")?.0.replace("\\\n", " ")))
        .collect()
}

/// What the documents' commands find: services where they say, and files.
struct Stage {
    folder: tempfile::TempDir,
    gateway: GatewayProcess,
    /// What is in the documents, and what it is here.
    names: Vec<(&'static str, String)>,
    _services: Vec<Child>,
}

impl Stage {
    async fn set() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(["localhost".into()]).unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("cert.pem", &made.cert.pem());
        write("key.pem", &made.signing_key.serialize_pem());
        write("token", "0123456789abcdef\n");
        write(
            "messages.ndjson",
            &fenced(&document("docs/operations.md"), "json")[0],
        );
        let mut gateway = GatewayProcess::start(&mut framegate(&FREE_PORTS));
        let http = gateway.addr("page").await.to_string();
        let tcp = gateway.addr("echo").await.to_string();
        Self {
            folder,
            gateway,
            names: vec![("127.0.0.1:3000", http), ("127.0.0.1:9999", tcp)],
            _services: Vec::new(),
        }
    }

    /// Runs a program of a document, which says where it listens, on a free port.
    async fn serve(&mut self, program: &str, address: &'static str) {
        let port = address.rsplit_once(':').unwrap().1;
        let listens = format!("\"127.0.0.1\", {port})");
        assert!(program.contains(&listens), "{program}");
        let program = program.replace(&listens, "\"127.0.0.1\", 0)");
        let program = program.replace(
            "    await server.serve_forever()",
            "    print(server.sockets[0].getsockname()[1], flush=True)\n    await server.serve_forever()",
        );
        let mut child = Command::new("python3")
            .args(["-c", &program])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = within(lines.next_line()).await.unwrap().unwrap();
        self.names.push((address, format!("127.0.0.1:{port}")));
        self._services.push(child);
    }

    /// Runs a line as a shell does, `framegate` being the binary.
    async fn run(&self, line: &str) -> Output {
        let binary = framegate(&[]).as_std().get_program().to_owned();
        let mut line = line.to_owned();
        for (there, here) in &self.names {
            line = line.replace(there, here);
        }
        let script = format!("framegate() {{ \"$FRAMEGATE\" \"$@\"; }}\n{line}");
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &script])
            .env("FRAMEGATE", binary)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        within(shell.output()).await.unwrap()
    }

    async fn check(&self, line: &str) {
        let (command, comment) = line.split_once(" # ").unwrap_or((line, ""));
        let command = command.trim();
        let words: Vec<_> = command.split_whitespace().collect();
        let output = match words[..] {
            [] => return,
            ["make", target, ..] => {
                let makefile = document("Makefile");
                let is_there = makefile
                    .lines()
                    .any(|it| it.starts_with(&format!("{target}:")));
                return assert!(is_there, "{line}");
            }
            // To the usual port, by default.
            ["framegate", "send", ..] if !words.contains(&"--to") => {
                let to = "framegate send --to tcp://127.0.0.1:9999";
                self.run(&command.replacen("framegate send", to, 1)).await
            }
            // Was started from the document itself.
            ["python3", .., "&"] => return,
            [
                "framegate",
                "send" | "bench" | "replay" | "man" | "completions" | "config",
                ..,
            ]
            | ["openssl", ..] => self.run(command).await,
            // Options are taken; what they would do is other tests' concern.
            ["framegate", ..] => {
                self.run(&command.replacen("framegate", "framegate config", 1))
                    .await
            }
            _ => panic!("no test knows how to run: {line}"),
        };
        let said = text(&output.stdout) + &text(&output.stderr);
        assert!(output.status.success(), "{line}\n{said}");
        if let Some(printed) = comment.trim().strip_prefix("prints: ") {
            assert_eq!(text(&output.stdout).trim_end(), printed, "{line}");
        }
    }
}

#[tokio::test]
async fn the_commands_of_readme_and_operations_work() {
    let stage = Stage::set().await;
    for name in ["README.md", "README.ja.md", "docs/operations.md"] {
        for block in fenced(&document(name), "sh") {
            for line in block.lines() {
                stage.check(line).await;
            }
        }
    }
}

#[tokio::test]
async fn the_readmes_client_receives_its_echo() {
    let stage = Stage::set().await;
    let program = fenced(&document("README.md"), "python").remove(0);
    let (_, port) = stage.names[1].1.rsplit_once(':').unwrap();
    let program = program.replace("9999", port);
    let run = Command::new("python3").args(["-c", &program]).output();
    assert_eq!(text(&within(run).await.unwrap().stdout), "echo : hello\n");
}

#[tokio::test]
async fn a_release_of_this_version_has_notes_and_a_tag_of_its_own() {
    let release = |args: &'static [&str]| async move {
        let run = Command::new(place("scripts/release")).args(args).output();
        within(run).await.unwrap()
    };
    assert!(text(&release(&["notes"]).await.stdout).starts_with("- "));

    let other = release(&["check", "v0.0.9"]).await;
    assert!(!other.status.success());
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    assert!(text(&other.stderr).contains(&format!("v0.0.9 is not {version}")));
}

#[tokio::test]
async fn operations_has_every_metric() {
    let text = document("docs/operations.md");
    let documented: BTreeSet<_> = text
        .lines()
        .filter(|line| line.starts_with("| `framegate_"))
        .flat_map(|line| {
            line.split('`')
                .filter(|word| word.starts_with("framegate_"))
        })
        .collect();

    let server = TestServer::start().await;
    // Those with a label appear with their first value.
    let foreign = [("origin", "http://evil.example")];
    assert_eq!(ask(&server, "GET /ws", &foreign).await.status(), 403);
    server.open_at("ws/nobody").await.closed().await;
    let metrics = ask(&server, "GET /metrics", &[]).await;
    let metrics = metrics.body();
    let there: BTreeSet<_> = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .collect();
    assert_eq!(documented, there);
}

#[tokio::test]
async fn the_tutorial_works() {
    let text = document("docs/tutorial.md");
    let mut stage = Stage::set().await;
    stage
        .serve(&fenced(&text, "python")[0], "127.0.0.1:7000")
        .await;
    for block in fenced(&text, "sh") {
        for line in block.lines() {
            stage.check(line).await;
        }
    }
    drop(stage.gateway);
}

/// Options as a document: a table for each of the help's headings.
fn reference() -> String {
    let command = gateway::Cli::command();
    let serve = command.find_subcommand("serve").unwrap();
    let options = serve.get_arguments().filter(|arg| {
        let hidden = ["help", "version"];
        arg.get_long().is_some_and(|long| !hidden.contains(&long))
    });
    let mut headings: Vec<(&str, String)> = Vec::new();
    for option in options {
        let heading = option.get_help_heading().unwrap_or("Service");
        if headings.last().is_none_or(|(last, _)| *last != heading) {
            headings.push((heading, String::new()));
        }
        headings.last_mut().unwrap().1 += &entry(option);
    }
    let sections = headings
        .iter()
        .map(|(heading, entries)| format!("\n## {heading}\n{entries}"));
    sections.fold(REFERENCE.into(), |text: String, section| text + &section)
}

const REFERENCE: &str = "# Configuration

<!-- Made from the options themselves: UPDATE_DOCS=1 cargo test -p framegate --test it reference -->

Each option can be given on the command line, as a variable, or under its name in a TOML file that
`--config` names; the first of these that has it wins. `framegate config` prints what is in force and
where each comes from.
";

fn entry(option: &clap::Arg) -> String {
    let long = option.get_long().unwrap();
    let values = option.get_value_names().unwrap_or_default();
    let value = values
        .first()
        .map(|it| format!(" {it}"))
        .unwrap_or_default();
    let help = option
        .get_long_help()
        .or(option.get_help())
        .unwrap()
        .to_string();
    let (first, rest) = help.split_once("\n\n").unwrap_or((&help, ""));
    let defaults: Vec<_> = option
        .get_default_values()
        .iter()
        .map(|it| format!("`{}`", it.to_string_lossy()))
        .collect();
    let default = match defaults.join(", ") {
        none if none.is_empty() => String::new(),
        default => format!(", by default {default}"),
    };
    let variable = option.get_env().unwrap().to_string_lossy();
    let rest = match rest {
        "" => String::new(),
        rest => format!("\n{rest}\n"),
    };
    format!("\n### `--{long}{value}`\n\n{first}. Variable `{variable}`{default}.\n{rest}")
}

#[test]
fn the_reference_is_that_of_the_options() {
    let path = "docs/configuration.md";
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(place(path), reference()).unwrap();
    }
    assert!(
        document(path) == reference(),
        "{path} is stale: UPDATE_DOCS=1 cargo test -p framegate --test it reference"
    );
}
