//! The start-up text: a line for each URL that is served. People click on them, and scripts
//! wait for them and parse them.

use gateway::{Endpoint, Server, Tls};

/// Returns the text for a server whose addresses are bound. A service at several addresses has
/// a line for each.
pub(crate) fn startup_text(server: &Server) -> String {
    let http = || server.http_addrs().iter().copied().map(Endpoint::local);
    let s = if server.tls().is_some() { "s" } else { "" };
    let page = server.page_path();
    let version = env!("FRAMEGATE_VERSION");
    let mut text = format!("framegate {version}\n");
    for http in http() {
        text += &format!("  page    http{s}://{http}/{page}\n");
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
