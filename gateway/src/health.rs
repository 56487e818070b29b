//! `framegate health`: asks a running gateway whether it is ready, for health checks of
//! container images and for scripts.

mod url;

use std::time::Duration;
use std::{env, io};

use axum::body::Body;
use clap::Args;
use humantime::format_duration;
use hyper::client::conn::http1::handshake;
use hyper::header::{CONNECTION, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use net::connect::{connect_tcp, connect_tls, connect_unix};
use net::error_text::io_error_text;
use net::keepalive::KeepAlive;
use net::list;
use net::listen_address::ListenAddress;
use net::lookup::Resolver;
use net::stream::Stream;
use net::tls::settings::{TlsSettings, unverified_connector};
use net::untrusted::Untrusted;
use thiserror::Error;
use tokio::time::timeout;

use crate::health::url::HealthUrl;

/// The time limit of a health check.
const TIMEOUT: Duration = Duration::from_secs(3);

/// The gateway to ask.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Exit status: 0 if the gateway is ready, 1 if it is not, or does not \
    answer within 3 seconds, 2 for an invalid URL."
)]
pub struct HealthArgs {
    /// The gateway: http://HOST:PORT, https://HOST:PORT, HOST:PORT, or unix:PATH [default: the
    /// address in FRAMEGATE_ADMIN, or else in FRAMEGATE_HTTP, or else 127.0.0.1:3000]
    ///
    /// Asks its /readyz, or the path in the URL. An unspecified address, such as 0.0.0.0, stands
    /// for the loopback address. https:// is for loopback addresses, and checks no certificate:
    /// nothing secret is sent.
    #[arg(value_name = "URL")]
    url: Option<HealthUrl>,
}

/// A gateway that is not ready.
#[derive(Debug, Error)]
pub enum HealthError {
    /// A variable has no address that can be asked.
    #[error("{name}: {cause}; or give the URL: framegate health URL")]
    Variable {
        /// The variable's name.
        name: &'static str,
        /// The error.
        cause: String,
    },
    /// Certificates are not checked, so the gateway has to be on this machine.
    #[error("{0}: https:// is for loopback addresses only, as no certificate is checked")]
    RemoteTls(HealthUrl),
    /// The gateway cannot be reached.
    #[error("cannot ask {url}: {}", io_error_text(.source))]
    Connect {
        /// The URL.
        url: HealthUrl,
        /// The error of the look-up, the connection or TLS.
        source: io::Error,
    },
    /// It did not answer in HTTP.
    #[error("{url}: no HTTP response: {source}")]
    Http {
        /// The URL.
        url: HealthUrl,
        /// The error.
        source: hyper::Error,
    },
    /// It did not answer in time.
    #[error("{url}: no answer within {limit}", url = .0, limit = format_duration(TIMEOUT))]
    TimedOut(HealthUrl),
    /// It answered, and is not ready.
    #[error("{url}: not ready: {status}{}", body_suffix(.body))]
    NotReady {
        /// The URL.
        url: HealthUrl,
        /// The HTTP status.
        status: StatusCode,
        /// The first bytes of the body.
        body: Vec<u8>,
    },
}

impl HealthError {
    /// The exit status of the process.
    pub fn status(&self) -> u8 {
        match self {
            Self::Variable { .. } | Self::RemoteTls(_) => 2,
            _ => 1,
        }
    }
}

impl HealthArgs {
    /// Asks the gateway, and returns a sentence that says that it is ready.
    ///
    /// # Errors
    /// [`HealthError`] if it is not.
    pub async fn check(self) -> Result<String, HealthError> {
        let url = match self.url {
            Some(url) => url,
            None => url_from(|name| env::var(name).ok())?,
        };
        match timeout(TIMEOUT, ask(&url)).await {
            Ok(Ok(())) => Ok(format!("{url}: ready\n")),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(HealthError::TimedOut(url)),
        }
    }
}

/// Returns the URL of a gateway with these variables.
fn url_from(variable: impl Fn(&str) -> Option<String>) -> Result<HealthUrl, HealthError> {
    let set = |name| variable(name).filter(|value| list::items(value).next().is_some());
    let has_tls = set("FRAMEGATE_TLS_CERT").is_some()
        || set("FRAMEGATE_TLS_SELF_SIGNED").is_some_and(|value| value.trim() == "true");
    let given = [("FRAMEGATE_ADMIN", false), ("FRAMEGATE_HTTP", has_tls)];
    let given = given
        .into_iter()
        .find_map(|(name, tls)| Some((name, set(name)?, tls)));
    let (name, addresses, tls) =
        given.unwrap_or_else(|| ("FRAMEGATE_HTTP", "127.0.0.1:3000".into(), has_tls));
    let address = list::items(&addresses).next();
    let scheme = if tls { "https" } else { "http" };
    let url = format!("{scheme}://{}", address.unwrap_or_default());
    url.parse()
        .map_err(|cause: String| HealthError::Variable { name, cause })
}

async fn ask(url: &HealthUrl) -> Result<(), HealthError> {
    const MAX_BODY: usize = 1024;
    let http_failed = |source| HealthError::Http {
        url: url.clone(),
        source,
    };
    let stream = TokioIo::new(connect(url).await?);
    let (mut sender, connection) = handshake(stream).await.map_err(http_failed)?;
    let host = match url.address() {
        ListenAddress::Tcp(endpoint) => endpoint.to_string(),
        ListenAddress::Unix { .. } => "localhost".into(),
    };
    let request = Request::get(url.path())
        .header(HOST, host)
        .header(CONNECTION, "close")
        .body(Body::empty())
        .expect("a parsed URL makes a valid request");
    let asking = async {
        let response = sender.send_request(request).await?;
        let status = response.status();
        // The status is the answer, whatever becomes of the body.
        let body = axum::body::to_bytes(Body::new(response.into_body()), MAX_BODY).await;
        Ok((status, body.unwrap_or_default().to_vec()))
    };
    let mut asking = std::pin::pin!(asking);
    let answer = tokio::select! {
        answer = &mut asking => answer,
        // What has arrived before the connection ended is still to be read.
        _ = connection => asking.await,
    };
    match answer.map_err(http_failed)? {
        (StatusCode::OK, _) => Ok(()),
        (status, body) => Err(HealthError::NotReady {
            url: url.clone(),
            status,
            body,
        }),
    }
}

async fn connect(url: &HealthUrl) -> Result<Stream, HealthError> {
    let failed = |source| HealthError::Connect {
        url: url.clone(),
        source,
    };
    let endpoint = match url.address() {
        ListenAddress::Tcp(endpoint) => endpoint,
        ListenAddress::Unix { path, .. } => return connect_unix(path).await.map_err(failed),
    };
    let resolver = Resolver::new(endpoint.clone());
    let addrs = resolver.addresses().await.map_err(failed)?;
    if url.is_tls()
        && !addrs
            .iter()
            .all(|addr| addr.ip().to_canonical().is_loopback())
    {
        return Err(HealthError::RemoteTls(url.clone()));
    }
    let stream = connect_tcp(&addrs, Some(TIMEOUT), KeepAlive::default())
        .await
        .map_err(failed)?;
    if !url.is_tls() {
        return Ok(Stream::Tcp(stream));
    }
    let name = TlsSettings::default().server_name(&endpoint.host);
    let name = name.map_err(io::Error::other).map_err(failed)?;
    let connected = connect_tls(&unverified_connector(), &name, stream).await;
    connected.map_err(failed)
}

fn body_suffix(body: &[u8]) -> String {
    match Untrusted::new(body.trim_ascii()) {
        body if body.is_empty() => String::new(),
        body => format!(": {body}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_comes_from_the_variables_of_the_gateway() {
        let check = |variables: &[(&str, &str)], expected: &str| {
            let variable = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            let url = url_from(variable);
            let text = url.map_or_else(|error| error.to_string(), |url| url.to_string());
            assert_eq!(text, expected);
        };
        let (admin, http) = ("FRAMEGATE_ADMIN", "FRAMEGATE_HTTP");
        check(&[], "http://127.0.0.1:3000/readyz");
        check(&[(http, "0.0.0.0:8080")], "http://127.0.0.1:8080/readyz");
        check(&[(http, "[::]:8080, gate:1")], "http://[::1]:8080/readyz");
        check(
            &[(http, "\"0.0.0.0:8080, gate:1\"")],
            "http://127.0.0.1:8080/readyz",
        );
        let both = [(http, "0.0.0.0:8080"), (admin, "127.0.0.1:9000")];
        check(&both, "http://127.0.0.1:9000/readyz");
        check(&[(admin, ""), (http, "gate:80")], "http://gate:80/readyz");
        let unix = [(http, "unix:/run/http.sock?mode=600,[::]:1")];
        check(&unix, "http://unix:/run/http.sock:/readyz");
        let tls = ("FRAMEGATE_TLS_CERT", "/cert.pem");
        check(&[tls], "https://127.0.0.1:3000/readyz");
        check(&[tls, (admin, "[::1]:1")], "http://[::1]:1/readyz");
        check(
            &[("FRAMEGATE_TLS_SELF_SIGNED", "false")],
            "http://127.0.0.1:3000/readyz",
        );
        check(
            &[(http, "127.0.0.1:0")],
            "FRAMEGATE_HTTP: port 0 is not the one that the gateway has chosen; \
             or give the URL: framegate health URL",
        );
    }
}
