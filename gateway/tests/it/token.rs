//! Authentication: the token that requests need, and the delay after wrong tokens.

use data_encoding::BASE64URL_NOPAD;
use gateway::Config;
use testkit::{FREE_PORTS, Signal, temp_file};
use tokio::net::TcpStream;

use crate::harness::{TestServer, within};
use crate::http_client::{HANDSHAKE, Response, fetch, fetch_on};
use crate::login::{cookie, log_in, log_in_with};
use crate::process::{GatewayProcess, assert_contains, framegate};

pub(crate) const TOKEN: &str = "correct-horse-battery";

/// Starts a gateway that requires [`TOKEN`], behind a proxy that names its clients.
pub(crate) async fn server() -> TestServer {
    server_with(TOKEN, |_| {}).await
}

pub(crate) async fn server_with_token(token: &str) -> TestServer {
    server_with(token, |_| {}).await
}

async fn server_with(token: &str, change: impl FnOnce(&mut Config)) -> TestServer {
    let file = temp_file(format!("{token}\n")).unwrap();
    TestServer::with(|config| {
        config.token_file = Some(file.path().into());
        config.monitor = true;
        config.access.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        change(config);
    })
    .await
}

/// Requests page, info, metrics and bridge with `header`; returns their statuses.
pub(crate) async fn statuses(server: &TestServer, header: (&str, &str)) -> [u16; 4] {
    let upgrade = [&HANDSHAKE[..], &[header]].concat();
    [
        fetch(server, "GET /", &[header]).await.status(),
        fetch(server, "GET /api/info", &[header]).await.status(),
        fetch(server, "GET /metrics", &[header]).await.status(),
        fetch(server, "GET /ws", &upgrade).await.status(),
    ]
}

#[tokio::test]
async fn missing_or_wrong_token_is_refused_except_for_the_login() {
    let server = server().await;
    for header in [("x", "y"), ("authorization", "Bearer not-the-token-at-all")] {
        assert_eq!(statuses(&server, header).await, [303, 401, 401, 401]);
    }
    let live_feed = fetch(&server, "GET /api/monitor", &[]).await;
    assert_eq!(live_feed.status(), 401);
    let page = fetch(&server, "GET /", &[]).await;
    assert_eq!(page.header("location"), Some("login"));
    let bridge = fetch(&server, "GET /ws", &HANDSHAKE).await;
    assert_eq!(
        bridge.header("www-authenticate"),
        Some("Bearer realm=\"framegate\"")
    );
    assert!(bridge.body().contains("Authorization: Bearer"));

    let login = fetch(&server, "GET /login", &[]).await;
    assert_eq!(login.status(), 200);
    assert!(login.body().contains("type=\"password\""));
    assert_eq!(fetch(&server, "GET /readyz", &[]).await.status(), 200);
}

#[tokio::test]
async fn bearer_token_is_accepted() {
    let server = server().await;
    let bearer = format!("Bearer {TOKEN}");
    let header = ("authorization", bearer.as_str());
    assert_eq!(statuses(&server, header).await, [200, 200, 200, 101]);
}

/// Sends a handshake of a page of `origin`, with these offers of subprotocols.
async fn offer_from(server: &TestServer, origin: &str, offers: &str) -> Response {
    let offered = [("origin", origin), ("sec-websocket-protocol", offers)];
    fetch(server, "GET /ws", &[&HANDSHAKE[..], &offered].concat()).await
}

#[tokio::test]
async fn allowed_page_of_another_site_presents_the_token_as_a_subprotocol() {
    let server = server_with(TOKEN, |config| {
        config.access.origins = vec!["https://app.example".parse().unwrap()];
    })
    .await;
    let app = "https://app.example";
    let encoded = BASE64URL_NOPAD.encode(TOKEN.as_bytes());
    let offers = format!("framegate.token.{encoded}, framegate");
    let accepted = offer_from(&server, app, &offers).await;
    assert_eq!(accepted.status(), 101);
    let confirmed = accepted.header("sec-websocket-protocol");
    assert_eq!(confirmed, Some("framegate"), "the token is not echoed");

    let foreign = offer_from(&server, "https://evil.example", &offers).await;
    assert_eq!(foreign.status(), 403);
    let wrong = BASE64URL_NOPAD.encode(b"something-else-entirely");
    for offers in [
        "framegate".into(),
        format!("framegate, framegate.token.{wrong}"),
        // One guess a request.
        format!("framegate.token.{wrong}, framegate.token.{encoded}"),
        format!("framegate, framegate.token.{TOKEN}"),
    ] {
        let refused = offer_from(&server, app, &offers).await;
        assert_eq!(refused.status(), 401, "{offers}");
        assert_contains(refused.body(), "framegate.token.");
        assert!(!refused.body().contains(&encoded));
    }
}

#[tokio::test]
async fn offered_token_is_ignored_where_none_is_required() {
    let server = TestServer::start().await;
    let own = format!("http://{}", server.http());
    let accepted = offer_from(&server, &own, "framegate, framegate.token.YQ").await;
    assert_eq!(accepted.status(), 101);
    let confirmed = accepted.header("sec-websocket-protocol");
    assert_eq!(confirmed, Some("framegate"));
}

#[tokio::test]
async fn login_is_404_if_no_token_is_set() {
    let server = TestServer::start().await;
    assert_eq!(fetch(&server, "GET /login", &[]).await.status(), 404);
}

/// Sends wrong tokens from `client` until it is blocked.
async fn guess_until_blocked(server: &TestServer, client: &str) {
    for number in 0..5 {
        let wrong = log_in_with(
            server,
            &format!("wrong-{number}"),
            &[("x-forwarded-for", client)],
        )
        .await;
        assert_eq!(wrong.status(), 403);
    }
}

fn assert_blocked(response: &Response) {
    assert_eq!(response.status(), 429);
    let seconds: u32 = response.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn address_with_five_wrong_tokens_has_to_wait() {
    let server = server().await;
    guess_until_blocked(&server, "192.0.2.1").await;
    let from = async |client| log_in_with(&server, TOKEN, &[("x-forwarded-for", client)]).await;
    let blocked = from("192.0.2.1").await;
    assert_blocked(&blocked);
    assert_contains(blocked.body(), "Too many wrong tokens from your address");
    assert_eq!(blocked.header("set-cookie"), None);
    assert_eq!(from("192.0.2.2").await.status(), 303);
    within(async { while from("192.0.2.1").await.status() != 303 {} }).await;
}

#[tokio::test]
async fn wrong_bearer_tokens_are_delayed_on_every_route() {
    let server = server().await;
    let bearer = |token: &str| format!("Bearer {token}");
    for (number, path) in ["api/info", "metrics", "ws", "api/monitor", "ws/name"]
        .into_iter()
        .enumerate()
    {
        let wrong = bearer(&format!("wrong-{number}"));
        let headers = [("authorization", wrong.as_str())];
        let response = fetch(&server, &format!("GET /{path}"), &headers).await;
        assert_eq!(response.status(), 401, "{path}");
    }
    let right = bearer(TOKEN);
    for path in ["", "api/info", "metrics", "ws", "api/monitor"] {
        let headers = [("authorization", right.as_str())];
        let response = fetch(&server, &format!("GET /{path}"), &headers).await;
        assert_blocked(&response);
        assert_contains(response.body(), "too many wrong tokens from this address");
    }
    let other = [
        ("authorization", right.as_str()),
        ("x-forwarded-for", "192.0.2.2"),
    ];
    assert_eq!(fetch(&server, "GET /metrics", &other).await.status(), 200);
}

#[tokio::test]
async fn forged_cookies_and_codes_count_as_wrong_tokens() {
    let server = server().await;
    let cookie = cookie(&log_in(&server, TOKEN).await);
    let name = cookie.split_once('=').unwrap().0;
    for number in 0..3 {
        let forged = format!("{name}=forged-{number}");
        let headers = [("cookie", forged.as_str())];
        let response = fetch(&server, "GET /api/info", &headers).await;
        assert_eq!(response.status(), 401);
    }
    for number in 0..2 {
        let link = format!("GET /login?code=forged-{number}");
        assert_eq!(fetch(&server, &link, &[]).await.status(), 403);
    }
    assert_blocked(&log_in(&server, TOKEN).await);
}

#[tokio::test]
async fn logged_in_browser_is_served_at_a_blocked_address() {
    let server = server().await;
    let client = ("x-forwarded-for", "192.0.2.1");
    let cookie = cookie(&log_in(&server, TOKEN).await);
    guess_until_blocked(&server, client.1).await;
    let headers = [client, ("cookie", cookie.as_str())];
    assert_eq!(
        fetch(&server, "GET /api/info", &headers).await.status(),
        200
    );
}

#[tokio::test]
async fn program_that_repeats_an_old_token_blocks_nobody() {
    let server = server().await;
    for _ in 0..20 {
        let old = [("authorization", "Bearer the-token-before-this")];
        assert_eq!(fetch(&server, "GET /metrics", &old).await.status(), 401);
    }
    assert_eq!(log_in(&server, TOKEN).await.status(), 303);
}

#[tokio::test]
async fn wrong_tokens_write_few_log_lines() {
    let token = temp_file(TOKEN).unwrap();
    let mut command = framegate(&FREE_PORTS);
    command.args(["--token-file", token.path().to_str().unwrap()]);
    let mut gateway = GatewayProcess::start(&mut command);
    let addr = gateway.addr("page").await;
    let host = addr.to_string();
    for number in 0..50 {
        let bearer = format!("Bearer wrong-{number}");
        let headers = [("host", host.as_str()), ("authorization", &bearer)];
        let stream = TcpStream::connect(addr).await.unwrap();
        fetch_on(stream, "GET /ws", &headers, "").await;
    }
    gateway.signal(Signal::SIGTERM);
    let log = gateway.ended().await.1;
    let lines: Vec<_> = log
        .lines()
        .filter(|it| it.contains("refused a request"))
        .collect();
    // At most 10 lines in 10 s, and as many if the requests take longer.
    assert!((1..=20).contains(&lines.len()), "{log}");
    assert_contains(lines[0], "that is not the token");
    assert_contains(lines[0], "peer=127.0.0.1:");
    assert_contains(lines[5], "too many wrong tokens from this address");
}

#[tokio::test]
async fn head_is_answered_as_get() {
    let server = server().await;
    for path in ["/", "/api/info", "/login"] {
        let get = fetch(&server, &format!("GET {path}"), &[]).await;
        let head = fetch(&server, &format!("HEAD {path}"), &[]).await;
        assert_eq!(head.status(), get.status(), "{path}");
        assert_eq!(head.header("location"), get.header("location"), "{path}");
        assert_eq!(head.body(), "", "{path}");
    }
}
