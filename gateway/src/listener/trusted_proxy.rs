//! Trusted proxies: the allow-list of addresses whose forwarded headers and PROXY headers are
//! believed.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use thiserror::Error;

/// An entry of the allow-list: an address, or a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustedProxy(IpNet);

/// The text is neither an address nor a network.
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

/// Returns true if `ip` belongs to one of `proxies`.
pub(crate) fn is_trusted(ip: IpAddr, proxies: &[TrustedProxy]) -> bool {
    // An IPv6 socket shows IPv4 clients as ::ffff:a.b.c.d.
    let ip = ip.to_canonical();
    proxies.iter().any(|proxy| proxy.0.contains(&ip))
}
