//! The start-up text: a line for each URL that is served. People click on them, and scripts
//! wait for them and parse them.

use std::path::Path;

use gateway::{Endpoint, Server, Tls};

/// Returns the text for a server whose addresses are bound. A service at several addresses has
/// a line for each. Only at a terminal is there a login link: otherwise it would be kept in a log.
pub(crate) fn startup_text(server: &Server, at_terminal: bool) -> String {
    let http = || server.http_addrs().iter().copied().map(Endpoint::local);
    let s = if server.tls().is_some() { "s" } else { "" };
    let page = match at_terminal {
        true => server.page_path(),
        false => String::new(),
    };
    let version = env!("FRAMEGATE_VERSION");
    let mut text = format!("framegate {version}\n");
    for http in http() {
        text += &format!("  page    http{s}://{http}/{page}\n");
    }
    if let Some(file) = server.token_file().map(quoted) {
        let link = format!("framegate login-link --token-file {file}");
        for http in http().take(1) {
            text += &format!("  login   new link: {link} http{s}://{http}/\n");
        }
    }
    for (path, upstream) in server.bridges() {
        for http in http() {
            text += &format!("  bridge  ws{s}://{http}/{path} -> {upstream}\n");
        }
    }
    for url in server.echo_urls() {
        text += &format!("  echo    {url}\n");
    }
    for admin in server.admin_addrs().iter().copied().map(Endpoint::local) {
        text += &format!("  admin   http://{admin}/metrics\n");
    }
    if let Some(fingerprint) = server.tls().and_then(Tls::fingerprint) {
        text += &format!("  tls     self-signed, SHA-256 {fingerprint}\n");
    }
    text
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
