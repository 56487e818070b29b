//! Output of the command line: help, man pages, completions, version and start-up text.

use testkit::{FREE_PORTS, Signal};
use tokio::net::TcpListener;

use crate::harness::{Browser, Upstream, within};
use crate::process::{GatewayProcess, file, framegate, output, text};
use crate::replay::session;

#[tokio::test]
async fn port_in_use_is_reported_in_one_line_with_the_option() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    for flag in ["--tcp", "--http"] {
        let other = if flag == "--tcp" { "--http" } else { "--tcp" };
        let output = output(&[flag, &addr, other, "127.0.0.1:0"]).await;
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(
            text(&output.stderr),
            format!(
                "framegate: cannot listen on {addr}: address in use; \
                 choose another address with {flag}\n"
            )
        );
    }
}

#[tokio::test]
async fn help_lists_options_with_environment_variable_and_default() {
    let output = output(&["--help"]).await;
    assert_eq!(output.status.code(), Some(0));
    let help = text(&output.stdout);
    for expected in [
        "--tcp <ADDR>",
        "[env: FRAMEGATE_TCP=]",
        "[default: 127.0.0.1:9999]",
        "--http <ADDR>",
        "[env: FRAMEGATE_HTTP=]",
        "[default: 127.0.0.1:3000]",
        "--upstream <UPSTREAM>",
        "[env: FRAMEGATE_UPSTREAM=]",
        "--prefix <TEXT>",
        "[env: FRAMEGATE_PREFIX=]",
        "[default: \"echo : \"]",
        "--record <FILE>",
        "[env: FRAMEGATE_RECORD_MAX_SIZE=]",
        "[default: 100MiB]",
    ] {
        assert!(help.contains(expected), "{expected} is missing in:\n{help}");
    }
}

#[tokio::test]
async fn man_writes_a_page_for_each_command() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    assert!(output(&["man", path]).await.status.success());
    let page = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(page("framegate.1").contains("WebSocket\\-to\\-TCP gateway for framed services"));
    assert!(page("framegate-serve.1").contains("\\-\\-max\\-frame"));
    assert!(page("framegate-bench.1").contains("\\-\\-in\\-flight"));

    let missing = output(&["man", &format!("{path}/missing")]).await;
    assert_eq!(missing.status.code(), Some(1));
    let error = text(&missing.stderr);
    let begins = format!("framegate: cannot write to {path}/missing: ");
    assert!(error.starts_with(&begins), "{error}");
}

#[tokio::test]
async fn completions_contain_commands_and_options() {
    for shell in ["bash", "zsh", "fish"] {
        let script = output(&["completions", shell]).await;
        assert!(script.status.success());
        let script = text(&script.stdout);
        for word in ["framegate", "bench", "max-frame", "token-file"] {
            assert!(script.contains(word), "{word} in {shell}'s");
        }
    }
}

#[tokio::test]
async fn version_is_the_package_version() {
    let version = text(&output(&["--version"]).await.stdout);
    let begins = concat!("framegate ", env!("CARGO_PKG_VERSION"));
    assert!(version.starts_with(begins), "{version}");
}

#[tokio::test]
async fn startup_text_shows_each_bridge_with_its_upstream_options() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    let made = rcgen::generate_simple_self_signed(["db".into()]).unwrap();
    std::fs::write(&ca, made.cert.pem()).unwrap();
    let tls = format!("tls://db:7000?framing=lines&ca={}&proxy=v2", ca.display());
    let mut command = framegate(&FREE_PORTS);
    command.args([
        "--upstream=db:7000",
        "--upstream=local=unix:/run/db?proxy=v2",
    ]);
    command.arg(format!("--upstream=safe={tls}"));
    let mut gateway = GatewayProcess::start(&mut command);
    for (path, leads_to) in [
        ("ws", "db:7000"),
        ("ws/local", "unix:/run/db?proxy=v2"),
        ("ws/safe", &tls),
    ] {
        let line = gateway.line("bridge").await;
        assert!(line.ends_with(&format!("/{path} -> {leads_to}")), "{line}");
    }
}

#[tokio::test]
async fn startup_text_announces_the_self_signed_certificate() {
    let mut gateway = GatewayProcess::start(framegate(&FREE_PORTS).arg("--tls-self-signed"));
    assert!(gateway.url("page").await.starts_with("https://127.0.0.1:"));
    assert!(gateway.url("bridge").await.starts_with("wss://127.0.0.1:"));
    gateway.url("tls").await;
    gateway.signal(Signal::SIGTERM);
    assert_eq!(gateway.ended().await.0, Some(0));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn output_that_cannot_be_written_is_a_failure_and_a_closed_pipe_is_none() {
    let upstream = Upstream::bind().await;
    let target = format!("tcp://{}", upstream.addr());
    tokio::spawn(async move {
        loop {
            let mut peer = upstream.accept().await;
            tokio::spawn(async move {
                while let Some(payload) = peer.receive().await {
                    peer.send(payload).await;
                }
            });
        }
    });
    let recording = file(&session(1, 0));
    let path = recording.path().to_str().unwrap();
    for args in [
        &["config"][..],
        &["completions", "bash"],
        &["--help"],
        &["--version"],
        &["send", "-t", &target, "hello"],
        &["bench", &target, "-n1", "--warm-up=0"],
        &["replay", path, "--to", &target, "--fast"],
    ] {
        let mut command = framegate(args);
        let full = std::fs::File::options().write(true).open("/dev/full");
        let child = command.stdout(full.unwrap()).spawn().unwrap();
        let output = within(child.wait_with_output()).await.unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        let expected = "framegate: cannot write to standard output: ";
        assert!(text(&output.stderr).starts_with(expected), "{args:?}");

        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = framegate(args);
        let child = command.stdout(writer).spawn().unwrap();
        let output = within(child.wait_with_output()).await.unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert_eq!(text(&output.stderr), "", "{args:?}");
    }
}

/// Clears the screen, reverses the direction of text, and begins a sequence of its own.
const HOSTILE: &str = "\x1b[2J\u{202e}\u{9b}";

#[track_caller]
fn assert_harmless(text: &str) {
    let harms = |c: char| c != '\n' && c.is_control() || c == '\u{202e}';
    assert!(!text.contains(harms), "{text:?}");
}

#[tokio::test]
async fn listing_of_options_controls_no_terminal_and_is_read_again() {
    let folder = testkit::tempdir().unwrap();
    let name = format!("{HOSTILE}\nhttp = '192.0.2.1:1' # ");
    let path = folder.path().join(name);
    std::fs::write(&path, "log-format = 'json'").unwrap();
    let prefix = format!("\"{HOSTILE}\\");
    let args = [
        "config",
        "--config",
        path.to_str().unwrap(),
        "--prefix",
        &prefix,
    ];
    let mut command = framegate(&args);
    command.env(format!("FRAMEGATE_{HOSTILE}"), "x");
    let listed = within(command.output()).await.unwrap();
    let listed = text(&listed.stdout);
    assert_harmless(&listed);
    assert!(!listed.contains("\nhttp = '192.0.2.1:1'"), "{listed}");
    let again = file(&listed);
    let args = ["config", "--config", again.path().to_str().unwrap()];
    let again = text(&output(&args).await.stdout);
    let line = |listed: &str| {
        let line = listed.lines().find(|line| line.starts_with("prefix = "));
        line.and_then(|line| line.split(" # ").next())
            .map(|it| it.trim_end().to_owned())
    };
    assert_eq!(line(&again), line(&listed));
    assert_eq!(
        line(&listed).unwrap(),
        r#"prefix = "\"\U0000001B[2J\U0000202E\U0000009B\\""#
    );
}

#[tokio::test]
async fn startup_text_controls_no_terminal() {
    let upstream = format!("unix:/nowhere/{HOSTILE}");
    let args = ["--http=127.0.0.1:0", "--tcp=off", "--upstream", &upstream];
    let mut gateway = GatewayProcess::start(&mut framegate(&args));
    let line = gateway.line("bridge").await;
    assert_harmless(&line);
    assert!(
        line.ends_with(r"-> unix:/nowhere/\x1b[2J\u{202e}\u{9b}"),
        "{line}"
    );
}

#[tokio::test]
async fn start_without_a_free_descriptor_fails_in_words() {
    let script = "ulimit -n 10 && exec \"$0\" \"$@\"";
    let mut shell = tokio::process::Command::new("sh");
    shell.args(["-c", script, env!("CARGO_BIN_EXE_framegate")]);
    let output = within(shell.args(FREE_PORTS).output()).await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let expected = "framegate: cannot start: too many open files\n";
    assert_eq!(text(&output.stderr), expected);
}

#[tokio::test]
async fn largest_numbers_are_taken() {
    let max = usize::MAX;
    let options = [
        format!("--max-connections={max}"),
        format!("--max-connections-per-ip={max}"),
        format!("--max-frame={max}"),
        format!("--resume-buffer={max}"),
        format!("--resume-memory={max}"),
        format!("--record-max-size={max}"),
        "--idle-timeout=500000000000y".into(),
        "--drain-timeout=500000000000y".into(),
        "--resume-timeout=500000000000y".into(),
    ];
    let options = options.iter().map(String::as_str);
    let args: Vec<_> = FREE_PORTS.into_iter().chain(options).collect();
    let mut gateway = GatewayProcess::start(&mut framegate(&args));
    let mut browser = Browser::connect(&gateway.url("bridge").await).await;
    browser.check_echo("hello").await;
    gateway.signal(Signal::SIGTERM);
    assert_eq!(gateway.ended().await.0, Some(0));
}
