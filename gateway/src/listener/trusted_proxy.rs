//! Trusted proxies: the allow-list of addresses whose forwarded headers and PROXY headers are
//! believed.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net};
use net::peer_addr::ClientHost;
use thiserror::Error;

/// Length of the prefix `::ffff:0:0/96` of IPv4-mapped IPv6 addresses (RFC 4291, section
/// 2.5.5.2), in bits.
const MAPPED_PREFIX_LEN: u8 = 96;

/// A trusted proxy, an entry of the allow-list: an address, a network, or `unix` for all peers on
/// Unix sockets. IPv4-mapped addresses are kept as IPv4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustedProxy(Entry);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry {
    Net(IpNet),
    Unix,
}

/// The text is neither an address nor a network, nor `unix`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "expected an address such as 192.0.2.7, a network such as 10.0.0.0/8, or unix, because names are not resolved: {0}"
)]
pub struct TrustedProxyError(String);

impl FromStr for TrustedProxy {
    type Err = TrustedProxyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        parse(text).map(Self).ok_or_else(|| {
            let fix = fixed(text).map_or_else(String::new, |fixed| format!("; write {fixed}"));
            TrustedProxyError(format!("{text:?} is none of these{fix}"))
        })
    }
}

fn parse(text: &str) -> Option<Entry> {
    if text == "unix" {
        return Some(Entry::Unix);
    }
    let one = text.parse::<IpAddr>().map(IpNet::from).ok();
    let net = one.or_else(|| text.parse().ok())?;
    Some(Entry::Net(canonical(net)))
}

/// Returns the entry within `text`, without quotes, brackets, port and path.
fn fixed(text: &str) -> Option<String> {
    let bare = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`'));
    if bare.starts_with("unix:") {
        return Some("unix".into());
    }
    let without_port = bare.parse::<SocketAddr>().map(|addr| addr.ip().to_string());
    let text = without_port.unwrap_or_else(|_| bare.replace(['[', ']'], ""));
    parse(&text).map(|_| text)
}

/// An IPv6 socket shows IPv4 clients as `::ffff:a.b.c.d`, and so may a log.
fn canonical(net: IpNet) -> IpNet {
    let mapped = |net: IpNet| {
        let IpAddr::V4(addr) = net.addr().to_canonical() else {
            return None;
        };
        let len = net.prefix_len().checked_sub(MAPPED_PREFIX_LEN)?;
        Ipv4Net::new(addr, len).ok().map(IpNet::from)
    };
    match net {
        IpNet::V4(_) => net,
        IpNet::V6(_) => mapped(net).unwrap_or(net),
    }
}

/// Returns true if `host` is one of `proxies`.
pub(crate) fn is_trusted(host: ClientHost, proxies: &[TrustedProxy]) -> bool {
    proxies.iter().any(|proxy| match (proxy.0, host) {
        (Entry::Net(net), ClientHost::Ip(ip)) => net.contains(&ip),
        (Entry::Unix, ClientHost::Unix) => true,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mapped_entries_and_peers_are_compared_as_ipv4() {
        let check = |entry: &str, peer: &str, expected: bool| {
            let proxies = [entry.parse().unwrap()];
            assert_eq!(
                is_trusted(peer.parse::<IpAddr>().unwrap().into(), &proxies),
                expected,
                "{entry} {peer}"
            );
        };
        for entry in [
            "10.0.0.1",
            "::ffff:10.0.0.1",
            " 10.0.0.1 ",
            "::ffff:10.0.0.0/104",
        ] {
            check(entry, "10.0.0.1", true);
            check(entry, "::ffff:10.0.0.1", true);
            check(entry, "11.0.0.1", false);
        }
        check("::/0", "2001:db8::1", true);
        check("unix", "127.0.0.1", false);
    }

    #[test]
    fn unix_peers_are_trusted_by_their_own_entry_alone() {
        let trusts_unix = |entry: &str| is_trusted(ClientHost::Unix, &[entry.parse().unwrap()]);
        assert!(trusts_unix("unix"));
        assert!(!trusts_unix("127.0.0.1") && !trusts_unix("0.0.0.0/0") && !trusts_unix("::/0"));
    }

    #[test]
    fn entry_that_is_no_address_is_refused_with_the_right_one() {
        let error = |text: &str| text.parse::<TrustedProxy>().unwrap_err().to_string();
        for (text, right) in [
            ("\"10.0.0.1\"", "write 10.0.0.1"),
            ("10.0.0.1:80", "write 10.0.0.1"),
            ("[::1]:80", "write ::1"),
            ("[2001:db8::]/32", "write 2001:db8::/32"),
            ("haproxy", "names are not resolved"),
            ("10.0.0.0/33", "none of these"),
            ("unix:/run/http.sock", "write unix"),
        ] {
            assert!(error(text).contains(right), "{text}: {}", error(text));
        }
    }
}
