//! Configuration: options from the command line, the environment and a file; errors in them.

use testkit::FREE_PORTS;
use tokio::net::TcpStream;

use crate::harness::{Peer, TestServer, within};
use crate::process::{GatewayProcess, assert_contains, file, framegate, output, text};

#[tokio::test]
async fn command_line_overrides_the_environment() {
    let mut command = framegate(&["serve", "--prefix", "from the line: "]);
    command
        .env("FRAMEGATE_TCP", "127.0.0.1:0")
        .env("FRAMEGATE_HTTP", "127.0.0.1:0")
        .env("FRAMEGATE_PREFIX", "from the environment: ");
    let mut gateway = GatewayProcess::start(&mut command);
    let mut client = gateway.connect().await;
    client.send("hello").await;
    assert_eq!(client.receive_text().await, "from the line: hello");
}

#[tokio::test]
async fn framing_is_read_from_every_source_and_shown_in_the_echo_url() {
    let file = file("framing = 'lines'");
    let path = file.path().to_str().unwrap();
    let sources = [
        (["--framing", "lines"], ""),
        (["--config", path], ""),
        (["--log-format", "text"], "lines"),
    ];
    for (args, variable) in sources {
        let mut command = framegate(&[&FREE_PORTS[..], &args].concat());
        if !variable.is_empty() {
            command.env("FRAMEGATE_FRAMING", variable);
        }
        let mut gateway = GatewayProcess::start(&mut command);
        let url = gateway.url("echo").await;
        let addr = url.strip_prefix("tcp://").unwrap();
        let addr = addr.strip_suffix("?framing=lines").unwrap();
        let mut client = Peer(TcpStream::connect(addr).await.unwrap());
        client.write("hello\n").await;
        client.half_close().await;
        assert_eq!(client.rest().await, b"echo : hello\n", "{args:?}");
    }
}

/// No notation has a character that lists, TOML or a shell's words would take for their own.
#[tokio::test]
async fn every_framing_of_upstreams_is_read_from_every_source() {
    let pictures = [
        "1+u32be-inclusive",
        "0x0b...0x1c0d",
        "digits+0x3a...0x2c",
        "fixed5",
    ];
    let pictures = pictures.map(String::from).into_iter();
    let whole = "whole:...0x0131303d+3+0x01".to_owned();
    let named = protocol::Framing::named().map(|framing| framing.to_string());
    let framings: Vec<_> = named.chain(pictures).chain([whole]).collect();
    let upstreams = framings.iter().enumerate();
    let upstreams = upstreams.map(|(at, framing)| {
        format!("service{at}=127.0.0.1:1?framing={framing}&first-sent={framing}")
    });
    let upstreams: Vec<_> = upstreams.collect();
    let file = file(&format!("upstream = {upstreams:?}"));
    let options = upstreams.iter().flat_map(|it| ["--upstream", it]);
    let options: Vec<_> = options.collect();
    let path = ["--config", file.path().to_str().unwrap()];
    for (args, variable) in [
        (&options[..], None),
        (&path, None),
        (&[], Some(upstreams.join(","))),
    ] {
        let mut command = framegate(&[&FREE_PORTS[..], args].concat());
        command.envs(variable.map(|list| ("FRAMEGATE_UPSTREAM", list)));
        let mut gateway = GatewayProcess::start(&mut command);
        let page = gateway.url("page").await;
        let addr = page.trim_start_matches("http://").trim_end_matches('/');
        let mut client = Peer(TcpStream::connect(addr).await.unwrap());
        let request =
            format!("GET /api/info HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n");
        client.write(request).await;
        let info = text(&client.rest().await);
        for framing in &framings {
            let json = format!(r#""framing":"{framing}","first_sent":"{framing}""#);
            assert_contains(&info, &json);
        }
    }
}

#[tokio::test]
async fn invalid_option_is_reported_with_a_valid_example() {
    let check = async |args: &[&str], expected: &str| {
        let output = output(args).await;
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let stderr = text(&output.stderr);
        assert_contains(&stderr, expected);
    };
    check(&["--tcp", "9999"], "expected HOST:PORT, for example").await;
    check(&["--http", "::1:80"], "needs brackets, as in [::1]:9999").await;
    check(
        &["--upstream", "db:http"],
        "expected a number from 0 to 65535",
    )
    .await;
    check(&["--tcp", "off"], "--tcp off needs an --upstream").await;
    check(&["--framing", "u33"], "expected 8 to 64 in steps of 8").await;
    check(&["--framing", "1 + u32be"], "did you mean 1+u32be?").await;
    check(&["--framing", "fixed0"], "expected fixed1 to fixed").await;
    check(&["--upstream", "db:1?framing=U32LE"], "did you mean u32le?").await;
    check(&["--framing=lines", "--prefix=a\n"], "a line break after 1").await;
    check(&["--htpp", "x"], "--http").await;
}

#[tokio::test]
async fn short_token_is_rejected_and_not_printed() {
    let token = file("hunter2");
    let output = output(&["--token-file", token.path().to_str().unwrap()]).await;
    assert_eq!(output.status.code(), Some(2));
    let stderr = text(&output.stderr);
    assert_contains(&stderr, "at least 16");
    assert!(!stderr.contains("hunter2"), "{stderr}");
}

#[tokio::test]
async fn tls_needs_certificate_and_key_or_self_signed() {
    for args in [
        &["--tls-cert", "cert.pem"][..],
        &["--tls-key", "key.pem"],
        &["--tls-self-signed", "--tls-cert", "c", "--tls-key", "k"],
    ] {
        let output = output(args).await;
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("--tls-cert and --tls-key together"));
    }
    let missing = ["--tls-cert=/no.pem", "--tls-key=/no.key"];
    let missing = output(&[FREE_PORTS, missing].concat()).await;
    let stderr = text(&missing.stderr);
    assert_contains(
        &stderr,
        "/no.pem: cannot read it: there is no such file or folder",
    );
}

#[tokio::test]
async fn config_prints_each_option_with_its_source() {
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
    let derived = "default, derived from --idle-timeout";
    check(r#"ping-interval = "20s""#, derived);
}

#[tokio::test]
async fn default_that_follows_an_option_is_listed_with_it() {
    let output = output(&["config", "--idle-timeout=9s", "--framing=raw"]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let shown = text(&output.stdout);
    let options: Vec<_> = shown.lines().map(|it| it.split_once(" # ")).collect();
    for (option, source) in [
        (
            "ping-interval = \"3s\"",
            "default, derived from --idle-timeout",
        ),
        ("prefix = \"\"", "default, derived from --framing"),
    ] {
        let is_option = |found: &(&str, &str)| found.0.trim_end() == option && found.1 == source;
        assert!(options.iter().flatten().any(is_option), "{shown}");
    }
}

#[tokio::test]
async fn one_of_two_options_that_bound_each_other_needs_not_the_other() {
    for (option, other, source) in [
        (
            "--ping-interval=10m",
            "idle-timeout = \"20m\"",
            "ping-interval",
        ),
        (
            "--resume-buffer=1GiB",
            "resume-memory = \"1024MiB\"",
            "resume-buffer",
        ),
        (
            "--resume-memory=64KiB",
            "resume-buffer = \"64KiB\"",
            "resume-memory",
        ),
    ] {
        let output = output(&["config", option]).await;
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let shown = text(&output.stdout);
        let line = shown.lines().find(|line| line.starts_with(other));
        let line = line.unwrap_or_else(|| panic!("{other} is missing in:\n{shown}"));
        let source = format!("# default, derived from --{source}");
        assert!(line.ends_with(&source), "{line}");
    }
    let contradicting = output(&["--ping-interval=10m", "--idle-timeout=5m"]).await;
    assert_eq!(contradicting.status.code(), Some(2));
}

#[tokio::test]
async fn config_output_is_a_valid_configuration_file() {
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
async fn configuration_file_error_has_its_line_and_a_valid_example() {
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
async fn files_of_windows_editors_are_read_or_named_for_what_they_are() {
    let settings = file("\u{feff}prefix = 'from windows'\r\nmax-frame = '1MiB'\r\n");
    let shown = output(&["config", "--config", settings.path().to_str().unwrap()]).await;
    assert_contains(&text(&shown.stdout), "prefix = \"from windows\"");

    let token = file("\u{feff}correct-horse-battery\r\n");
    let link = ["login-link", "--token-file", token.path().to_str().unwrap()];
    assert_eq!(output(&link).await.status.code(), Some(0));

    let utf16 = "\u{feff}correct-horse-battery".encode_utf16();
    let utf16: Vec<_> = utf16.flat_map(u16::to_le_bytes).collect();
    let utf16 = testkit::temp_file(utf16).unwrap();
    let path = utf16.path().to_str().unwrap();
    for option in ["--config", "--token-file"] {
        let refused = output(&[&FREE_PORTS[..], &[option, path]].concat()).await;
        assert_eq!(refused.status.code(), Some(2), "{option}");
        assert_contains(
            &text(&refused.stderr),
            "it is UTF-16 text; save it as UTF-8",
        );
    }
}

#[cfg(unix)]
#[tokio::test]
async fn endless_file_is_no_setting_and_no_token() {
    for option in ["--config", "--token-file"] {
        let refused = output(&[&FREE_PORTS[..], &[option, "/dev/zero"]].concat()).await;
        assert_eq!(refused.status.code(), Some(2), "{option}");
        assert_contains(&text(&refused.stderr), "/dev/zero: it is longer than 1 MiB");
    }
}

#[tokio::test]
async fn lists_in_variables_may_have_spaces_quotes_and_empty_items() {
    let mut command = framegate(&["config"]);
    command
        .env("FRAMEGATE_ALLOW_HOST", "\"a.example, b.example ,\"")
        .env("FRAMEGATE_TRUSTED_PROXY", " '10.0.0.1' , ")
        .env("FRAMEGATE_UPSTREAM", "")
        .env("FRAMEGATE_MAX_FRAME", "")
        .env("FRAMEGATE_CONFIG", "");
    let output = within(command.output()).await.unwrap();
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_contains(&shown, "allow-host = [\"a.example\", \"b.example\"]");
    assert_contains(&shown, "trusted-proxy = \"10.0.0.1\"");
    assert_contains(&shown, "max-frame = \"16MiB\"");
}

#[tokio::test]
async fn empty_list_in_a_configuration_file_sets_nothing() {
    let settings = file("http = []\ntcp = ''\nallow-host = ' , '\n");
    let shown = output(&["config", "--config", settings.path().to_str().unwrap()]).await;
    assert_eq!(shown.status.code(), Some(0), "{}", text(&shown.stderr));
    let shown = text(&shown.stdout);
    assert_contains(&shown, "http = \"127.0.0.1:3000\"");
    assert_contains(&shown, "tcp = \"127.0.0.1:9999\"");
    assert_contains(&shown, "# allow-host is not set");
}

#[tokio::test]
async fn error_in_a_variable_names_it() {
    let mut command = framegate(&FREE_PORTS);
    command.env("FRAMEGATE_MAX_FRAME", "lots");
    let output = within(command.output()).await.unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = text(&output.stderr);
    assert_contains(
        &stderr,
        "variable FRAMEGATE_MAX_FRAME=\"lots\": expected a size",
    );
}

/// In a container, all commands have the variables of its gateway.
#[tokio::test]
async fn variables_of_the_gateway_stop_no_other_command() {
    let server = TestServer::start().await;
    let (echo, page) = (
        server.tcp().to_string(),
        format!("http://{}", server.http()),
    );
    let to = format!("tcp://{echo}");
    for args in [&["send", "--to", &to, "hello"][..], &["health", &page]] {
        let mut command = framegate(args);
        command
            .env("FRAMEGATE_MAX_FRAME", "lots")
            .env("FRAMEGATE_HTTP", "\"127.0.0.1:1\"")
            .env("FRAMEGATE_CONFIG", "/nowhere.toml");
        let output = within(command.output()).await.unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }
}

#[tokio::test]
async fn token_of_a_client_is_no_token_of_the_gateway() {
    let token = file("correct-horse-battery");
    let own = ["--token-file", token.path().to_str().unwrap()];
    for (args, is_warned) in [(&[][..], true), (&own[..], false)] {
        let mut command = framegate(&[&FREE_PORTS[..], args].concat());
        command.env("FRAMEGATE_TOKEN", "correct-horse-battery");
        let mut gateway = GatewayProcess::start(&mut command);
        gateway.url("page").await;
        gateway.signal(testkit::Signal::SIGTERM);
        let log = gateway.ended().await.1;
        let warning = "this gateway requires no token";
        assert_eq!(log.contains(warning), is_warned, "{log}");
    }
}

#[tokio::test]
async fn mistyped_names_are_answered_with_the_nearest() {
    let mut command = framegate(&FREE_PORTS);
    command
        .env("FRAMEGATE_PRFIX", "x")
        .env("FRAMEGATE_PORT_80_TCP_ADDR", "10.0.0.1")
        .env("FRAMEGATE_TOKEN", "of a client");
    let mut gateway = GatewayProcess::start(&mut command);
    gateway.url("page").await;
    gateway.signal(testkit::Signal::SIGTERM);
    let log = gateway.ended().await.1;
    assert_contains(&log, "did you mean FRAMEGATE_PREFIX?");
    assert_eq!(log.matches("belongs to no option").count(), 1, "{log}");
    let file = file("max_frame = 1");
    let output = output(&["--config", file.path().to_str().unwrap()]).await;
    assert_contains(&text(&output.stderr), "did you mean max-frame?");
}
