//! The start-up text: a line for each service, with its name and its URL.
//!
//! ```text
//! framegate 0.1.0
//!   page    http://127.0.0.1:3000/
//!   bridge  ws://127.0.0.1:3000/ws -> echo
//!   echo    tcp://127.0.0.1:9999
//! ```

use std::net::SocketAddr;

/// Returns what follows the service's name, if `line` announces `service`.
pub(crate) fn announcement<'a>(line: &'a str, service: &str) -> Option<&'a str> {
    let (name, rest) = line.trim().split_once(' ')?;
    (name == service).then(|| rest.trim())
}

/// Returns the address in an announcement, which begins with a URL.
pub(crate) fn socket_addr(announcement: &str) -> Option<SocketAddr> {
    let (_scheme, rest) = announcement.split_once("://")?;
    rest.split(['/', '?', ' ']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_announces_the_service_that_it_names() {
        let line = "  bridge  ws://127.0.0.1:3000/ws -> echo";
        let rest = "ws://127.0.0.1:3000/ws -> echo";
        assert_eq!(announcement(line, "bridge"), Some(rest));
        assert_eq!(announcement(line, "echo"), None);
        assert_eq!(announcement("framegate 0.1.0", "page"), None);
        assert_eq!(announcement("", "page"), None);
    }

    #[test]
    fn address_ends_at_path_and_query() {
        let check = |announcement: &str, expected: Option<&str>| {
            let expected = expected.map(|addr| addr.parse().unwrap());
            assert_eq!(socket_addr(announcement), expected);
        };
        check("tcp://127.0.0.1:9999", Some("127.0.0.1:9999"));
        check("tcp://[::1]:9999?framing=lines", Some("[::1]:9999"));
        check("http://127.0.0.1:3000/", Some("127.0.0.1:3000"));
        check("ws://127.0.0.1:3000/ws -> db:7000", Some("127.0.0.1:3000"));
        check("http://localhost/", None);
        check("127.0.0.1:3000", None);
    }
}
