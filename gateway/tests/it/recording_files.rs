//! Files of recordings: their mode, their rotation, and opening them again.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use gateway::{RecordingOptions, Server, StartError};
use testkit::{FREE_PORTS, Signal};

use crate::harness::{Browser, config, within};
use crate::process::{GatewayProcess, framegate};
use crate::recording::{make_pipe, messages, recording_to, records, start_recording};

#[tokio::test]
async fn recording_is_appended_to_a_file_with_mode_0600() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages.ndjson");
    for times in 1..=2 {
        let server = start_recording(recording_to(&path)).await;
        let mut client = server.connect().await;
        client.check_echo("not a session").await;
        let mut browser = server.open().await;
        browser.check_echo("hello").await;
        drop((browser, client));
        server.stop().await;
        assert_eq!(messages(&records(&path)).len(), 2 * times);
    }
    assert_eq!(mode(&path), 0o600);
}

#[tokio::test]
async fn record_that_a_crash_has_cut_spoils_no_later_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages.ndjson");
    let partial = r#"{"time":"2026-11-22T12:00:00Z","session":1,"ev"#;
    std::fs::write(&path, partial).unwrap();
    let mut gateway = recording_process(&path);
    let mut browser = Browser::connect(&gateway.url("bridge").await).await;
    gateway.logged("was cut, as by a crash").await;
    browser.check_echo("hello").await;
    drop(browser);
    gateway.signal(Signal::SIGTERM);
    gateway.ended().await;
    let text = std::fs::read_to_string(&path).unwrap();
    let (first, rest) = text.split_once('\n').unwrap();
    assert_eq!(first, partial);
    std::fs::write(&path, rest).unwrap();
    assert_eq!(messages(&records(&path)).len(), 2);
    assert_eq!(records(&path)[0]["event"], "open");
}

#[tokio::test]
async fn existing_file_is_restricted_to_its_owner() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages.ndjson");
    std::fs::write(&path, "").unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    let mut gateway = recording_process(&path);
    gateway.url("page").await;
    gateway.logged("its mode was 644").await;
    assert_eq!(mode(&path), 0o600);
    let pipe = folder.path().join("pipe");
    make_pipe(&pipe);
    let before = mode(&pipe);
    start_recording(recording_to(&pipe)).await.stop().await;
    assert_eq!(mode(&pipe), before);
}

#[tokio::test]
async fn unwritable_path_fails_at_startup() {
    let mut config = config();
    config.recording = Some(recording_to(Path::new("/nowhere/messages.ndjson")));
    let error = Server::bind(config).await.unwrap_err();
    assert!(matches!(error, StartError::Record(_)));
    let expected = "cannot record to /nowhere/messages.ndjson: there is no such file or folder";
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn full_file_is_rotated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages.ndjson");
    let server = start_recording(RecordingOptions {
        max_size: Some(2000),
        keep: 2,
        ..recording_to(&path)
    })
    .await;
    let mut browser = server.open().await;
    for number in 0..40 {
        browser.send(format!("message {number}")).await;
        browser.receive().await;
    }
    drop(browser);
    server.stop().await;

    let mut kept = Vec::new();
    for name in ["messages.ndjson.2", "messages.ndjson.1", "messages.ndjson"] {
        let path = folder.path().join(name);
        assert!(path.metadata().unwrap().len() <= 2000, "{name}");
        let records = records(&path);
        kept.extend(
            messages(&records)
                .into_iter()
                .map(|(_, _, payload)| payload),
        );
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
    let all = (0..40).flat_map(|n| [format!("message {n}"), format!("echo : message {n}")]);
    let all: Vec<_> = all.map(String::into_bytes).collect();
    assert!(kept.len() > 20 && all.ends_with(&kept), "{}", kept.len());
}

#[tokio::test]
async fn rotation_takes_no_time_for_files_that_may_be_kept_and_are_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages.ndjson");
    let server = start_recording(RecordingOptions {
        max_size: Some(1),
        keep: usize::MAX,
        ..recording_to(&path)
    })
    .await;
    let mut browser = server.open().await;
    browser.check_echo("hello").await;
    drop(browser);
    server.stop().await;
    // A file for each record: the beginning, the messages and the end.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4);
    let oldest = records(&folder.path().join("messages.ndjson.3"));
    assert_eq!(oldest[0]["event"], "open");
}

#[tokio::test]
async fn rotation_is_tried_again_after_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages.ndjson");
    // A folder in the way of the rotated file.
    let rotated = folder.path().join("messages.ndjson.1");
    std::fs::create_dir_all(rotated.join("full")).unwrap();
    let server = start_recording(RecordingOptions {
        max_size: Some(1000),
        keep: 1,
        ..recording_to(&path)
    })
    .await;
    let mut browser = server.open().await;
    while path.metadata().unwrap().len() < 1500 {
        browser.check_echo("grows").await;
    }
    std::fs::remove_dir_all(&rotated).unwrap();
    while !rotated.is_file() {
        browser.check_echo("grows").await;
    }
    drop(browser);
    server.stop().await;
    assert!(path.metadata().unwrap().len() <= 1000);
}

#[tokio::test]
async fn sighup_reopens_a_moved_file() {
    let folder = tempfile::tempdir().unwrap();
    let (path, moved) = (folder.path().join("new"), folder.path().join("moved"));
    let mut gateway = recording_process(&path);
    let url = gateway.url("bridge").await;
    let mut browser = Browser::connect(&url).await;
    browser.send("one").await;
    browser.receive().await;
    std::fs::rename(&path, &moved).unwrap();
    gateway.signal(Signal::SIGHUP);
    within(async {
        while !path.exists() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    browser.send("two").await;
    browser.receive().await;
    drop(browser);
    gateway.signal(Signal::SIGTERM);
    assert_eq!(gateway.ended().await.0, Some(0));
    let payloads = |path: &Path| -> Vec<Vec<u8>> {
        let records = records(path);
        let messages = messages(&records).into_iter();
        messages.map(|(_, _, payload)| payload).collect()
    };
    assert_eq!(payloads(&moved), [&b"one"[..], b"echo : one"]);
    assert_eq!(payloads(&path), [&b"two"[..], b"echo : two"]);
}

/// A lease that its holder does not give up, which makes the kernel hold back whoever opens the
/// file, stands for the disk.
#[tokio::test]
async fn file_that_cannot_be_opened_again_in_time_is_given_up() {
    const LEASE: &str = "import fcntl, signal, sys\n\
        signal.signal(signal.SIGIO, signal.SIG_IGN)\n\
        file = open(sys.argv[1], 'w')\n\
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)\n\
        print('leased', flush=True)\n\
        sys.stdin.read()";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages.ndjson");
    let moved = folder.path().join("moved.ndjson");
    let mut gateway = recording_process(&path);
    let url = gateway.url("bridge").await;
    let mut browser = Browser::connect(&url).await;
    std::fs::rename(&path, &moved).unwrap();
    let mut holder = Command::new("python3")
        .args(["-c", LEASE])
        .arg(&path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is installed");
    let mut leased = [0; 7];
    let stdout = holder.stdout.as_mut().unwrap();
    stdout.read_exact(&mut leased).unwrap();

    gateway.signal(Signal::SIGHUP);
    gateway.logged("recording goes on in the open file").await;
    browser.check_echo("goes on").await;
    drop(holder.stdin.take());
    holder.wait().unwrap();
    gateway.signal(Signal::SIGHUP);
    gateway.logged("reopened the recording").await;
    browser.check_echo("again").await;
    drop(browser);
    gateway.signal(Signal::SIGTERM);
    assert_eq!(gateway.ended().await.0, Some(0));
    for (path, payload) in [(&moved, "goes on"), (&path, "again")] {
        let records = records(path);
        assert_eq!(messages(&records)[0].2, payload.as_bytes());
    }
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().unwrap().permissions().mode() & 0o777
}

/// Starts the binary with a recording to `path`.
fn recording_process(path: &Path) -> GatewayProcess {
    let record = ["--record", path.to_str().unwrap()];
    GatewayProcess::start(framegate(&FREE_PORTS).args(record))
}
