//! Authentication: the bearer token, the login form and the login link.

use data_encoding::BASE64URL_NOPAD;
use gateway::Config;
use testkit::temp_file;
use tokio::net::TcpStream;

use crate::harness::TestServer;
use crate::http_client::{HANDSHAKE, Response, fetch, fetch_on};
use crate::process::assert_contains;

const TOKEN: &str = "correct-horse-battery";

async fn server() -> TestServer {
    server_with(|_| {}).await
}

async fn server_with(change: impl FnOnce(&mut Config)) -> TestServer {
    let file = temp_file(format!("{TOKEN}\n")).unwrap();
    TestServer::with(|config| {
        config.token_file = Some(file.path().into());
        config.monitor = true;
        change(config);
    })
    .await
}

/// Sends the login form.
async fn log_in(server: &TestServer, token: &str) -> Response {
    let body = format!("token={token}");
    let (host, length) = (server.http().to_string(), body.len().to_string());
    let headers = [
        ("host", host.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
        ("content-length", &length),
    ];
    let stream = TcpStream::connect(server.http()).await.unwrap();
    fetch_on(stream, "POST /login", &headers, &body).await
}

/// The cookie that `response` sets, as a browser sends it back.
fn cookie(response: &Response) -> String {
    let set = response.header("set-cookie").expect("a cookie");
    assert_contains(set, "HttpOnly");
    assert_contains(set, "SameSite=Lax");
    set.split(';').next().unwrap().to_owned()
}

/// Requests page, info, metrics and bridge with `header`; returns their statuses.
async fn statuses(server: &TestServer, header: (&str, &str)) -> [u16; 4] {
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

#[tokio::test]
async fn login_form_sets_a_session_cookie() {
    let server = server().await;
    let welcome = log_in(&server, TOKEN).await;
    assert_eq!(
        (welcome.status(), welcome.header("location")),
        (303, Some("./"))
    );
    let cookie = cookie(&welcome);
    assert_eq!(
        statuses(&server, ("cookie", &cookie)).await,
        [200, 200, 200, 101]
    );

    let wrong = log_in(&server, "something-else-entirely").await;
    assert_eq!((wrong.status(), wrong.header("set-cookie")), (403, None));
    assert!(wrong.body().contains("role=\"alert\""));
}

#[tokio::test]
async fn login_link_works_once() {
    let server = server().await;
    let request = format!("GET /{}", server.page_path());
    let welcome = fetch(&server, &request, &[]).await;
    assert_eq!(welcome.status(), 303);
    let cookie = cookie(&welcome);
    assert_eq!(
        statuses(&server, ("cookie", &cookie)).await,
        [200, 200, 200, 101]
    );

    let again = fetch(&server, &request, &[]).await;
    assert_eq!((again.status(), again.header("set-cookie")), (403, None));
}

#[tokio::test]
async fn cookie_is_refused_from_another_origin() {
    let server = server().await;
    let cookie = cookie(&log_in(&server, TOKEN).await);
    let mut headers = vec![
        ("cookie", cookie.as_str()),
        ("origin", "http://evil.example"),
    ];
    headers.extend(HANDSHAKE);
    assert_eq!(fetch(&server, "GET /ws", &headers).await.status(), 403);
}

/// Sends a handshake of a page of `origin`, with these offers of subprotocols.
async fn offer_from(server: &TestServer, origin: &str, offers: &str) -> Response {
    let offered = [("origin", origin), ("sec-websocket-protocol", offers)];
    fetch(server, "GET /ws", &[&HANDSHAKE[..], &offered].concat()).await
}

#[tokio::test]
async fn allowed_page_of_another_site_presents_the_token_as_a_subprotocol() {
    let server = server_with(|config| {
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

#[tokio::test]
async fn head_of_the_page_is_redirected_to_the_login_as_get() {
    let server = server().await;
    let head = fetch(&server, "HEAD /", &[]).await;
    assert_eq!(head.status(), 303);
    assert_eq!(head.header("location"), Some("login"));
    assert_eq!(fetch(&server, "HEAD /login", &[]).await.status(), 200);
}
