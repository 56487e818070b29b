//! The PROXY protocol, versions 1 and 2: a trusted proxy begins each connection with a header
//! that names the client.
//!
//! <https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt>. Headers are read from trusted
//! proxies alone; from other peers, a header is refused.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use humantime::format_duration;
use net::error_text::io_error_text;
use net::peer_addr::{ClientHost, PeerAddr};
use net::stream::Stream;
use net::timer;
use proxy_header::{ParseConfig, ProxiedAddress, ProxyHeader};
use thiserror::Error;
use tokio::io::AsyncReadExt;
use tracing::debug;

use crate::listener::peer::{AddrPair, Peer, ProxiedConnection, canonical};
use crate::listener::trusted_proxy::{TrustedProxy, is_trusted};
use crate::metrics::RefusalReason;
use crate::refusal::{RefusalLog, Refused, RefusedRequest};

/// The first bytes of a header of version 1.
const V1_SIGNATURE: &[u8] = b"PROXY ";

/// The first bytes of a header of version 2.
const V2_SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// The longest header of version 1 with its CRLF, in bytes.
const V1_MAX_LEN: usize = 107;

/// The length of the fixed part of version 2, which ends with the length of the rest, in
/// bytes.
const V2_FIXED_LEN: usize = 16;

/// The most bytes that one `peek` returns; headers are shorter in practice.
const PEEK_LEN: usize = 1024;

/// The reason why a connection is refused.
#[derive(Debug, Error)]
pub(crate) enum ProxyError {
    #[error("it begins with a PROXY header, but its address is not a --trusted-proxy")]
    Untrusted,
    #[error("it does not begin with a PROXY header, which each --trusted-proxy must send")]
    Missing,
    #[error("its PROXY header did not arrive within {}", format_duration(*.0))]
    TimedOut(Duration),
    #[error("its PROXY header does not end within {V1_MAX_LEN} bytes")]
    TooLong,
    #[error("its PROXY header is malformed: {0}")]
    Malformed(&'static str),
    #[error("it ended inside the PROXY header")]
    Truncated,
    /// The connection ended without a byte, as a port scan or a health check does.
    #[error("it ended before the PROXY header")]
    Empty,
    #[error("it was lost before the end of the PROXY header: {}", io_error_text(.0))]
    Io(#[from] io::Error),
}

/// The proxies that have to send a PROXY header.
#[derive(Debug, Clone)]
pub(crate) struct ProxyPolicy {
    trusted: Arc<[TrustedProxy]>,
    /// The most time that a header may take.
    timeout: Duration,
}

impl ProxyError {
    /// Logs and counts the error; of an empty connection, at the debug level alone.
    pub(crate) fn report(self, peer: PeerAddr, refusals: &RefusalLog) {
        if let Self::Empty = self {
            return debug!(%peer, "refused a connection: {self}");
        }
        let refused = Refused::new(RefusalReason::ProxyHeader, &self);
        refusals.refused(&refused, &RefusedRequest::of_connection(peer));
    }
}

impl ProxyPolicy {
    pub(crate) fn new(trusted: &[TrustedProxy], timeout: Duration) -> Self {
        let trusted = trusted.into();
        Self { trusted, timeout }
    }

    /// Returns true if `host` has to begin its connections with a header; others must not.
    pub(crate) fn expects_header(&self, host: ClientHost) -> bool {
        is_trusted(host, &self.trusted)
    }

    /// Identifies the client: if `peer` is a trusted proxy, reads the header off `stream`, and
    /// not a byte more.
    ///
    /// # Errors
    /// [`ProxyError`]; the connection is then closed without an answer.
    pub(crate) async fn identify(
        &self,
        stream: &mut Stream,
        peer: PeerAddr,
    ) -> Result<Peer, ProxyError> {
        if !self.expects_header(peer.host()) {
            self.refuse_header(stream).await?;
            return Ok(Peer::direct(peer));
        }
        let header = timer::timeout(self.timeout, read_header(stream)).await;
        let header = header.unwrap_or(Err(ProxyError::TimedOut(self.timeout)))?;
        let proxied = parse_header(&header)?;
        Ok(Peer {
            addr: peer,
            proxied,
            has_proxy_header: true,
        })
    }

    /// Fails if the first bytes to arrive are a header: most likely of a proxy that is missing
    /// in the options. A header in pieces passes as data, which is safe, as nobody believes it.
    async fn refuse_header(&self, stream: &Stream) -> Result<(), ProxyError> {
        let mut start = [0; V2_SIGNATURE.len()];
        // Other timeouts deal with a silent peer.
        let Ok(peeked) = timer::timeout(self.timeout, stream.peek(&mut start)).await else {
            return Ok(());
        };
        let start = &start[..peeked?];
        match start.starts_with(V1_SIGNATURE) || start.starts_with(V2_SIGNATURE) {
            true => Err(ProxyError::Untrusted),
            false => Ok(()),
        }
    }
}

/// Reads the header that `stream` begins with, and leaves the bytes after it unread.
async fn read_header(stream: &mut Stream) -> Result<Vec<u8>, ProxyError> {
    let mut header = Vec::new();
    loop {
        let read = header.len();
        header.resize(read + PEEK_LEN, 0);
        let peeked = stream.peek(&mut header[read..]).await?;
        header.truncate(read + peeked);
        match peeked {
            0 if read == 0 => return Err(ProxyError::Empty),
            0 => return Err(ProxyError::Truncated),
            _ => {}
        }
        let len = header_len(&header)?;
        header.truncate(len.unwrap_or(usize::MAX));
        stream.read_exact(&mut header[read..]).await?;
        if len == Some(header.len()) {
            return Ok(header);
        }
    }
}

/// Returns the length of the header that `bytes` begin with; `None` if more bytes are needed.
fn header_len(bytes: &[u8]) -> Result<Option<usize>, ProxyError> {
    let may_begin_with = |signature: &[u8]| {
        let common = bytes.len().min(signature.len());
        bytes[..common] == signature[..common]
    };
    if may_begin_with(V2_SIGNATURE) {
        let fixed = bytes.first_chunk::<V2_FIXED_LEN>();
        let rest_len = fixed.map(|fixed| u16::from_be_bytes([fixed[14], fixed[15]]));
        return Ok(rest_len.map(|len| V2_FIXED_LEN + usize::from(len)));
    }
    if !may_begin_with(V1_SIGNATURE) {
        return Err(ProxyError::Missing);
    }
    let line = &bytes[..bytes.len().min(V1_MAX_LEN)];
    match line.iter().position(|&byte| byte == b'\n') {
        Some(end) => Ok(Some(end + 1)),
        None if line.len() == V1_MAX_LEN => Err(ProxyError::TooLong),
        None => Ok(None),
    }
}

/// Parses a complete header; `None` if the proxy speaks for itself, or does not know the
/// client.
fn parse_header(header: &[u8]) -> Result<Option<ProxiedConnection>, ProxyError> {
    // LOCAL: the receiver must ignore the rest (section 2.2).
    if header.starts_with(V2_SIGNATURE) && header[V2_SIGNATURE.len()] == 0x20 {
        return Ok(None);
    }
    let (parsed, len) = ProxyHeader::parse(header, ParseConfig::default()).map_err(|error| {
        ProxyError::Malformed(match error {
            proxy_header::Error::BufferTooShort => "it is too short for its addresses",
            _ => "its version or its addresses are invalid",
        })
    })?;
    if len != header.len() {
        return Err(ProxyError::Malformed("it is longer than its addresses"));
    }
    // The parser takes a plus sign before a port.
    if header.starts_with(b"PROXY TCP") && header.contains(&b'+') {
        return Err(ProxyError::Malformed("its ports are not digits alone"));
    }
    let address = parsed.proxied_address();
    Ok(address.map(|address| ProxiedConnection {
        addrs: AddrPair {
            source: canonical(address.source),
            destination: canonical(address.destination),
        },
        tls: parsed.ssl().is_some_and(|ssl| ssl.client_ssl()),
    }))
}

/// Encodes a header of version 2 for an upstream: with the addresses of `client`, or LOCAL if
/// these are unknown.
pub(crate) fn encode_header(client: Option<AddrPair>) -> Vec<u8> {
    let header = match client.map(AddrPair::in_one_family) {
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
        [V2_SIGNATURE, &command_family, &len, body].concat()
    }

    fn proxied(source: &str, destination: &str) -> Option<ProxiedConnection> {
        let tls = false;
        let (source, destination) = (source.parse().unwrap(), destination.parse().unwrap());
        let addrs = AddrPair {
            source,
            destination,
        };
        Some(ProxiedConnection { addrs, tls })
    }

    const BODY_V4: [u8; 12] = [192, 0, 2, 7, 198, 51, 100, 1, 0x12, 0x34, 0x01, 0xbb];

    #[test]
    fn headers_of_both_versions_name_the_client() {
        let check = |header: &[u8], expected: Option<ProxiedConnection>| {
            for end in 0..header.len() {
                assert!(!matches!(header_len(&header[..end]), Ok(Some(len)) if len <= end));
            }
            assert_eq!(header_len(header).unwrap(), Some(header.len()));
            let more = [header, b"more\n"].concat();
            assert_eq!(header_len(&more).unwrap(), Some(header.len()));
            assert_eq!(parse_header(header).unwrap(), expected);
        };
        let v4 = proxied("192.0.2.7:4660", "198.51.100.1:443");
        check(b"PROXY TCP4 192.0.2.7 198.51.100.1 4660 443\r\n", v4);
        check(&v2([0x21, 0x11], &BODY_V4), v4);
        let v6 = proxied("[2001:db8::7]:1", "[::1]:65535");
        check(b"PROXY TCP6 2001:db8::7 ::1 1 65535\r\n", v6);
        check(&encode_header(v6.map(|it| it.addrs)), v6);
        check(&encode_header(None), None);
        check(b"PROXY UNKNOWN\r\n", None);
        check(b"PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n", None);
        // LOCAL, with and without a family; a Unix socket; an unspecified family.
        check(&v2([0x20, 0x00], &[]), None);
        check(&v2([0x20, 0x11], &[]), None);
        check(&v2([0x21, 0x31], &[b'/'; 216]), None);
        check(&v2([0x21, 0x00], &[]), None);
    }

    #[test]
    fn tls_extension_is_read_and_unknown_extensions_are_skipped() {
        let unknown = [&BODY_V4[..], &[0xe0, 0, 2, b'h', b'i']].concat();
        let parsed = parse_header(&v2([0x21, 0x11], &unknown)).unwrap().unwrap();
        assert!(!parsed.tls);
        let ssl = [&BODY_V4[..], &[0x20, 0, 5, 0x01, 0, 0, 0, 0]].concat();
        let parsed = parse_header(&v2([0x21, 0x11], &ssl)).unwrap().unwrap();
        assert!(parsed.tls);
    }

    #[test]
    fn missing_or_malformed_header_is_refused() {
        let check = |bytes: &[u8], expected: &str| {
            let parsed = header_len(bytes).and_then(|_| parse_header(bytes));
            let error = parsed.unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        check(b"GET / HTTP/1.1\r\n", "does not begin with a PROXY header");
        check(b"\x05\0\0\0hello", "does not begin with a PROXY header");
        check(b"\r\n\r\nGET", "does not begin with a PROXY header");
        check(b"PROXYXTCP4 ", "does not begin with a PROXY header");
        let endless = [V1_SIGNATURE, &[b'x'; V1_MAX_LEN]].concat();
        check(&endless, "does not end within 107 bytes");
        check(b"PROXY TCP4 nonsense 198.51.100.1 1 2\r\n", "malformed");
        check(b"PROXY TCP4 ::1 ::1 1 2\r\n", "malformed");
        check(
            b"PROXY TCP4 192.0.2.7 198.51.100.1 1 65536\r\n",
            "malformed",
        );
        check(b"PROXY TCP4 192.0.2.7 198.51.100.1 1\r\n", "malformed");
        check(b"PROXY TCP4 192.0.2.7 198.51.100.1 +1 2\r\n", "malformed");
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
        fn arbitrary_bytes_never_panic(
            start in prop::sample::select(&[V1_SIGNATURE, b"PROXY TCP4 ", b"PROXY TCP6 ::", V2_SIGNATURE, b""][..]),
            rest in prop::collection::vec(prop_oneof![0..64_u8, any::<u8>()], 0..120),
        ) {
            let bytes = [start, &rest].concat();
            if let Ok(Some(len)) = header_len(&bytes)
                && let Some(header) = bytes.get(..len)
            {
                let _ = parse_header(header);
            }
        }
    }

    #[test]
    fn encoded_addresses_are_of_one_family() {
        let check = |source: &str, destination: &str, expected: Option<ProxiedConnection>| {
            let addrs = proxied(source, destination).unwrap().addrs;
            assert_eq!(parse_header(&encode_header(Some(addrs))).unwrap(), expected);
        };
        let v4 = ("192.0.2.7:1", "192.0.2.1:2");
        check(v4.0, v4.1, proxied(v4.0, v4.1));
        check(
            "[::ffff:192.0.2.7]:1",
            "[::ffff:192.0.2.1]:2",
            proxied(v4.0, v4.1),
        );
        // The header has IPv4 as `::ffff:a.b.c.d`, which is read as IPv4.
        check(v4.0, "[::1]:2", proxied(v4.0, "[::1]:2"));
        check("[::1]:2", v4.0, proxied("[::1]:2", v4.0));
    }
}
