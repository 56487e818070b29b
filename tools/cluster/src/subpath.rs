//! Scenario `subpath`: nginx with TLS in front of a gateway with a token, under a sub-path.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use http_body_util::Full;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use hyper::{Request, StatusCode};
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::Failure;
use crate::gateway::{Addrs, Gateway};
use crate::http::{self, Response};
use crate::nginx::{NAME, Nginx};
use crate::report::Report;

const TOKEN: &str = "a-token-for-this-run-alone";

/// Longer than nginx's read timeout: only keep-alive pings can keep the session open.
const SILENCE: Duration = Duration::from_secs(70);

/// Header names and values.
type Headers<'a> = &'a [(&'a str, &'a str)];

type Socket = WebSocketStream<TlsStream<TcpStream>>;

pub(crate) async fn run(program: &Path, report: &mut Report) -> Result<(), Failure> {
    let token_file = testkit::temp_file(TOKEN)?;
    let args = [
        "--trusted-proxy=127.0.0.0/8".into(),
        format!("--allow-host={NAME}"),
        format!("--token-file={}", token_file.path().display()),
    ];
    let gateway = Gateway::start(program, Addrs::free([127, 0, 1, 1]), &args).await?;
    let nginx = Nginx::prepare("framegate.conf", &[gateway.addrs.http]).await?;
    let _server = nginx.start().await?;

    let page = get(&nginx, "/gate/", None).await?;
    let to_login = page.headers.get(LOCATION).is_some_and(|to| to == "login");
    report.check("without a token, the page redirects to the login", to_login);
    let cookie = log_in(&nginx, report).await?;
    check_page(&nginx, &cookie, report).await?;
    check_access(&nginx, &cookie, report).await?;

    let mut socket = open(&nginx, &[(COOKIE.as_str(), cookie.as_str())]).await?;
    report.check("a message is answered", echoes(&mut socket).await?);
    report.check(
        format_args!("a message is answered after {SILENCE:?} of silence"),
        stays_open(&mut socket).await? && echoes(&mut socket).await?,
    );
    drop(socket);
    gateway.stop().await?;
    Ok(())
}

/// Submits the login form with the token; returns the cookie.
async fn log_in(nginx: &Nginx, report: &mut Report) -> Result<String, Failure> {
    let request = Request::post("/gate/login")
        .header(HOST, host(nginx))
        .header(ORIGIN, origin(nginx))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::from(format!("token={TOKEN}")))?;
    let response = http::send(nginx.connect().await?, request).await?;
    let cookie = response
        .headers
        .get(SET_COOKIE)
        .ok_or("no cookie")?
        .to_str()?;
    report.check(
        "the cookie is limited to the sub-path and to TLS",
        cookie.starts_with("__Secure-") && !cookie.contains("Path="),
    );
    let pair = cookie.split(';').next().unwrap_or_default();
    Ok(pair.into())
}

/// Gets the page, and all files that it refers to.
async fn check_page(nginx: &Nginx, cookie: &str, report: &mut Report) -> Result<(), Failure> {
    let page = get(nginx, "/gate/", Some(cookie)).await?;
    report.check_equal("the page's status", page.status, StatusCode::OK);
    let named = page
        .body
        .split(['"', '\''])
        .filter_map(|part| part.strip_prefix("./"));
    let named: BTreeSet<_> = named.collect();
    let mut missing = Vec::new();
    for path in named.iter().copied().chain(["api/info"]) {
        let response = get(nginx, &format!("/gate/{path}"), Some(cookie)).await?;
        if response.status != StatusCode::OK {
            missing.push(path);
        }
    }
    report.check(
        format_args!(
            "the {} files that it refers to; missing: {missing:?}",
            named.len()
        ),
        missing.is_empty() && named.len() >= 4,
    );
    Ok(())
}

/// Checks access control: token, cookie and Origin of WebSocket handshakes.
async fn check_access(nginx: &Nginx, cookie: &str, report: &mut Report) -> Result<(), Failure> {
    let (own, foreign) = (origin(nginx), "https://evil.example".to_string());
    let bearer = format!("Bearer {TOKEN}");
    let cookie = ("cookie", cookie);
    let attempts: [(&str, Headers<'_>, u16); 5] = [
        ("without a token", &[], 401),
        (
            "with a wrong token",
            &[(AUTHORIZATION.as_str(), "Bearer no")],
            401,
        ),
        ("with the token", &[(AUTHORIZATION.as_str(), &bearer)], 101),
        (
            "with the cookie, from the page's origin",
            &[cookie, ("origin", &own)],
            101,
        ),
        (
            "with the cookie, from a foreign origin",
            &[cookie, ("origin", &foreign)],
            403,
        ),
    ];
    for (name, headers, expected) in attempts {
        let status = match open(nginx, headers).await {
            Ok(_) => 101,
            Err(Error::Http(response)) => response.status().as_u16(),
            Err(error) => return Err(error.into()),
        };
        report.check_equal(&format!("a WebSocket {name}"), status, expected);
    }
    Ok(())
}

async fn get(nginx: &Nginx, path: &str, cookie: Option<&str>) -> Result<Response, Failure> {
    let request = Request::get(path)
        .header(HOST, host(nginx))
        .header(COOKIE, cookie.unwrap_or_default());
    http::send(nginx.connect().await?, request.body(Full::default())?).await
}

async fn open(nginx: &Nginx, headers: Headers<'_>) -> Result<Socket, Error> {
    let url = format!("wss://{}/gate/ws", host(nginx));
    let mut request = url.into_client_request()?;
    for &(name, value) in headers {
        let name: hyper::header::HeaderName = name.parse().map_err(hyper::http::Error::from)?;
        let value = value.parse().map_err(hyper::http::Error::from)?;
        request.headers_mut().insert(name, value);
    }
    let stream = nginx.connect().await.map_err(std::io::Error::other)?;
    let (socket, _) = tokio_tungstenite::client_async(request, stream).await?;
    Ok(socket)
}

/// Returns true if a message is answered.
async fn echoes(socket: &mut Socket) -> Result<bool, Failure> {
    socket.send(Message::text("hello")).await?;
    while let Some(message) = socket.next().await {
        let message = message?;
        if message.is_text() {
            return Ok(message.to_text()? == "echo : hello");
        }
    }
    Ok(false)
}

/// Returns true if nothing but pings comes for [`SILENCE`]. Reading answers them.
async fn stays_open(socket: &mut Socket) -> Result<bool, Failure> {
    let silence = sleep(SILENCE);
    tokio::pin!(silence);
    loop {
        tokio::select! {
            () = &mut silence => return Ok(true),
            message = socket.next() => match message {
                Some(Ok(Message::Ping(_))) => {}
                _ => return Ok(false),
            },
        }
    }
}

fn host(nginx: &Nginx) -> String {
    format!("{NAME}:{}", nginx.addr().port())
}

fn origin(nginx: &Nginx) -> String {
    format!("https://{}", host(nginx))
}
