//! The start-up text: a line for each URL that is served. People click on them, and scripts
//! wait for them and parse them.

use std::path::Path;

use gateway::{LocalAddr, Server, Tls};
use net::untrusted::Untrusted;

/// The longest line, in characters.
const MAX_LINE: usize = 4096;

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
    let mut lines = Vec::new();
    for http in http {
        lines.push(format!("page    {}", url(&format!("http{s}"), http, &page)));
    }
    if let Some(file) = server.token_file().map(quoted) {
        let link = format!("framegate login-link --token-file {file}");
        let first_ip = http.iter().find(|it| matches!(it, LocalAddr::Ip(_)));
        let page = first_ip.map_or("URL".into(), |ip| url(&format!("http{s}"), ip, ""));
        lines.push(format!("login   new link: {link} {page}"));
    }
    for (path, upstream) in server.bridges() {
        for http in http {
            let url = url(&format!("ws{s}"), http, &path);
            lines.push(format!("bridge  {url} -> {upstream}"));
        }
    }
    for url in server.echo_urls() {
        lines.push(format!("echo    {url}"));
    }
    for admin in server.admin_addrs() {
        lines.push(format!("admin   {}", url("http", admin, "metrics")));
    }
    if let Some(fingerprint) = server.tls().and_then(Tls::fingerprint) {
        lines.push(format!("tls     self-signed, SHA-256 {fingerprint}"));
    }
    // Paths may have characters that control a terminal.
    let lines = lines.into_iter();
    let lines = lines.map(|line| format!("  {}\n", Untrusted::from(line).up_to(MAX_LINE)));
    format!("framegate {version}\n") + &lines.collect::<String>()
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
