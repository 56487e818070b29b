use clap::{CommandFactory, Parser};

use super::*;
use crate::cli::args::{Cli, Command};

fn parse(args: &[&str]) -> Result<Config, ConfigError> {
    let cli = Cli::try_parse_from(["framegate"].iter().chain(args)).unwrap();
    match cli.into_command() {
        Command::Serve(args) => Config::try_from(args),
        other => panic!("expected serve, found {other:?}"),
    }
}

#[test]
fn command_line_definition_is_valid() {
    Cli::command().debug_assert();
}

#[test]
fn serve_is_the_default_command() {
    for args in [&["--prefix", "> "][..], &["serve", "--prefix", "> "]] {
        let config = parse(args).unwrap();
        assert_eq!(config.prefix, "> ");
        assert_eq!(config.tcp[0].to_string(), "127.0.0.1:9999");
        assert_eq!(config.http[0].to_string(), "127.0.0.1:3000");
        assert_eq!(config.upstreams, []);
    }
}

#[test]
fn upstream_is_required_if_echo_service_is_off() {
    let error = parse(&["--tcp", "off"]).unwrap_err();
    assert!(matches!(error, ConfigError::NoUpstream));
    let config = parse(&["--tcp", "off", "--upstream", "db:1"]).unwrap();
    assert_eq!(config.tcp, []);
    let error = parse(&["--tcp=off,127.0.0.1:0", "--upstream=db:1"]).unwrap_err();
    assert!(matches!(error, ConfigError::TcpOnAndOff));
}

#[test]
fn upstream_names_must_be_unique() {
    let check = |upstreams: &[&str], is_valid: bool| {
        let args: Vec<_> = upstreams.iter().flat_map(|it| ["--upstream", it]).collect();
        let config = parse(&args);
        assert_eq!(config.is_ok(), is_valid, "{config:?}");
    };
    check(&["db:1"], true);
    check(&["db:1", "a=db:2", "b=db:2"], true);
    check(&["db:1", "db:2"], false);
    check(&["a=db:1", "a=db:2"], false);
    check(&["echo=db:1"], false);
}

#[test]
fn proxy_protocol_needs_a_trusted_proxy() {
    let error = parse(&["--proxy-protocol"]).unwrap_err();
    assert!(matches!(error, ConfigError::NoTrustedProxy));
    let config = parse(&["--proxy-protocol", "--trusted-proxy=10.0.0.0/8"]);
    assert!(config.unwrap().proxy_protocol);
}

#[test]
fn default_limits_are_the_options_defaults() {
    let options = parse(&[]).unwrap().limits;
    assert_eq!(format!("{options:?}"), format!("{:?}", Limits::default()));
}

#[test]
fn default_resume_options_are_those_of_the_command_line() {
    let options = parse(&[]).unwrap().resume;
    assert_eq!(
        format!("{options:?}"),
        format!("{:?}", ResumeOptions::default())
    );
    let off = parse(&["--resume-timeout=0"]).unwrap().resume;
    assert_eq!(off.timeout, None);
}

#[test]
fn resume_options_have_bounds() {
    let check = |args: &[&str], expected: &str| {
        let error = parse(args).unwrap_err().to_string();
        assert_eq!(error, expected);
    };
    let buffer = "--resume-buffer is 100 bytes, the minimum is 4096";
    check(&["--resume-buffer=100"], buffer);
    let memory = "--resume-memory is 65536 bytes, less than the 262144 bytes of one session's \
        --resume-buffer";
    check(&["--resume-memory=64KiB", "--resume-buffer=256KiB"], memory);
    for id in ["", "a.b", "é", "a b", &"x".repeat(33)] {
        let args = ["framegate", "--gateway-id", id];
        assert!(Cli::try_parse_from(args).is_err(), "{id:?}");
    }
    let id = parse(&["--gateway-id=gate-1"]).unwrap().resume.gateway_id;
    assert_eq!(id.unwrap().to_string(), "gate-1");
}

#[test]
fn zero_disables_a_limit() {
    let durations = [
        "idle-timeout",
        "ping-interval",
        "connect-timeout",
        "drain-timeout",
    ];
    let mut args = durations.map(|name| format!("--{name}=0")).to_vec();
    args.push("--max-connections=0".into());
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    let limits = parse(&args).unwrap().limits;
    assert_eq!(limits.idle_timeout, None);
    assert_eq!(limits.ping_interval, None);
    assert_eq!(limits.connect_timeout, None);
    assert_eq!(limits.drain_timeout, None);
    assert_eq!(limits.max_connections, None);
    assert_eq!(limits.max_connections_per_ip, None);
}

#[test]
fn longest_echo_leaves_room_for_the_prefix() {
    let check = |args: &[&str], expected: usize| {
        assert_eq!(parse(args).unwrap().max_echo(), expected, "{args:?}");
    };
    check(&["--max-frame=1"], 1);
    check(&["--max-frame=1MiB"], 1 << 20);
    check(
        &["--max-frame=8GiB"],
        u32::MAX as usize - DEFAULT_PREFIX.len(),
    );
    check(&["--framing=u8"], 255 - DEFAULT_PREFIX.len());
    check(&["--framing=u8-inclusive", "--prefix="], 254);
    check(&["--framing=u16be", "--max-frame=1KiB"], 1024);
    check(&["--framing=raw", "--max-frame=1KiB"], 1024);
    let zero = parse(&["--max-frame=0"]);
    assert!(matches!(zero, Err(ConfigError::MaxFrameZero)));
}

#[test]
fn max_frame_has_room_for_the_shortest_message() {
    let check = |args: &[&str], expected: Option<&str>| {
        let error = parse(args).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), expected);
    };
    let fixed = "--max-frame is 4 bytes, and framing fixed5 has no message under 5";
    check(&["--max-frame=4", "--framing=fixed5"], Some(fixed));
    check(
        &["--max-frame=4", "--upstream=a=db:1?first=fixed5"],
        Some(fixed),
    );
    check(&["--max-frame=5", "--framing=fixed5"], None);
    check(&["--max-frame=4", "--framing=4+u16be"], None);
}

#[test]
fn ping_interval_must_be_shorter_than_idle_timeout() {
    let error = parse(&["--ping-interval=10s", "--idle-timeout=10s"]).unwrap_err();
    assert!(matches!(error, ConfigError::PingAfterIdleTimeout { .. }));
    assert!(parse(&["--ping-interval=0", "--idle-timeout=1s"]).is_ok());
    assert!(parse(&["--ping-interval=1s", "--idle-timeout=0"]).is_ok());
}

#[test]
fn short_idle_timeout_needs_no_other_option() {
    for idle in ["1ms", "1s", "20s"] {
        let config = parse(&["--idle-timeout", idle]);
        assert!(config.is_ok(), "{config:?}");
    }
}

#[test]
fn prefix_must_leave_room_for_a_payload() {
    let longest = "x".repeat(REPLY_ALLOWANCE);
    assert!(parse(&["--prefix", &longest]).is_ok());
    assert!(matches!(
        parse(&["--prefix", &format!("{longest}x")]),
        Err(ConfigError::PrefixTooLong { .. })
    ));
    let all = "x".repeat(255);
    assert!(matches!(
        parse(&["--framing=u8", "--prefix", &all]),
        Err(ConfigError::PrefixTooLong { len: 255, max: 254 })
    ));
}

#[test]
fn prefix_must_fit_the_framing() {
    let check = |framing: &str, prefix: &str, expected: Result<(), &str>| {
        let config = parse(&["--framing", framing, "--prefix", prefix]);
        let error = config.map(drop).map_err(|error| error.to_string());
        assert_eq!(error, expected.map_err(Into::into));
    };
    let lines = "--prefix cannot be used with --framing lines: \
        message has a line break after 1 bytes, which its framing cannot carry";
    check("lines", "a\nb", Err(lines));
    check("lines", "a\0b", Ok(()));
    let nul = "--prefix cannot be used with --framing nul: \
        message has a NUL after 1 bytes, which its framing cannot carry";
    check("nul", "a\0b", Err(nul));
    check("nul", "a\nb", Ok(()));
    let raw = "--prefix has no place in the messages of --framing raw, expected an empty one";
    check("raw", "a", Err(raw));
    check("raw", "", Ok(()));
    assert_eq!(parse(&["--framing=raw"]).unwrap().prefix, "");
}
