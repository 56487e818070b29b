//! Documentation tests: tables are compared with the code, and commands are run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use bytes::Buf;
use clap::CommandFactory;
use protocol::{Encoder, Framing};
use testkit::FREE_PORTS;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::framings::text_message;
use crate::harness::{TestServer, within};
use crate::http_client::fetch;
use crate::process::{GatewayProcess, assert_contains, framegate, text};

/// The path of a file of the repository.
fn repo_path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

fn document(name: &str) -> String {
    std::fs::read_to_string(repo_path(name)).unwrap()
}

/// The frame of `hello`, in hexadecimal as in the table of framings.
fn hex_frame(framing: Framing) -> String {
    let mut encoder = Encoder::new(framing);
    encoder
        .push_copy(&[text_message(framing).as_bytes()])
        .unwrap();
    let bytes = encoder.copy_to_bytes(encoder.remaining());
    let bytes: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}

/// The maximum payload, as in the table of framings.
fn max_payload(framing: Framing) -> String {
    match framing.max_payload_len() {
        255 | 254 => format!("{} B", framing.max_payload_len()),
        len if len < 1 << 16 => format!("64 KiB - {}", (1 << 16) - len),
        len if len < 1 << 24 => format!("16 MiB - {}", (1 << 24) - len),
        len if len < 1 << 32 => format!("4 GiB - {}", (1u64 << 32) - len as u64),
        _ => "`--max-frame`".into(),
    }
}

#[test]
fn wire_format_lists_every_framing() {
    let text = document("docs/wire-format.md");
    let rows = Framing::named().map(|framing| {
        let message = text_message(framing).escape_default().to_string();
        let message = message.replace("\\\"", "\"");
        let (wire, max) = (hex_frame(framing), max_payload(framing));
        format!("| `{framing}` | `{message}` | `{wire}` | {max} |")
    });
    let table = rows.collect::<Vec<_>>().join("\n");
    assert!(text.contains(&table), "expected the rows\n{table}");
}

/// The code blocks in `language`, with continued lines joined.
fn code_blocks(text: &str, language: &str) -> Vec<String> {
    let opening = format!("```{language}\n");
    let blocks = text.split(&opening).skip(1);
    blocks
        .filter_map(|block| Some(block.split_once("```")?.0.replace("\\\n", " ")))
        .collect()
}

/// The services and files that the documented commands use.
struct Environment {
    folder: tempfile::TempDir,
    gateway: GatewayProcess,
    /// Addresses: the documented ones, and those in this test.
    addrs: Vec<(&'static str, String)>,
    _services: Vec<Child>,
}

impl Environment {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(["localhost".into()]).unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("cert.pem", &made.cert.pem());
        write("key.pem", &made.signing_key.serialize_pem());
        write("token", "0123456789abcdef\n");
        write(
            "messages.ndjson",
            &code_blocks(&document("docs/operations.md"), "json")[0],
        );
        let mut gateway = GatewayProcess::start(&mut framegate(&FREE_PORTS));
        let http = gateway.addr("page").await.to_string();
        let tcp = gateway.addr("echo").await.to_string();
        Self {
            folder,
            gateway,
            addrs: vec![("127.0.0.1:3000", http), ("127.0.0.1:9999", tcp)],
            _services: Vec::new(),
        }
    }

    /// Runs a documented server, which listens on `address`, on a free port instead.
    async fn serve(&mut self, program: &str, address: &'static str) {
        let port = address.rsplit_once(':').unwrap().1;
        let listen_args = format!("\"127.0.0.1\", {port})");
        assert_contains(program, &listen_args);
        let program = program.replace(&listen_args, "\"127.0.0.1\", 0)");
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
        self.addrs.push((address, format!("127.0.0.1:{port}")));
        self._services.push(child);
    }

    /// Runs a line in a shell, with `framegate` for the binary.
    async fn run(&self, line: &str) -> Output {
        let binary = framegate(&[]).as_std().get_program().to_owned();
        let mut line = line.to_owned();
        for (documented, actual) in &self.addrs {
            line = line.replace(documented, actual);
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

    /// Runs a command line; its success and the output in its comment, `prints: `, are checked.
    async fn check(&self, line: &str) {
        let (command, comment) = line.split_once(" # ").unwrap_or((line, ""));
        let command = command.trim();
        let words: Vec<_> = command.split_whitespace().collect();
        let output = match words[..] {
            [] => return,
            ["make", target, ..] => {
                let makefile = document("Makefile");
                let has_target = makefile
                    .lines()
                    .any(|it| it.starts_with(&format!("{target}:")));
                return assert!(has_target, "{line}");
            }
            // The default target is a fixed port.
            ["framegate", "send", ..] if !words.contains(&"--to") => {
                let to = "framegate send --to tcp://127.0.0.1:9999";
                self.run(&command.replacen("framegate send", to, 1)).await
            }
            // Started by `serve`.
            ["python3", .., "&"] => return,
            [
                "framegate",
                "send" | "bench" | "replay" | "frames" | "login-link" | "man" | "completions"
                | "config",
                ..,
            ]
            | ["openssl", ..] => self.run(command).await,
            // Only the options are checked: `serve` itself would not end.
            ["framegate", ..] => {
                self.run(&command.replacen("framegate", "framegate config", 1))
                    .await
            }
            _ => panic!("no test knows how to run: {line}"),
        };
        let output_text = text(&output.stdout) + &text(&output.stderr);
        assert!(output.status.success(), "{line}\n{output_text}");
        if let Some(printed) = comment.trim().strip_prefix("prints: ") {
            assert_eq!(text(&output.stdout).trim_end(), printed, "{line}");
        }
    }
}

#[tokio::test]
async fn commands_in_readme_and_operations_succeed() {
    let environment = Environment::start().await;
    for name in ["README.md", "README.ja.md", "docs/operations.md"] {
        for block in code_blocks(&document(name), "sh") {
            for line in block.lines() {
                environment.check(line).await;
            }
        }
    }
}

#[tokio::test]
async fn readme_client_receives_the_echo() {
    let environment = Environment::start().await;
    let program = code_blocks(&document("README.md"), "python").remove(0);
    let (_, port) = environment.addrs[1].1.rsplit_once(':').unwrap();
    let program = program.replace("9999", port);
    let run = Command::new("python3").args(["-c", &program]).output();
    assert_eq!(text(&within(run).await.unwrap().stdout), "echo : hello\n");
}

#[tokio::test]
async fn release_script_prints_notes_and_checks_the_tag() {
    let release = |args: &'static [&str]| async move {
        let run = Command::new(repo_path("scripts/release"))
            .args(args)
            .output();
        within(run).await.unwrap()
    };
    assert!(text(&release(&["notes"]).await.stdout).starts_with("- "));

    let other = release(&["check", "v0.0.9"]).await;
    assert!(!other.status.success());
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    assert!(text(&other.stderr).contains(&format!("v0.0.9 is not {version}")));
}

#[tokio::test]
async fn operations_lists_every_metric() {
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
    // Metrics with a label appear with their first value.
    let foreign = [("origin", "http://evil.example")];
    assert_eq!(fetch(&server, "GET /ws", &foreign).await.status(), 403);
    server.open_at("ws/nobody").await.closed().await;
    let metrics = fetch(&server, "GET /metrics", &[]).await;
    let metrics = metrics.body();
    let exported: BTreeSet<_> = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .collect();
    assert_eq!(documented, exported);
}

#[tokio::test]
async fn commands_in_tutorial_succeed() {
    let text = document("docs/tutorial.md");
    let mut environment = Environment::start().await;
    environment
        .serve(&code_blocks(&text, "python")[0], "127.0.0.1:7000")
        .await;
    for block in code_blocks(&text, "sh") {
        for line in block.lines() {
            environment.check(line).await;
        }
    }
    drop(environment.gateway);
}

/// The configuration reference: a section for each heading of the help.
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

Each option can be given on the command line, as an environment variable, or as a key of a TOML file
(`--config`). The command line overrides the environment, and the environment overrides the file.
`framegate config` prints the options in force and the source of each.
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
fn configuration_reference_matches_the_options() {
    let path = "docs/configuration.md";
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(repo_path(path), reference()).unwrap();
    }
    assert!(
        document(path) == reference(),
        "{path} is stale: UPDATE_DOCS=1 cargo test -p framegate --test it reference"
    );
}

/// The promises of SECURITY.md: the rows of the tables of its first chapter.
fn promises(text: &str) -> Vec<&str> {
    let chapter = text.split_once("## Threats defended against").unwrap().1;
    let chapter = chapter.split_once("\n## ").unwrap().0;
    let is_promise = |line: &&str| line.starts_with("| ") && !line.starts_with("| promise");
    let rows = chapter.lines().filter(is_promise);
    rows.filter(|line| !line.starts_with("| ---")).collect()
}

#[test]
fn each_promise_of_security_names_tests_that_exist() {
    let text = document("SECURITY.md");
    for promise in promises(&text) {
        let tests = promise.trim_end_matches(" |").rsplit_once(" | ").unwrap().1;
        let names: Vec<_> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "no test: {promise}");
        for name in names {
            assert!(has_test(name), "SECURITY.md names a missing test: {name}");
        }
    }
}

/// Returns true if the sources have the test `name`: `FILE.test.mjs: TITLE` in web/e2e, or
/// `FILE::FUNCTION` in gateway/tests/it, in gateway/src or in the crate that `name` begins with.
fn has_test(name: &str) -> bool {
    if let Some((file, title)) = name.split_once(": ") {
        let title = format!("test(\"{title}\"");
        return document(&format!("web/e2e/{file}")).contains(&title);
    }
    let Some((module, function)) = name.rsplit_once("::") else {
        return false;
    };
    let path = module.replace("::", "/");
    let (krate, file) = path.split_once('/').unwrap_or((&path, "lib"));
    let candidates = [
        format!("gateway/tests/it/{path}.rs"),
        format!("gateway/src/{path}.rs"),
        format!("{krate}/src/{file}.rs"),
    ];
    candidates
        .iter()
        .filter_map(|file| std::fs::read_to_string(repo_path(file)).ok())
        .any(|source| is_test(&source, function))
}

fn is_test(source: &str, function: &str) -> bool {
    let lines: Vec<_> = source.lines().map(str::trim_start).collect();
    let declaration = format!("fn {function}(");
    let declares = |line: &&str| line.trim_start_matches("async ").starts_with(&declaration);
    let Some(at) = lines.iter().position(declares) else {
        return false;
    };
    let attributes = lines[..at].iter().rev();
    let mut attributes = attributes.take_while(|line| line.starts_with("#["));
    attributes.any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"))
}
