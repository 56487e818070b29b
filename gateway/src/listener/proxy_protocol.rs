//! The PROXY protocol, versions 1 and 2: who a connection is really from when a proxy passes
//! it on, told by a header before all else.
//!
//! <https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt>. Whom a header may be taken
//! from is for the operator to say; the addresses in it are then the connection's.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use humantime::format_duration;
use net::error_text::io_error_text;
use net::timer::timeout;
use proxy_header::{ParseConfig, ProxiedAddress, ProxyHeader};
use thiserror::Error;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tracing::{debug, warn};

use crate::listener::admission::{Admission, Full, Permit};
use crate::listener::peer::{AddrPair, Peer, Proxied};
use crate::listener::trusted_proxy::{TrustedProxy, is_trusted};
use crate::metrics::{Limit, Metrics};

/// How the header of either version begins.
const V1: &[u8] = b"PROXY ";
const V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// The longest header of version 1, its CRLF included, in bytes.
const V1_MAX: usize = 107;

/// What stands before the length of version 2, and that length itself, in bytes.
const V2_FIXED: usize = 16;

/// How much is looked at in one go: no usual header is longer.
const LOOK: usize = 1024;

/// Why a connection is not served.
#[derive(Debug, Error)]
pub(crate) enum ProxyError {
    #[error("it begins with a PROXY header, and no --trusted-proxy is at this address")]
    Untrusted,
    #[error("it does not begin with a PROXY header, which is asked of each --trusted-proxy")]
    Missing,
    #[error("its PROXY header has not come within {}", format_duration(*.0))]
    Late(Duration),
    #[error("its PROXY header has no end within {V1_MAX} bytes")]
    Endless,
    #[error("its PROXY header is malformed: {0}")]
    Malformed(&'static str),
    #[error("it ended inside the PROXY header")]
    Truncated,
    /// Without a byte: most likely somebody who only looks whether the port is open.
    #[error("it ended before the PROXY header")]
    Empty,
    #[error("it was lost before the end of the PROXY header: {}", io_error_text(.0))]
    Lost(#[from] io::Error),
}

/// Whose headers are asked for and believed.
#[derive(Debug, Clone)]
pub(crate) struct ProxyPolicy {
    trusted: Arc<[TrustedProxy]>,
    /// How long a header may take.
    limit: Duration,
}

impl ProxyError {
    /// Logs it, and counts it unless nobody was there to speak of.
    pub(crate) fn log(self, peer: SocketAddr, metrics: &Metrics) {
        if let Self::Empty = self {
            return debug!(%peer, "refused a connection: {self}");
        }
        metrics.refused(Limit::ProxyHeader);
        warn!(%peer, "refused a connection: {self}");
    }
}

impl ProxyPolicy {
    /// A policy that asks `trusted` proxies for a header within `limit`.
    pub(crate) fn new(trusted: &[TrustedProxy], limit: Duration) -> Self {
        let trusted = trusted.into();
        Self { trusted, limit }
    }

    /// Whether `ip` has to begin its connections with a header. Others must not.
    fn trust(&self, ip: IpAddr) -> bool {
        is_trusted(ip, &self.trusted)
    }

    /// Counts a connection from `ip`, for whomever a header is going to name if it is one of
    /// these.
    ///
    /// # Errors
    /// [`Full`] names the limit that it would exceed.
    pub(crate) fn admit(
        proxies: Option<&Self>,
        ip: IpAddr,
        admission: &Admission,
    ) -> Result<Permit, Full> {
        match proxies {
            Some(proxies) if proxies.trust(ip) => admission.admit_proxy(),
            _ => admission.admit(ip),
        }
    }

    /// Takes the header off `stream`, to the byte, if `peer` has to begin with one.
    ///
    /// # Errors
    /// [`ProxyError`], after which there is nothing to be said to the peer.
    pub(crate) async fn identify(
        &self,
        stream: &mut TcpStream,
        peer: SocketAddr,
    ) -> Result<Peer, ProxyError> {
        if !self.trust(peer.ip()) {
            self.refuse_header(stream).await?;
            return Ok(Peer::direct(peer));
        }
        let header = timeout(self.limit, take_header(stream)).await;
        let header = header.unwrap_or(Err(ProxyError::Late(self.limit)))?;
        let proxied = parse(&header)?;
        Ok(Peer {
            addr: peer,
            proxied,
        })
    }

    /// One that comes in pieces passes for data. Nobody believes it, so this needs no more
    /// than to tell of a proxy that was forgotten.
    async fn refuse_header(&self, stream: &TcpStream) -> Result<(), ProxyError> {
        let mut start = [0; V2.len()];
        // Whoever says nothing is for others to deal with.
        let Ok(seen) = timeout(self.limit, stream.peek(&mut start)).await else {
            return Ok(());
        };
        let start = &start[..seen?];
        match start.starts_with(V1) || start.starts_with(V2) {
            true => Err(ProxyError::Untrusted),
            false => Ok(()),
        }
    }
}

/// The header that `stream` begins with; what comes after it stays there.
async fn take_header(stream: &mut TcpStream) -> Result<Vec<u8>, ProxyError> {
    let mut header = Vec::new();
    loop {
        let had = header.len();
        header.resize(had + LOOK, 0);
        let seen = stream.peek(&mut header[had..]).await?;
        header.truncate(had + seen);
        match seen {
            0 if had == 0 => return Err(ProxyError::Empty),
            0 => return Err(ProxyError::Truncated),
            _ => {}
        }
        let whole = header_len(&header)?;
        header.truncate(whole.unwrap_or(usize::MAX));
        stream.read_exact(&mut header[had..]).await?;
        if whole == Some(header.len()) {
            return Ok(header);
        }
    }
}

/// How long the header is that `bytes` begin with; `None` while that is not known.
fn header_len(bytes: &[u8]) -> Result<Option<usize>, ProxyError> {
    let begins = |magic: &[u8]| {
        let common = bytes.len().min(magic.len());
        bytes[..common] == magic[..common]
    };
    if begins(V2) {
        let len = bytes.first_chunk::<V2_FIXED>();
        return Ok(
            len.map(|fixed| V2_FIXED + usize::from(u16::from_be_bytes([fixed[14], fixed[15]])))
        );
    }
    if !begins(V1) {
        return Err(ProxyError::Missing);
    }
    let line = &bytes[..bytes.len().min(V1_MAX)];
    match line.iter().position(|&byte| byte == b'\n') {
        Some(end) => Ok(Some(end + 1)),
        None if line.len() == V1_MAX => Err(ProxyError::Endless),
        None => Ok(None),
    }
}

/// Whom a whole header speaks for; `None` if for the proxy itself, or if it doesn't know.
fn parse(header: &[u8]) -> Result<Option<Proxied>, ProxyError> {
    // LOCAL: what follows is to be ignored, and need not make sense.
    if header.starts_with(V2) && header[V2.len()] == 0x20 {
        return Ok(None);
    }
    let (parsed, len) = ProxyHeader::parse(header, ParseConfig::default()).map_err(|error| {
        ProxyError::Malformed(match error {
            proxy_header::Error::BufferTooShort => "it is too short for its addresses",
            _ => "it is of neither version, or its addresses are none",
        })
    })?;
    if len != header.len() {
        return Err(ProxyError::Malformed("there is more in it than addresses"));
    }
    let address = parsed.proxied_address();
    Ok(address.map(|address| Proxied {
        addrs: AddrPair {
            source: address.source,
            destination: address.destination,
        },
        tls: parsed.ssl().is_some_and(|ssl| ssl.client_ssl()),
    }))
}

/// The header of version 2 that tells a service of the `client`'s connection, or that there
/// is none to tell of.
pub(crate) fn header(client: Option<AddrPair>) -> Vec<u8> {
    let header = match client.map(AddrPair::of_one_family) {
        Some((source, destination)) => {
            ProxyHeader::with_address(ProxiedAddress::stream(source, destination))
        }
        None => ProxyHeader::with_local(),
    };
    let mut bytes = Vec::new();
    header
        .encode_v2(&mut bytes)
        .expect("addresses of one family have a header");
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn v2(command_family: [u8; 2], body: &[u8]) -> Vec<u8> {
        let len = u16::try_from(body.len()).unwrap().to_be_bytes();
        [V2, &command_family, &len, body].concat()
    }

    fn proxied(source: &str, destination: &str) -> Option<Proxied> {
        let tls = false;
        let (source, destination) = (source.parse().unwrap(), destination.parse().unwrap());
        let addrs = AddrPair {
            source,
            destination,
        };
        Some(Proxied { addrs, tls })
    }

    const BODY_V4: [u8; 12] = [192, 0, 2, 7, 198, 51, 100, 1, 0x12, 0x34, 0x01, 0xbb];

    #[test]
    fn both_versions_say_whom_they_speak_for() {
        let check = |header: &[u8], expected: Option<Proxied>| {
            for end in 0..header.len() {
                assert!(!matches!(header_len(&header[..end]), Ok(Some(len)) if len <= end));
            }
            assert_eq!(header_len(header).unwrap(), Some(header.len()));
            let more = [header, b"more\n"].concat();
            assert_eq!(header_len(&more).unwrap(), Some(header.len()));
            assert_eq!(parse(header).unwrap(), expected);
        };
        let v4 = proxied("192.0.2.7:4660", "198.51.100.1:443");
        check(b"PROXY TCP4 192.0.2.7 198.51.100.1 4660 443\r\n", v4);
        check(&v2([0x21, 0x11], &BODY_V4), v4);
        let v6 = proxied("[2001:db8::7]:1", "[::1]:65535");
        check(b"PROXY TCP6 2001:db8::7 ::1 1 65535\r\n", v6);
        check(&super::header(v6.map(|it| it.addrs)), v6);
        check(&super::header(None), None);
        check(b"PROXY UNKNOWN\r\n", None);
        check(b"PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n", None);
        // LOCAL, whatever else it says; a Unix socket; no family.
        check(&v2([0x20, 0x00], &[]), None);
        check(&v2([0x20, 0x11], &[]), None);
        check(&v2([0x21, 0x31], &[b'/'; 216]), None);
        check(&v2([0x21, 0x00], &[]), None);
    }

    #[test]
    fn what_follows_the_addresses_is_read_past_and_tells_of_tls() {
        let unknown = [&BODY_V4[..], &[0xe0, 0, 2, b'h', b'i']].concat();
        let parsed = parse(&v2([0x21, 0x11], &unknown)).unwrap().unwrap();
        assert!(!parsed.tls);
        let ssl = [&BODY_V4[..], &[0x20, 0, 5, 0x01, 0, 0, 0, 0]].concat();
        let parsed = parse(&v2([0x21, 0x11], &ssl)).unwrap().unwrap();
        assert!(parsed.tls);
    }

    #[test]
    fn what_is_no_header_is_refused() {
        let check = |bytes: &[u8], expected: &str| {
            let parsed = header_len(bytes).and_then(|_| parse(bytes));
            let error = parsed.unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        check(b"GET / HTTP/1.1\r\n", "does not begin with a PROXY header");
        check(b"\x05\0\0\0hello", "does not begin with a PROXY header");
        check(b"\r\n\r\nGET", "does not begin with a PROXY header");
        check(b"PROXYXTCP4 ", "does not begin with a PROXY header");
        let endless = [V1, &[b'x'; V1_MAX]].concat();
        check(&endless, "no end within 107 bytes");
        check(b"PROXY TCP4 nonsense 198.51.100.1 1 2\r\n", "malformed");
        check(b"PROXY TCP4 ::1 ::1 1 2\r\n", "malformed");
        check(
            b"PROXY TCP4 192.0.2.7 198.51.100.1 1 65536\r\n",
            "malformed",
        );
        check(b"PROXY TCP4 192.0.2.7 198.51.100.1 1\r\n", "malformed");
        check(b"PROXY TCP4 192.0.2.7 198.51.100.1 1 2 3\r\n", "malformed");
        check(&v2([0x31, 0x11], &BODY_V4), "malformed");
        check(&v2([0x22, 0x11], &BODY_V4), "malformed");
        check(&v2([0x21, 0x41], &BODY_V4), "malformed");
        check(&v2([0x21, 0x11], &BODY_V4[1..]), "malformed");
        check(&v2([0x21, 0x31], &[0; 215]), "malformed");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5000))]

        #[test]
        fn any_bytes_are_a_header_or_refused(
            start in prop::sample::select(&[V1, b"PROXY TCP4 ", b"PROXY TCP6 ::", V2, b""][..]),
            rest in prop::collection::vec(prop_oneof![0..64_u8, any::<u8>()], 0..120),
        ) {
            let bytes = [start, &rest].concat();
            if let Ok(Some(len)) = header_len(&bytes)
                && let Some(header) = bytes.get(..len)
            {
                let _ = parse(header);
            }
        }
    }

    #[test]
    fn what_a_service_is_told_is_of_one_family() {
        let check = |source: &str, destination: &str, expected: Option<Proxied>| {
            let ends = proxied(source, destination).unwrap().addrs;
            assert_eq!(parse(&header(Some(ends))).unwrap(), expected);
        };
        let v4 = ("192.0.2.7:1", "192.0.2.1:2");
        check(v4.0, v4.1, proxied(v4.0, v4.1));
        check(
            "[::ffff:192.0.2.7]:1",
            "[::ffff:192.0.2.1]:2",
            proxied(v4.0, v4.1),
        );
        check(v4.0, "[::1]:2", proxied("[::ffff:192.0.2.7]:1", "[::1]:2"));
        check("[::1]:2", v4.0, proxied("[::1]:2", "[::ffff:192.0.2.7]:1"));
    }
}
