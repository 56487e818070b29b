//! Trusted proxies: an allow-list of addresses whose word about a client is believed.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use thiserror::Error;

/// Addresses whose `X-Forwarded-*` headers are believed: one, or a network of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustedProxy(IpNet);

/// A text is neither an address nor a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("expected an address such as 192.0.2.7 or a network such as 10.0.0.0/8")]
pub struct TrustedProxyError;

impl FromStr for TrustedProxy {
    type Err = TrustedProxyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let one = text.parse::<IpAddr>().map(IpNet::from);
        let net = one
            .or_else(|_| text.parse())
            .map_err(|_| TrustedProxyError)?;
        Ok(Self(net))
    }
}

/// Whether one of `proxies` is at `ip`.
pub(crate) fn is_trusted(ip: IpAddr, proxies: &[TrustedProxy]) -> bool {
    // IPv4 clients of an IPv6 socket are the same clients.
    let ip = ip.to_canonical();
    proxies.iter().any(|proxy| proxy.0.contains(&ip))
}
