//! `framegate frames`: cuts captures into frames, and guesses their framing.

use std::process::{Output, Stdio};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::harness::within;
use crate::process::{assert_contains, file, framegate, text};
use crate::replay::{message, open, record};

/// PostgreSQL: `AuthenticationOk`, two parameters, a key and `ReadyForQuery`.
const POSTGRESQL: &[u8] = b"R\0\0\0\x08\0\0\0\0S\0\0\0\x18server_version\x0016.1\0\
    S\0\0\0\x19client_encoding\0UTF8\0K\0\0\0\x0c\0\0\x1f\x41\x5a\x11\x93\x02Z\0\0\0\x05I";

/// Runs `frames` with `args` and `input` as standard input.
async fn frames(args: &[&str], input: &[u8]) -> Output {
    let mut command = framegate(&[&["frames"], args].concat());
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // The command may end before it has read all.
    let _ = stdin.write_all(input).await;
    drop(stdin);
    within(child.wait_with_output()).await.unwrap()
}

/// Checks the exit status and returns standard output and standard error.
async fn checked(args: &[&str], input: &[u8], status: i32) -> (String, String) {
    let output = frames(args, input).await;
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{stdout}{stderr}");
    (stdout, stderr)
}

#[tokio::test]
async fn frames_are_printed_with_offset_length_and_message() {
    let capture = file("5:hello,0:,11:hello world,");
    let args = [capture.path().to_str().unwrap(), "-f", "netstring"];
    let (stdout, stderr) = checked(&args, b"", 0).await;
    assert_eq!(
        stdout,
        "       0      8  hello\n       8      3  \n      11     15  hello world\n"
    );
    assert_eq!(stderr, "");
}

#[tokio::test]
async fn wire_shows_the_bytes_by_their_role() {
    let args = ["--framing", "1+u32be...0xce", "--wire"];
    let (stdout, _) = checked(&args, b"\x01\0\0\0\x02hi\xce", 0).await;
    let expected = [
        ("       0      8  \\x01hi", ""),
        ("free", "01"),
        ("length", "00 00 00 02"),
        ("payload", "68 69"),
        ("fixed", "ce"),
    ];
    for (line, (begin, end)) in stdout.lines().zip(expected) {
        assert!(line.trim_start().starts_with(begin.trim_start()), "{line}");
        assert!(line.ends_with(end), "{line}");
    }
    assert_eq!(stdout.lines().count(), expected.len());
}

#[tokio::test]
async fn json_has_message_and_segments() {
    let (stdout, _) = checked(&["--framing=u16be", "--json"], b"\0\x02hi", 0).await;
    let object: Value = serde_json::from_str(&stdout).unwrap();
    let segments = json!([{"role": "length", "length": 2}, {"role": "payload", "length": 2}]);
    assert_eq!(
        object,
        json!({"offset": 0, "length": 4, "segments": segments, "base64": "aGk="})
    );
}

#[tokio::test]
async fn first_message_may_have_another_framing() {
    let args = ["--framing=u64be", "--first=fixed8"];
    let (stdout, _) = checked(&args, b"\0SP\0\0\x10\0\0\0\0\0\0\0\0\0\x02hi", 0).await;
    assert_eq!(
        stdout,
        "       0      8  \\x00SP\\x00\\x00\\x10\\x00\\x00\n       8     10  hi\n"
    );
}

#[tokio::test]
async fn hexadecimal_and_dumps_are_read() {
    let expected = "       0      9  hello\n";
    for capture in [
        "05 00 00 00 68 65 6c 6c 6f",
        "050000006865\n6c6c6f\n",
        "0x05, 0x00, 0x00, 0x00, 0x68, 0x65, 0x6C, 0x6c, 0x6f",
        "00000000: 0500 0000 6865 6c6c 6f                   ....hello\n",
        "00000000  05 00 00 00 68 65 6c 6c  6f                       |....hello|\n00000009\n",
    ] {
        let (stdout, stderr) = checked(&["--framing=u32le"], capture.as_bytes(), 0).await;
        assert_eq!(stdout, expected, "{capture}");
        assert_contains(&stderr, "read as hexadecimal");
        let args = ["--framing=u32le", "--input=hex"];
        let (stdout, stderr) = checked(&args, capture.as_bytes(), 0).await;
        assert_eq!((stdout.as_str(), stderr.as_str()), (expected, ""));
    }
    // In the encodings of editors and PowerShell, and longer than what is guessed by.
    let line = "05 00 00 00 68 65 6c 6c 6f\r\n";
    let text = format!("\u{feff}{}", line.repeat(1000));
    let units = || text.encode_utf16();
    let encoded: [Vec<u8>; 3] = [
        text.clone().into(),
        units().flat_map(u16::to_le_bytes).collect(),
        units().flat_map(u16::to_be_bytes).collect(),
    ];
    for capture in encoded {
        for input in ["--input=auto", "--input=hex"] {
            let (stdout, _) = checked(&["--framing=u32le", input], &capture, 0).await;
            assert_eq!(stdout.lines().count(), 1000);
            assert!(stdout.ends_with("   8991      9  hello\n"), "{stdout}");
        }
    }
    let (stdout, _) = checked(&["--framing=raw", "--input=raw"], b"\xff\xfe0\x001\0", 0).await;
    assert_contains(&stdout, r"\xff\xfe");
    let (stdout, _) = checked(&["--framing=lines", "--input=raw"], b"0500\n", 0).await;
    assert_eq!(stdout, "       0      5  0500\n");
    let (_, stderr) = checked(&["--framing=lines", "--input=hex"], b"00\nhello", 1).await;
    assert_contains(
        &stderr,
        "line 2 of the capture: 'h' is no hexadecimal digit",
    );
}

#[tokio::test]
async fn broken_and_truncated_frames_are_placed() {
    let check = async |framing, capture: &[u8], printed: usize, error: &str| {
        let (stdout, stderr) = checked(&["--framing", framing, "--input=raw"], capture, 1).await;
        assert_eq!(stdout.lines().count(), printed, "{stdout}");
        assert_contains(&stderr, error);
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    };
    check(
        "u8",
        b"\x02hi\x05abc",
        1,
        "frame 2, at byte 3 of the capture",
    )
    .await;
    check("u8", b"\x02hi\x05abc", 1, "after 4 of 6 bytes").await;
    check("0x0300+u16be-all", b"\x03\0\0\x05a\x04", 1, "at byte 5").await;
    check("0x0300+u16be-all", b"\x03\0\0\x05a\x04", 1, "expected 0x03").await;
    check(
        "u32be",
        b"HTTP/1.1 400",
        0,
        "its length is the text \"HTTP\"",
    )
    .await;
    check("u64be", &[0xff; 16], 0, "is over the limit").await;
    check("lines", b"a\nb", 1, "without a delimiter").await;
    check("json", b"{}\n \n]", 1, "frame 2, at byte 5").await;
}

#[tokio::test]
async fn length_in_the_other_byte_order_is_told() {
    let check = async |args: &[&str], capture: &[u8], error: &str| {
        let (_, stderr) = checked(&[args, &["--input=raw"]].concat(), capture, 1).await;
        assert_contains(&stderr, &format!("limit of {error}\n"));
    };
    let little = b"\x05\0\0\0hello";
    let hint = "67108864 bytes: as u32le it has 5 bytes";
    check(&["--framing=u32be"], little, hint).await;
    let inclusive = b"Q\x09\0\0\0hello";
    let hint = "67108864 bytes: as u32le it has 6 bytes";
    check(&["--framing=1+u32be-inclusive"], inclusive, hint).await;
    let u16le = ["--framing=u16le", "--max-frame=1000"];
    check(&u16le, b"\x01\x2c", "1000 bytes: as u16be it has 300 bytes").await;
    check(&u16le, b"\0\x04", "1000 bytes: as u16be it has 4 bytes").await;
    // It is too long in the other order, too.
    check(&u16le, b"\x04\x04", "1000 bytes").await;
}

#[tokio::test]
async fn empty_capture_has_no_frames_and_nothing_to_guess() {
    let (stdout, stderr) = checked(&["--framing=u32le"], b"", 0).await;
    assert_eq!((stdout.as_str(), stderr.as_str()), ("", ""));
    let (stdout, stderr) = checked(&[], b"", 1).await;
    assert_eq!(stdout, "");
    assert_contains(&stderr, "nothing to guess from");
}

#[tokio::test]
async fn framing_is_guessed_and_its_frames_are_shown() {
    let (stdout, stderr) = checked(&[], POSTGRESQL, 0).await;
    let lines: Vec<_> = stdout.lines().collect();
    assert_eq!(lines[0], "Likeliest framings of 79 bytes, binary:");
    assert_contains(lines[1], "1+u32be-inclusive ");
    assert_contains(lines[1], "5 frames to the last byte");
    assert_contains(&stdout, "\n       0      9  R\\x00\\x00\\x00\\x00\n");
    assert_contains(&stdout, "server_version");
    assert_eq!(stderr, "");
    let (stdout, _) = checked(&["--json"], POSTGRESQL, 0).await;
    let first: Value = serde_json::from_str(stdout.lines().next().unwrap()).unwrap();
    assert_eq!(first["framing"], "1+u32be-inclusive");
    assert_eq!(
        (&first["frames"], &first["complete"]),
        (&json!(5), &json!(true))
    );
}

#[tokio::test]
async fn noise_has_no_likely_framing() {
    let noise: Vec<u8> = std::iter::repeat_with(|| fastrand::u8(..))
        .take(5000)
        .collect();
    let (_, stderr) = checked(&["--input=raw"], &noise, 1).await;
    assert_contains(&stderr, "no framing is likely");
    let (_, stderr) = checked(&[], b"\x0a\x0d\x0d\x0a\x1c\0\0\0", 1).await;
    assert_contains(&stderr, "tshark");
}

#[tokio::test]
async fn message_controls_no_terminal_and_is_shortened() {
    let long = [&b"\x1b[2J\r\n\xff"[..], &[b'x'; 5000]].concat();
    let capture = [&(long.len() as u32).to_le_bytes(), &long[..]].concat();
    let (stdout, _) = checked(&["--framing=u32le"], &capture, 0).await;
    assert_contains(&stdout, "\\x1b[2J\\x0d\\x0a\\xffxxx");
    assert!(stdout.len() < 400 && stdout.ends_with("…\n"), "{stdout}");
    let (stdout, _) = checked(&["--framing=u32le", "--wire"], &capture, 0).await;
    assert_contains(&stdout, "more bytes");
    assert!(stdout.len() < 4000);
}

#[tokio::test]
async fn direction_of_a_recorded_raw_session_is_a_capture() {
    let rest = json!({"peer": "[::1]:1", "upstream": "db", "framing": "raw"});
    let recording = record(0.0, 7, "open", &rest)
        + &message(0.1, 7, "received", b"\0\x02h")
        + &message(0.2, 7, "sent", b"\0\x01?")
        + &message(0.3, 7, "received", b"i\0\x01!")
        + &open(0.4, 8);
    let file = file(&recording);
    let path = file.path().to_str().unwrap();
    let run = async |session: &str, direction: &str, status| {
        let args = [
            path,
            "-f=u16be",
            "--session",
            session,
            "--direction",
            direction,
        ];
        checked(&args, b"", status).await
    };
    let (stdout, _) = run("7", "received", 0).await;
    assert_eq!(stdout, "       0      4  hi\n       4      3  !\n");
    let (stdout, _) = run("7", "sent", 0).await;
    assert_eq!(stdout, "       0      3  ?\n");
    assert_contains(&run("9", "sent", 2).await.1, "there is no session 9");
    assert_contains(&run("8", "sent", 2).await.1, "has framing u32le");
}

#[tokio::test]
async fn wrong_options_are_refused() {
    for args in [
        &["--framing=u15be"][..],
        &["--first=u8"],
        &["--session=1"],
        &["--framing=u8", "--wire", "--json"],
    ] {
        checked(args, b"", 2).await;
    }
    let (_, stderr) = checked(&["/nonexistent\x1b[2J"], b"", 1).await;
    assert_contains(&stderr, "cannot read /nonexistent\\x1b[2J");
}

/// The tutorial shows what the command prints.
#[tokio::test]
async fn tutorial_shows_the_guess_of_its_service() {
    let messages = ["HELLO", "HELLO AGAIN", "BYE", "ONE MESSAGE AFTER THE OTHER"];
    let frame = |it: &str| [&(it.len() as u32).to_le_bytes(), it.as_bytes()].concat();
    let capture = messages.map(frame).concat();
    let tutorial = include_str!("../../../docs/tutorial.md");
    let check = async |args: &[&str], status| {
        let (stdout, stderr) = checked(args, &capture, status).await;
        let printed = stdout.clone() + &stderr;
        let shown = tutorial
            .lines()
            .filter(|line| printed.lines().any(|it| it == *line));
        assert!(shown.count() > 0, "{printed}");
        stdout
    };
    let guess = check(&[], 0).await;
    for line in guess.lines().filter(|line| !line.contains("weak")) {
        assert!(tutorial.contains(line), "{line}");
    }
    check(&["--framing=u32le", "--wire"], 0).await;
    check(&["--framing=u32be"], 1).await;
}
