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
