//! Usage errors: arguments, variables and settings that would control a terminal.

use crate::harness::within;
use crate::process::{assert_contains, file, framegate, output, text};

/// Clears the screen, reverses the direction of text, begins a line, and rings.
const HOSTILE: &str = "\x1b[2J\u{202e}\r\nframegate: fine\x07";
const ESCAPED: &str = r"\x1b[2J\u{202e}\x0d\x0aframegate: fine\x07";

/// Checks what is printed about [`HOSTILE`], which is quoted as `quoted`.
#[track_caller]
fn check(stderr: &[u8], quoted: &str, about: &str) {
    let stderr = text(stderr);
    assert_contains(&stderr, quoted);
    let controls = stderr.chars().filter(|it| it.is_control() && *it != '\n');
    assert_eq!(controls.count(), 0, "{about}: {stderr:?}");
    assert!(!stderr.contains('\u{202e}'), "{about}: {stderr:?}");
    assert!(!stderr.contains("\nframegate: fine"), "{about}: {stderr}");
}

#[tokio::test]
async fn arguments_are_escaped_in_usage_errors() {
    let option = format!("--{HOSTILE}");
    let value = format!("--tcp={HOSTILE}");
    let lists: [&[&str]; 11] = [
        &[HOSTILE],
        &[&option],
        &["serve", HOSTILE],
        &["bench", &option, HOSTILE],
        &[&value],
        &["--framing", HOSTILE],
        &["--upstream", HOSTILE],
        &["--trusted-proxy", HOSTILE],
        &["--log-format", HOSTILE],
        &["send", "127.0.0.1:1", "--framing", HOSTILE],
        &["replay", "127.0.0.1:1", HOSTILE, HOSTILE, HOSTILE],
    ];
    for args in lists {
        let output = output(args).await;
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        check(&output.stderr, ESCAPED, &format!("{args:?}"));
    }
}

#[tokio::test]
async fn variables_and_settings_are_escaped_in_usage_errors() {
    let mut command = framegate(&["serve"]);
    let printed = within(command.env("FRAMEGATE_FRAMING", HOSTILE).output()).await;
    // In the quotes of the variable's value, as it is in a configuration file.
    let quoted = format!("{HOSTILE:?}");
    check(&printed.unwrap().stderr, &quoted, "variable");

    let settings = file(r#"framing = "\u001B[2J\u202E\r\nframegate: fine\u0007""#);
    let path = settings.path().to_str().unwrap();
    let refused = output(&["serve", "--config", path]).await;
    check(&refused.stderr, &quoted, "setting");
}

#[tokio::test]
async fn long_arguments_are_cut_in_usage_errors() {
    let long = "x".repeat(5000);
    let (option, value) = (format!("--{long}"), format!("--framing={long}"));
    for args in [[&long], [&option], [&value]] {
        let output = output(&args.map(String::as_str)).await;
        let stderr = text(&output.stderr);
        assert_contains(&stderr, "xxx…");
        assert!(stderr.len() < 2500, "{} bytes", stderr.len());
    }
}

/// An argument without special characters is printed in clap's own words.
#[tokio::test]
async fn plain_arguments_are_printed_as_they_are() {
    let output = output(&["--framing", "u32be+nope"]).await;
    let stderr = text(&output.stderr);
    assert_contains(&stderr, "error: invalid value 'u32be+nope' for '--framing");
    assert_contains(&stderr, "For more information, try '--help'.");
}

#[tokio::test]
async fn numbers_are_digits_without_a_sign() {
    let capture = file("");
    let path = capture.path().to_str().unwrap();
    let session = ["frames", path, "--direction=sent", "--session=+1"];
    let lists: [&[&str]; 31] = [
        &["--max-connections=+5"],
        &["--max-connections-per-ip=+5"],
        &["--max-frame=+5000"],
        &["--idle-timeout=+5s"],
        &["--resume-buffer=+5000"],
        &["--resume-memory=+500000"],
        &["--record-keep=+5"],
        &["--record-max-size=+5"],
        &["--http=127.0.0.1:+80"],
        &["--tcp=127.0.0.1:+80"],
        &["--admin=127.0.0.1:+80"],
        &["--http=unix:/tmp/socket?mode=+600"],
        &["--upstream=db:+80"],
        &["--upstream=tls://db:+80"],
        &["--upstream=db:80?framing=fixed+5"],
        &["--allow-origin=http://gate.example:+80"],
        &["--allow-host=gate.example:+80"],
        &["--trusted-proxy=10.0.0.0/+8"],
        &["send", "--count=+1", "x"],
        &["send", "--replies=+1", "x"],
        &["send", "--to=tcp://localhost:+80", "x"],
        &["send", "--to=ws://localhost:+80/", "x"],
        &["bench", "tcp://localhost:80", "--connections=+1"],
        &["bench", "tcp://localhost:80", "--in-flight=+1"],
        &["bench", "tcp://localhost:80", "--count=+1"],
        &["bench", "tcp://localhost:80", "--size=+1"],
        &["bench", "tcp://localhost:80", "--server-pid=+1"],
        &["replay", path, "--session=+1"],
        &session,
        &["health", "http://127.0.0.1:+80"],
        &["login-link", "--token-file", path, "http://127.0.0.1:+80"],
    ];
    for args in lists {
        let output = output(args).await;
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert_contains(&text(&output.stderr), "+");
    }
}
