//! `--decode` of `framegate send` and `framegate frames`: the fields of messages.

use std::process::{Output, Stdio};

use tempfile::TempDir;
use tokio::io::AsyncWriteExt;

use crate::echo_targets::echo_target;
use crate::harness::within;
use crate::process::{assert_contains, framegate, output, text};

/// `{"id":7}`, by gzip and by zlib.
const GZIP: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\xca\x4c\x51\xb2\x32\xaf\x05\x00\x43\x5f\x07\x12\x08\x00\x00\x00";
const ZLIB: &[u8] = b"\x78\x9c\xab\x56\xca\x4c\x51\xb2\x32\xaf\x05\x00\x0b\x59\x02\x7b";
/// 603 bytes of JSON, by gzip.
const LONG_GZIP: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x8b\x36\xd0\x19\x85\xa3\x90\x06\x30\x16\x00\x7c\x64\x4a\x51\x5b\x02\x00\x00";

/// Runs `frames --decode` over `input`, which has the framing `fixedN` of its length.
async fn decoded(format: &str, input: &[u8], options: &[&str]) -> Output {
    let framing = format!("fixed{}", input.len());
    let args = [
        "frames",
        "--input=raw",
        "--framing",
        &framing,
        "--decode",
        format,
    ];
    let mut command = framegate(&[&args, options].concat());
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let _ = stdin.write_all(input).await;
    drop(stdin);
    within(child.wait_with_output()).await.unwrap()
}

/// Returns the lines of `decoded` after that of the frame.
async fn fields(format: &str, input: &[u8]) -> String {
    let output = decoded(format, input, &[]).await;
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!((output.status.code(), &*stderr), (Some(0), ""), "{stdout}");
    stdout.split_once('\n').unwrap().1.into()
}

/// Writes `contents` to a file of a folder of its own.
fn schema_file(name: &str, contents: &[u8]) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, contents).unwrap();
    (folder, path.display().to_string())
}

#[tokio::test]
async fn send_prints_the_fields_of_replies() {
    let (_server, target) = echo_target("msgpack".parse().unwrap()).await;
    let (_folder, path) = schema_file("message", b"\x82\xa7compact\xc3\xa6schema\x00");
    let args = [
        "-t",
        &target,
        "--framing=msgpack",
        "--decode=msgpack",
        "--file",
        &path,
    ];
    let output = output(&[&["send"], &args[..]].concat()).await;
    assert_eq!(text(&output.stderr), "");
    assert_eq!(
        text(&output.stdout),
        "msgpack, 18 bytes\n       0     18  {2}\n       1      9    compact: true\n      \
         10      8    schema: 0\n"
    );
}

#[tokio::test]
async fn frames_prints_the_fields_of_each_frame() {
    assert_eq!(
        fields("protobuf", b"\x08\x96\x01\x12\x02\x9b\xff").await,
        "protobuf, 7 bytes\n       0      3  1: 150 ?\n       3      4  2: 9b ff ?\n"
    );
    assert_eq!(
        fields("json", b"{\"a\": tru").await,
        "json, 9 bytes\n       0      9  {0}\nafter 9 bytes: ends too early\n"
    );
    assert_eq!(
        fields("bencode", b"4:\x1b[2J").await,
        "bencode, 6 bytes\n       0      6  \\x1b[2J\n"
    );
}

#[tokio::test]
async fn a_schema_names_the_fields() {
    let (_folder, path) = schema_file("a.layout", b"u8 type, u16be seq, text name");
    assert_eq!(
        fields(&format!("layout:{path}"), b"\x01\x00\x02bob").await,
        "layout, 6 bytes\n       0      1  type: 1\n       1      2  seq: 2\n       3      3  name: bob\n"
    );
    let proto = b"message A { B b = 1; }\nmessage B { string name = 1; }";
    let (_folder, path) = schema_file("a.proto", proto);
    assert_eq!(
        fields(&format!("protobuf:{path}@B"), b"\x0a\x03bob").await,
        "protobuf, 5 bytes\n       0      5  name: bob\n"
    );
}

#[tokio::test]
async fn guesses_are_said() {
    let rows = "       0      8  {1}\n       1      6    id: 7\n";
    assert_eq!(
        fields("guess", b"{\"id\":7}").await,
        format!("json (guess), 8 bytes\n{rows}")
    );
    assert_eq!(fields("guess", b"hello").await, "unknown format, 5 bytes\n");
}

#[tokio::test]
async fn compressed_messages_are_unpacked_within_the_limit() {
    let rows = "       0      8  {1}\n       1      6    id: 7\n";
    for (packed, name) in [(GZIP, "gzip"), (ZLIB, "zlib")] {
        let len = packed.len();
        assert_eq!(
            fields("json", packed).await,
            format!("json, 8 bytes, unpacked from {len} bytes of {name}\n{rows}")
        );
    }
    let len = LONG_GZIP.len();
    let output = decoded("json", LONG_GZIP, &["--max-frame=600B"]).await;
    assert_contains(
        &text(&output.stdout),
        &format!("\ngzip, {len} bytes: longer than --max-frame when it is unpacked\n"),
    );
    let output = decoded("json", LONG_GZIP, &["--max-frame=603B"]).await;
    assert_contains(&text(&output.stdout), "\njson, 603 bytes, unpacked from");
}

#[tokio::test]
async fn an_invalid_format_or_schema_is_a_usage_error() {
    let (_folder, layout) = schema_file("a.layout", b"u8 type,\nu16 seq");
    let (_folder, proto) = schema_file("a.proto", b"message A { string a; }");
    for (value, error) in [
        (
            "yaml".into(),
            "unknown format, expected guess, json, protobuf, msgpack, cbor, bson, ber, \
                         bencode, avro, thrift, layout, such as msgpack or protobuf:FILE"
                .into(),
        ),
        (
            "layout".into(),
            "layout needs a schema: write layout:FILE".into(),
        ),
        (
            format!("layout:{layout}"),
            format!("{layout}: line 2, column 1: u16 has more than one byte: write u16be or u16le"),
        ),
        (
            format!("protobuf:{proto}"),
            format!("{proto}: line 1, column 21: expected \"=\", found \";\""),
        ),
        (
            format!("msgpack:{proto}"),
            format!("{proto}: msgpack takes no schema: leave it out"),
        ),
        (
            "avro:/no/such/file".into(),
            "cannot read /no/such/file: there is no such file".to_string(),
        ),
    ] {
        for command in ["send", "frames"] {
            let output = output(&[command, "--decode", &value]).await;
            let stderr = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{stderr}");
            let stderr = stderr.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_contains(&stderr.to_lowercase(), &error.to_lowercase());
        }
    }
}
