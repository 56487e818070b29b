//! The binary, as a person or a script runs it.

use std::process::{Output, Stdio};

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStdout, Command};
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::harness::{Peer, within};
use crate::request::ask_on;

pub(crate) fn framegate(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_framegate"));
    command
        .args(args)
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

pub(crate) async fn output(args: &[&str]) -> Output {
    within(framegate(args).output()).await.unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A running gateway, and where it said that it is.
pub(crate) struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Waits for the line that names `what`, and returns its URL.
    pub(crate) async fn url(&mut self, what: &str) -> String {
        loop {
            let line = within(self.lines.next_line()).await.unwrap().unwrap();
            let mut words = line.split_whitespace();
            if words.next() == Some(what) {
                return words.next().unwrap().to_owned();
            }
        }
    }

    async fn connect(&mut self) -> Peer {
        let url = self.url("echo").await;
        let addr = url.strip_prefix("tcp://").unwrap();
        Peer(TcpStream::connect(addr).await.unwrap())
    }

    /// Waits for a log line with `text`.
    async fn logged(&mut self, text: &str) {
        let mut log = BufReader::new(self.child.stderr.as_mut().unwrap()).lines();
        while !within(log.next_line())
            .await
            .unwrap()
            .unwrap()
            .contains(text)
        {}
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    pub(crate) async fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(within(sent).await.unwrap().success());
    }

    /// Its exit status and what it logged.
    pub(crate) async fn ended(mut self) -> (Option<i32>, String) {
        let mut log = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        within(stderr.read_to_string(&mut log)).await.unwrap();
        (within(self.child.wait()).await.unwrap().code(), log)
    }
}

pub(crate) const ANY_PORTS: [&str; 4] = ["--tcp", "127.0.0.1:0", "--http", "127.0.0.1:0"];

#[tokio::test]
async fn it_tells_of_connects_and_ends_but_not_of_payloads() {
    let mut running = Running::start(&mut framegate(&ANY_PORTS));
    let mut client = running.connect().await;
    let peer = client.0.local_addr().unwrap();
    client.send("a secret").await;
    assert_eq!(client.receive_text().await, "echo : a secret");
    client.half_close().await;
    assert_eq!(client.receive().await, None);
    running.signal("TERM").await;

    let (status, log) = running.ended().await;
    assert_eq!(status, Some(0));
    assert!(log.contains(&format!("peer={peer}")), "{log}");
    assert!(log.contains(": connected"), "{log}");
    assert!(log.contains(": disconnected frames=1"), "{log}");
    assert!(!log.contains("secret"), "{log}");
}

#[tokio::test]
async fn payloads_are_logged_at_trace_level() {
    let mut running = Running::start(framegate(&ANY_PORTS).env("RUST_LOG", "trace"));
    let mut client = running.connect().await;
    client.send("no secret").await;
    assert_eq!(client.receive_text().await, "echo : no secret");
    drop(client);
    running.signal("TERM").await;
    assert!(running.ended().await.1.contains("no secret"));
}

#[tokio::test]
async fn ctrl_c_and_sigterm_end_it_with_success() {
    for signal in ["INT", "TERM"] {
        let mut running = Running::start(&mut framegate(&ANY_PORTS));
        running.url("page").await;
        running.signal(signal).await;
        assert_eq!(running.ended().await.0, Some(0), "{signal}");
    }
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let mut running = Running::start(&mut framegate(&ANY_PORTS));
    let url = running.url("bridge").await;
    // A client that stays keeps the first one waiting.
    let (stuck, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    running.signal("TERM").await;
    running.logged("stopping").await;
    running.signal("TERM").await;
    assert_eq!(running.ended().await.0, Some(130));
    drop(stuck);
}

#[tokio::test]
async fn options_come_from_the_environment_too_and_the_command_line_wins() {
    let mut command = framegate(&["serve", "--prefix", "from the line: "]);
    command
        .env("FRAMEGATE_TCP", "127.0.0.1:0")
        .env("FRAMEGATE_HTTP", "127.0.0.1:0")
        .env("FRAMEGATE_PREFIX", "from the environment: ");
    let mut running = Running::start(&mut command);
    let mut client = running.connect().await;
    client.send("hello").await;
    assert_eq!(client.receive_text().await, "from the line: hello");
}

#[tokio::test]
async fn the_echo_services_framing_is_an_option_everywhere_and_stands_in_its_url() {
    let file = file("framing = 'lines'");
    let path = file.path().to_str().unwrap();
    let ways = [
        (["--framing", "lines"], ""),
        (["--config", path], ""),
        (["--log-format", "text"], "lines"),
    ];
    for (args, variable) in ways {
        let mut command = framegate(&[&ANY_PORTS[..], &args].concat());
        if !variable.is_empty() {
            command.env("FRAMEGATE_FRAMING", variable);
        }
        let mut running = Running::start(&mut command);
        let url = running.url("echo").await;
        let addr = url.strip_prefix("tcp://").unwrap();
        let addr = addr.strip_suffix("?framing=lines").unwrap();
        let mut client = Peer(TcpStream::connect(addr).await.unwrap());
        client.write("hello\n").await;
        client.half_close().await;
        assert_eq!(client.rest().await, b"echo : hello\n", "{args:?}");
    }
}

#[tokio::test]
async fn a_port_in_use_is_one_clear_line() {
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
async fn a_wrong_option_says_what_would_be_right() {
    let check = async |args: &[&str], expected: &str| {
        let output = output(args).await;
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let stderr = text(&output.stderr);
        assert!(stderr.contains(expected), "{stderr}");
    };
    check(&["--tcp", "9999"], "expected HOST:PORT, for example").await;
    check(&["--http", "::1:80"], "needs brackets, as in [::1]:9999").await;
    check(
        &["--upstream", "db:http"],
        "expected a number from 0 to 65535",
    )
    .await;
    check(&["--tcp", "off"], "--tcp off needs an --upstream").await;
    check(&["--framing", "u33"], "expected a length such as u32le").await;
    check(&["--framing=lines", "--prefix=a\n"], "a line break after 1").await;
    check(&["--htpp", "x"], "--http").await;
}

#[tokio::test]
async fn help_names_every_option_with_its_variable_and_default() {
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

/// A file with `text`, for as long as it lives.
#[tokio::test]
async fn each_command_has_a_page_in_the_manual() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    assert!(output(&["man", path]).await.status.success());
    let page = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(page("framegate.1").contains("Joins browsers to framed TCP services"));
    assert!(page("framegate-serve.1").contains("\\-\\-max\\-frame"));
    assert!(page("framegate-bench.1").contains("\\-\\-in\\-flight"));

    let missing = output(&["man", &format!("{path}/missing")]).await;
    assert_eq!(missing.status.code(), Some(1));
    let error = text(&missing.stderr);
    let begins = format!("framegate: cannot write to {path}/missing: ");
    assert!(error.starts_with(&begins), "{error}");
}

#[tokio::test]
async fn shells_complete_commands_and_options() {
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
async fn the_version_is_the_packages() {
    let version = text(&output(&["--version"]).await.stdout);
    let begins = concat!("framegate ", env!("CARGO_PKG_VERSION"));
    assert!(version.starts_with(begins), "{version}");
}

pub(crate) fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

#[tokio::test]
async fn a_file_gives_options_and_what_is_in_force_is_shown_with_its_source() {
    let file =
        file("prefix = 'file: '\nmax-connections = 50\nallow-host = ['a.example', 'b.example']");
    let path = file.path().to_str().unwrap();
    let mut command = framegate(&["config", "--config", path, "--prefix", "line: "]);
    command.env("FRAMEGATE_PREFIX", "environment: ");
    command.env("FRAMEGATE_HTTP", "127.0.0.1:0");
    let output = within(command.output()).await.unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let shown = text(&output.stdout);
    let check = |option: &str, source: &str| {
        let found = shown.lines().any(|line| {
            line.split_once(" # ")
                .is_some_and(|(o, s)| o.trim_end() == option && s == source)
        });
        assert!(found, "{option} from {source} is missing in:\n{shown}");
    };
    check(r#"prefix = "line: ""#, "command line");
    check(r#"http = "127.0.0.1:0""#, "environment");
    check(r#"max-connections = "50""#, path);
    check(r#"allow-host = ["a.example", "b.example"]"#, path);
    check(r#"idle-timeout = "5m""#, "default");
}

#[tokio::test]
async fn what_is_shown_is_a_file_that_gives_the_same() {
    let shown = text(
        &output(&["config", "--prefix", "it's \"quoted\" "])
            .await
            .stdout,
    );
    let file = file(&shown);
    let again = output(&["config", "--config", file.path().to_str().unwrap()]).await;
    let options = |shown: &str| -> Vec<String> {
        let lines = shown.lines().map(|line| line.split(" # ").next());
        lines.flatten().map(str::to_owned).collect()
    };
    assert_eq!(options(&text(&again.stdout)), options(&shown));
}

#[tokio::test]
async fn a_mistake_in_a_file_has_its_place_and_what_would_be_right() {
    let check = async |content: &str, line: usize, expected: &str| {
        let file = file(content);
        let path = file.path().to_str().unwrap();
        let output = output(&["--config", path]).await;
        assert_eq!(output.status.code(), Some(2));
        let stderr = text(&output.stderr);
        let place = format!("framegate: {path}:{line}: ");
        assert!(
            stderr.starts_with(&place) && stderr.contains(expected),
            "{stderr}"
        );
    };
    check(
        "tcp = 'off'\nmax-frme = 1",
        2,
        "unknown key \"max-frme\", expected one of: tcp",
    )
    .await;
    check(
        "max-frame = 'lots'",
        1,
        "expected a size such as 4096, 64KiB or 16MiB",
    )
    .await;
    check(
        "\n\nmax-frame = 1.5",
        3,
        "expected a text in quotes, a number",
    )
    .await;
    check(
        "require-origin = 'perhaps'",
        1,
        "[possible values: true, false]",
    )
    .await;
    check("prefix = ['a', 'b']", 1, "cannot be used multiple times").await;
    check("[limits]\nmax-frame = 1", 1, "unknown key").await;

    let missing = output(&["--config", "/nowhere.toml"]).await;
    assert!(text(&missing.stderr).contains("cannot read /nowhere.toml"));
}

#[tokio::test]
async fn logs_can_be_objects() {
    let mut running = Running::start(framegate(&ANY_PORTS).args(["--log-format", "json"]));
    let mut client = running.connect().await;
    client.send("hello").await;
    assert_eq!(client.receive_text().await, "echo : hello");
    client.half_close().await;
    assert_eq!(client.receive().await, None);
    running.signal("TERM").await;
    let log = running.ended().await.1;
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let ended = lines
        .iter()
        .find(|line| line["message"] == "disconnected")
        .unwrap();
    assert_eq!(ended["frames"], 1);
    assert_eq!(ended["span"]["name"], "echo");
}

#[tokio::test]
async fn the_token_and_the_link_stay_out_of_the_log() {
    let token = file("correct-horse-battery");
    let path = token.path().to_str().unwrap();
    let mut command = framegate(&ANY_PORTS);
    command
        .args(["--token-file", path])
        .env("RUST_LOG", "trace");
    let mut running = Running::start(&mut command);
    let link = running.url("page").await;
    let (addr, query) = link
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let code = query.strip_prefix("login?code=").unwrap();
    let get = async |path: &str, header: (&str, &str)| {
        let stream = TcpStream::connect(addr).await.unwrap();
        let headers = [("host", addr), header];
        ask_on(stream, &format!("GET /{path}"), &headers, "").await
    };
    assert_eq!(get("", ("x", "y")).await.status(), 303);
    let welcome = get(query, ("x", "y")).await;
    let cookie = welcome
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    assert_eq!(get("", ("cookie", cookie)).await.status(), 200);
    let bearer = "Bearer correct-horse-battery";
    assert_eq!(get("", ("authorization", bearer)).await.status(), 200);
    running.signal("TERM").await;

    let log = running.ended().await.1;
    let cookie = cookie.split_once('=').unwrap().1;
    for secret in ["correct-horse", code, cookie] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}

#[tokio::test]
async fn a_token_that_can_be_guessed_is_not_taken() {
    let token = file("hunter2");
    let output = output(&["--token-file", token.path().to_str().unwrap()]).await;
    assert_eq!(output.status.code(), Some(2));
    let stderr = text(&output.stderr);
    assert!(stderr.contains("at least 16"), "{stderr}");
    assert!(!stderr.contains("hunter2"), "{stderr}");
}

#[tokio::test]
async fn tls_takes_one_kind_of_certificate_and_whole() {
    for args in [
        &["--tls-cert", "cert.pem"][..],
        &["--tls-key", "key.pem"],
        &["--tls-self-signed", "--tls-cert", "c", "--tls-key", "k"],
    ] {
        let output = output(args).await;
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("--tls-cert and --tls-key together"));
    }
    let missing = output(&["--tls-cert", "/no.pem", "--tls-key", "/no.key"]).await;
    let stderr = text(&missing.stderr);
    assert!(stderr.contains("cannot read /no.pem"), "{stderr}");
}

#[tokio::test]
async fn a_certificate_made_for_a_trial_is_announced() {
    let mut running = Running::start(framegate(&ANY_PORTS).arg("--tls-self-signed"));
    assert!(running.url("page").await.starts_with("https://127.0.0.1:"));
    assert!(running.url("bridge").await.starts_with("wss://127.0.0.1:"));
    running.url("tls").await;
    running.signal("TERM").await;
    assert_eq!(running.ended().await.0, Some(0));
}

#[tokio::test]
async fn sighup_reads_the_certificate_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name| folder.path().join(name).to_str().unwrap().to_owned();
    let made = rcgen::generate_simple_self_signed(["localhost".into()]).unwrap();
    std::fs::write(path("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(path("key.pem"), made.signing_key.serialize_pem()).unwrap();
    let (cert, key) = (path("cert.pem"), path("key.pem"));
    let mut command = framegate(&ANY_PORTS);
    command.args(["--tls-cert", &cert, "--tls-key", &key]);
    let mut running = Running::start(&mut command);
    running.url("page").await;
    running.signal("HUP").await;
    running.logged("read the certificate again").await;
    std::fs::remove_file(key).unwrap();
    running.signal("HUP").await;
    running.logged("the certificate stays as it was").await;
    running.signal("TERM").await;
    assert_eq!(running.ended().await.0, Some(0));
}

#[tokio::test]
async fn a_sessions_log_line_tells_all_of_it() {
    let mut command = framegate(&ANY_PORTS);
    command.args(["--log-format", "json", "--trusted-proxy", "127.0.0.1"]);
    let mut running = Running::start(&mut command);
    let url = running.url("bridge").await;
    let mut request = url.into_client_request().unwrap();
    let forwarded = "198.51.100.7".parse().unwrap();
    request.headers_mut().insert("x-forwarded-for", forwarded);
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    socket.send(Message::text("hello")).await.unwrap();
    assert_eq!(
        within(socket.next()).await.unwrap().unwrap(),
        Message::text("echo : hello")
    );
    let MaybeTlsStream::Plain(stream) = socket.get_ref() else {
        unreachable!("the URL begins with ws:");
    };
    let peer = stream.local_addr().unwrap().to_string();
    running.signal("TERM").await;
    while within(socket.next()).await.is_some() {}
    drop(socket);

    let log = running.ended().await.1;
    let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
    let mut lines = lines.filter(|line: &serde_json::Value| line["span"]["name"] == "session");
    let ended = lines.next_back().unwrap();
    assert_eq!(ended["message"], "session ended: gateway is shutting down");
    assert_eq!(ended["code"], 1001);
    assert_eq!(
        (&ended["sent"], &ended["sent_bytes"]),
        (&1.into(), &5.into())
    );
    assert_eq!(
        (&ended["received"], &ended["received_bytes"]),
        (&1.into(), &12.into())
    );
    let span = &ended["span"];
    assert_eq!((&span["id"], &span["peer"]), (&1.into(), &peer.into()));
    assert_eq!(
        (&span["client"], &span["upstream"]),
        (&"198.51.100.7".into(), &"echo".into())
    );
}
