//! The start-up text: a line for each URL that is served. People click on them, and scripts
//! wait for them and parse them.

use gateway::{Endpoint, Server, Tls};

/// Returns the text for a server whose addresses are bound.
pub(crate) fn startup_text(server: &Server) -> String {
    let http = Endpoint::local(server.http_addr());
    let s = if server.tls().is_some() { "s" } else { "" };
    let page = server.page_path();
    let version = env!("FRAMEGATE_VERSION");
    let mut text = format!("framegate {version}\n  page    http{s}://{http}/{page}\n");
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
