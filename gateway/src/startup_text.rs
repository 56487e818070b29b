//! The start-up text: a line for each URL that is served. People click on them, and scripts
//! wait for them and parse them.

use std::path::Path;

use gateway::{LocalAddr, Server, Tls};

/// Returns the text for a server whose addresses are bound. A service at several addresses has
/// a line for each. Only at a terminal is there a login link: otherwise it would be kept in a log.
pub(crate) fn startup_text(server: &Server, at_terminal: bool) -> String {
    let http = server.http_addrs();
    let s = if server.tls().is_some() { "s" } else { "" };
    let page = match at_terminal {
        true => server.page_path(),
        false => String::new(),
    };
    let version = env!("FRAMEGATE_VERSION");
    let mut text = format!("framegate {version}\n");
    for http in http {
        text += &format!("  page    {}\n", url(&format!("http{s}"), http, &page));
    }
    if let Some(file) = server.token_file().map(quoted) {
        let link = format!("framegate login-link --token-file {file}");
        let first_ip = http.iter().find(|it| matches!(it, LocalAddr::Ip(_)));
        let page = first_ip.map_or("URL".into(), |ip| url(&format!("http{s}"), ip, ""));
        text += &format!("  login   new link: {link} {page}\n");
    }
    for (path, upstream) in server.bridges() {
        for http in http {
            let url = url(&format!("ws{s}"), http, &path);
            text += &format!("  bridge  {url} -> {upstream}\n");
        }
    }
    for url in server.echo_urls() {
        text += &format!("  echo    {url}\n");
    }
    for admin in server.admin_addrs() {
        text += &format!("  admin   {}\n", url("http", admin, "metrics"));
    }
    if let Some(fingerprint) = server.tls().and_then(Tls::fingerprint) {
        text += &format!("  tls     self-signed, SHA-256 {fingerprint}\n");
    }
    text
}

/// Returns a URL; for a Unix socket in nginx's notation, `http://unix:SOCKET:/PATH`.
fn url(scheme: &str, addr: &LocalAddr, path: &str) -> String {
    let colon = match addr {
        LocalAddr::Ip(_) => "",
        LocalAddr::Unix(_) => ":",
    };
    format!("{scheme}://{addr}{colon}/{path}")
}

/// Returns `path` as a word of a shell command.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-".contains(c);
    match path.chars().all(is_plain) {
        true => path,
        false => format!("'{}'", path.replace('\'', r"'\''")),
    }
}
