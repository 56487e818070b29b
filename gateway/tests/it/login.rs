//! Login: the form, the link, the cookie and the logout.

use std::process::Command;

use rexpect::session::spawn_command;
use testkit::{FREE_PORTS, temp_file};
use tokio::net::TcpStream;
use tokio::task::spawn_blocking;

use crate::harness::TestServer;
use crate::http_client::{Response, fetch, fetch_exactly, fetch_on};
use crate::process::{GatewayProcess, assert_contains, framegate, output, text};
use crate::token::{TOKEN, server, server_with_token, statuses};

/// Sends the login form.
pub(crate) async fn log_in(server: &TestServer, token: &str) -> Response {
    log_in_with(server, token, &[]).await
}

/// Sends the login form with `headers`.
pub(crate) async fn log_in_with(
    server: &TestServer,
    token: &str,
    headers: &[(&str, &str)],
) -> Response {
    let body = format!("token={token}");
    let (host, length) = (server.http().to_string(), body.len().to_string());
    let form = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("content-length", &length),
    ];
    let mut headers = [&form, headers].concat();
    if headers.iter().all(|(name, _)| *name != "host") {
        headers.push(("host", &host));
    }
    let stream = TcpStream::connect(server.http()).await.unwrap();
    fetch_on(stream, "POST /login", &headers, &body).await
}

/// The cookie that `response` sets, as a browser sends it back.
pub(crate) fn cookie(response: &Response) -> String {
    let set = response.header("set-cookie").expect("a cookie");
    assert_contains(set, "HttpOnly");
    assert_contains(set, "SameSite=Lax");
    set.split(';').next().unwrap().to_owned()
}

async fn log_out(server: &TestServer, headers: &[(&str, &str)]) -> Response {
    let headers = [headers, &[("content-length", "0")]].concat();
    fetch(server, "POST /logout", &headers).await
}

/// Requests the gateway's information with `cookie`; returns the status.
async fn info(server: &TestServer, cookie: &str) -> u16 {
    let headers = [("cookie", cookie)];
    fetch(server, "GET /api/info", &headers).await.status()
}

#[tokio::test]
async fn login_form_sets_a_cookie() {
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
async fn login_cookie_is_found_among_those_of_other_services() {
    let server = server().await;
    let cookie = cookie(&log_in(&server, TOKEN).await);
    // Browsers send the cookies of all ports of a host, in the bytes that a page has set.
    for others in ["theme=dark", "name=caf\u{e9}", "=; broken"] {
        for cookies in [format!("{others}; {cookie}"), format!("{cookie}; {others}")] {
            assert_eq!(info(&server, &cookies).await, 200, "{cookies}");
        }
    }
}

#[tokio::test]
async fn each_login_has_a_cookie_of_its_own_with_an_end() {
    let server = server().await;
    let (first, second) = (log_in(&server, TOKEN).await, log_in(&server, TOKEN).await);
    assert_contains(first.header("set-cookie").unwrap(), "Max-Age=86400");
    assert_ne!(cookie(&first), cookie(&second));
}

#[tokio::test]
async fn logout_ends_one_login_and_removes_its_cookie() {
    let server = server().await;
    let first = cookie(&log_in(&server, TOKEN).await);
    let second = cookie(&log_in(&server, TOKEN).await);
    let page = fetch(&server, "GET /login", &[("cookie", &first)]).await;
    assert_contains(page.body(), "action=\"logout\"");

    let headers = [
        ("cookie", first.as_str()),
        ("sec-fetch-site", "same-origin"),
    ];
    let goodbye = log_out(&server, &headers).await;
    assert_eq!(
        (goodbye.status(), goodbye.header("location")),
        (303, Some("login"))
    );
    let name = first.split_once('=').unwrap().0;
    let removal = goodbye.header("set-cookie").unwrap();
    assert_contains(removal, &format!("{name}=;"));
    assert_contains(removal, "Max-Age=0");
    assert_eq!(info(&server, &first).await, 401);
    assert_eq!(info(&server, &second).await, 200);
    let page = fetch(&server, "GET /login", &[("cookie", &first)]).await;
    assert!(!page.body().contains("action=\"logout\""));
}

#[tokio::test]
async fn page_of_another_origin_cannot_log_a_browser_out() {
    let server = server().await;
    let cookie = cookie(&log_in(&server, TOKEN).await);
    for foreign in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "http://127.0.0.1:1"),
        ("origin", "null"),
    ] {
        let refused = log_out(&server, &[("cookie", &cookie), foreign]).await;
        assert_eq!(
            (refused.status(), refused.header("set-cookie")),
            (403, None)
        );
    }
    assert_eq!(
        fetch(&server, "GET /logout", &[("cookie", &cookie)])
            .await
            .status(),
        405
    );
    assert_eq!(info(&server, &cookie).await, 200);

    let own = format!("http://{}", server.http());
    let goodbye = log_out(&server, &[("cookie", &cookie), ("origin", &own)]).await;
    assert_eq!(goodbye.status(), 303);
    assert_eq!(info(&server, &cookie).await, 401);
}

#[tokio::test]
async fn cookie_is_valid_at_gateways_with_the_same_token_only() {
    let host = ("host", "localhost:3000");
    let first = log_in_with(&server().await, TOKEN, &[host]).await;
    let cookie = cookie(&first);
    let headers = [host, ("cookie", cookie.as_str())];
    for (token, expected) in [(TOKEN, 200), ("the-token-after-this", 401)] {
        let server = server_with_token(token).await;
        let response = fetch_exactly(&server, "GET /api/info", &headers).await;
        assert_eq!(response.status(), expected, "{token}");
    }
}

#[tokio::test]
async fn cookie_behind_an_https_proxy_has_the_secure_prefix_and_no_path() {
    let server = server().await;
    let https = [
        ("x-forwarded-proto", "https"),
        ("x-forwarded-for", "192.0.2.1"),
    ];
    let welcome = log_in_with(&server, TOKEN, &https).await;
    let set = welcome.header("set-cookie").unwrap();
    assert!(set.starts_with("__Secure-framegate-"), "{set}");
    assert_contains(set, "; Secure");
    assert!(!set.contains("Path="), "{set}");
    let cookie = cookie(&welcome);
    let headers = [https[0], https[1], ("cookie", cookie.as_str())];
    assert_eq!(
        fetch(&server, "GET /api/info", &headers).await.status(),
        200
    );
}

#[tokio::test]
async fn cookie_is_refused_from_another_origin() {
    let server = server().await;
    let cookie = cookie(&log_in(&server, TOKEN).await);
    let mut headers = vec![
        ("cookie", cookie.as_str()),
        ("origin", "http://evil.example"),
    ];
    headers.extend(crate::http_client::HANDSHAKE);
    assert_eq!(fetch(&server, "GET /ws", &headers).await.status(), 403);
}

#[tokio::test]
async fn login_link_works_once_and_not_by_head() {
    let server = server().await;
    let path = server.page_path();
    let head = fetch(&server, &format!("HEAD /{path}"), &[]).await;
    assert_eq!((head.status(), head.header("set-cookie")), (200, None));
    let request = format!("GET /{path}");
    let welcome = fetch(&server, &request, &[]).await;
    assert_eq!(welcome.status(), 303);
    let cookie = cookie(&welcome);
    assert_eq!(
        statuses(&server, ("cookie", &cookie)).await,
        [200, 200, 200, 101]
    );

    let again = fetch(&server, &request, &[]).await;
    assert_eq!((again.status(), again.header("set-cookie")), (403, None));
    assert_contains(again.body(), "This link has been used");
}

/// Follows the login link `url`; returns the status.
async fn follow(url: &str) -> u16 {
    let (host, path) = url
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let stream = TcpStream::connect(host).await.unwrap();
    let response = fetch_on(stream, &format!("GET /{path}"), &[("host", host)], "").await;
    response.status()
}

#[tokio::test]
async fn piped_startup_text_has_no_code_but_the_command_for_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("the gate's token");
    std::fs::write(&file, TOKEN).unwrap();
    let mut command = framegate(&FREE_PORTS);
    command.arg("--token-file").arg(&file);
    let mut gateway = GatewayProcess::start(&mut command);
    let page = gateway.line("page").await;
    assert!(page.ends_with('/'), "{page}");
    let line = gateway.line("login").await;
    let command = line.strip_prefix("new link: framegate ").unwrap();

    let script = format!("{} {command}", env!("CARGO_BIN_EXE_framegate"));
    let link = Command::new("sh").args(["-c", &script]).output().unwrap();
    let link = text(&link.stdout);
    let link = link.trim_end();
    assert!(link.starts_with(&format!("{page}login?code=")), "{link}");
    assert_eq!(follow(link).await, 303);
    assert_eq!(follow(link).await, 403);
}

#[tokio::test]
async fn startup_text_at_a_terminal_has_a_login_link() {
    let file = temp_file(TOKEN).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_framegate"));
    command
        .args(FREE_PORTS)
        .arg("--token-file")
        .arg(file.path());
    let terminal = spawn_blocking(move || {
        let mut session = spawn_command(command, Some(8000)).unwrap();
        let found = session.exp_regex(r"http://\S+login\?code=\S+").unwrap();
        (session, found.1)
    });
    let (_session, link) = terminal.await.unwrap();
    assert_eq!(follow(&link).await, 303);
}

#[tokio::test]
async fn login_link_names_the_page_and_explains_wrong_options() {
    let file = temp_file(TOKEN).unwrap();
    let path = file.path().to_str().unwrap();
    let link = |url| ["login-link", "--token-file", path, url];
    let made = output(&link("https://gate.example.com/gate")).await;
    let made = text(&made.stdout);
    assert!(
        made.starts_with("https://gate.example.com/gate/login?code="),
        "{made}"
    );
    assert!(made.ends_with('\n') && made.len() < 160, "{made}");

    for url in ["gate.example.com", "ws://gate.example.com/", "http:///"] {
        let wrong = output(&link(url)).await;
        assert_eq!(wrong.status.code(), Some(2), "{url}");
        let error = text(&wrong.stderr);
        assert_contains(&error, "expected the URL of the page");
    }
    let missing = output(&["login-link", "--token-file", "/missing/token"]).await;
    assert_eq!(missing.status.code(), Some(2));
    let error = text(&missing.stderr);
    assert_contains(&error, "--token-file: cannot read /missing/token");
}
