//! The start-up text: a line for each URL that is served. People click on them, and scripts
//! wait for them and parse them.

use std::path::Path;

use gateway::{Endpoint, Server, Tls};

/// Returns the text for a server whose addresses are bound. Only at a terminal does it have a
/// login link: otherwise the link would be kept in a log.
pub(crate) fn startup_text(server: &Server, at_terminal: bool) -> String {
    let http = Endpoint::local(server.http_addr());
    let s = if server.tls().is_some() { "s" } else { "" };
    let page = format!("http{s}://{http}/");
    let link = if at_terminal {
        server.page_path()
    } else {
        String::new()
    };
    let version = env!("FRAMEGATE_VERSION");
    let mut text = format!("framegate {version}\n  page    {page}{link}\n");
    if let Some(file) = server.token_file() {
        let file = quoted(file);
        text += &format!("  login   new link: framegate login-link --token-file {file} {page}\n");
    }
    for (path, upstream) in server.bridges() {
        text += &format!("  bridge  ws{s}://{http}/{path} -> {upstream}\n");
    }
    if let Some(url) = server.echo_url() {
        text += &format!("  echo    {url}\n");
    }
    if let Some(admin) = server.admin_addr().map(Endpoint::local) {
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
