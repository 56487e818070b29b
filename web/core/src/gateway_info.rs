//! The gateway's description of itself: its upstreams and its echo service.

use bytes::Bytes;

use crate::frame_view::{Explainer, FrameView};
use crate::framing::{Framing, Framings, RAW, Refusal};
use crate::message::{Kind, Message};

/// The answer to `api/info`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayInfo {
    /// The gateway's version.
    pub version: String,
    /// The echo service, with an address that the page's machine can reach.
    pub echo: Option<EchoService>,
    /// The upstreams; never empty.
    pub upstreams: Vec<Upstream>,
    /// True if clients need a token. The page itself has logged in already.
    pub token: bool,
    /// True if the live feed is on.
    pub live_feed: bool,
    /// True if sessions outlive their connections.
    pub resume: bool,
}

/// The user's choice of an upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpstreamChoice {
    /// The gateway's first upstream.
    First,
    /// The gateway's upstream of that name.
    Named(String),
    /// Any WebSocket URL, absolute or relative to the page.
    Url(String),
}

/// A service that the gateway bridges to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// Its name.
    pub name: String,
    /// The URL of its WebSocket, relative to the page.
    pub path: String,
    /// The framings of its messages on TCP.
    pub framings: Framings,
    /// The longest payload that the gateway accepts, in bytes.
    pub max_frame: usize,
}

/// The limits for messages to an upstream.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SendLimits {
    /// The framing of the next message; `None` if unknown.
    pub framing: Option<Framing>,
    /// The framing of the messages after it.
    pub following: Option<Framing>,
    /// The longest payload, in bytes; `None` if unknown.
    pub max_len: Option<usize>,
    /// The late part's explainer, once it is loaded.
    pub explainer: Option<Explainer>,
    /// True if the page frames messages, and the gateway passes bytes.
    pub is_reading: bool,
}

impl Upstream {
    /// Returns true if the gateway passes its bytes without framing.
    pub fn is_raw(&self) -> bool {
        self.framings.framing.notation() == RAW
    }
}

impl SendLimits {
    /// Returns the limits for the message after the next one.
    pub fn after_next(&self) -> Self {
        let framing = self.following.clone();
        Self {
            framing,
            ..self.clone()
        }
    }

    /// Checks the next payload as the gateway would. Until the late part is loaded, a framing
    /// that is not built in allows every message: the gateway checks it.
    ///
    /// # Errors
    /// The reason why the gateway would refuse it.
    pub fn check(&self, payload: &Bytes) -> Result<(), Refusal> {
        self.frame(payload).map(drop)
    }

    /// Returns the message for the WebSocket: framed, if the page frames it. Returns `None` if
    /// it cannot be framed.
    pub fn on_websocket(&self, message: &Message) -> Option<Message> {
        if !self.is_reading {
            return Some(message.clone());
        }
        let frame = self.frame(&message.payload);
        let mut bytes = Vec::new();
        for segment in frame.ok()??.segments {
            bytes.extend_from_slice(&segment.bytes);
        }
        Some(Message {
            kind: Kind::Binary,
            payload: bytes.into(),
        })
    }

    /// Returns the frame of the next payload; `None` if it is not known yet.
    ///
    /// # Errors
    /// Those of [`check`](Self::check).
    pub fn frame(&self, payload: &Bytes) -> Result<Option<FrameView>, Refusal> {
        let len = payload.len() as u64;
        if let Some(max) = self.max_len.map(|max| max as u64).filter(|&max| len > max) {
            return Err(Refusal::TooLong { len, max });
        }
        let Some(framing) = &self.framing else {
            return Ok(None);
        };
        FrameView::new(framing, payload, self.explainer.as_ref()).transpose()
    }
}

/// The gateway's own echo service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EchoService {
    /// Its address for TCP clients.
    pub address: TcpAddress,
    /// Its framing.
    pub framing: Framing,
}

/// An error while loading `api/info`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InfoError {
    /// No answer.
    Unreachable,
    /// No answer, and the browser is offline.
    Offline,
    /// An HTTP status other than 2xx.
    Status(u16),
    /// An answer that is not a gateway's.
    Malformed,
    /// No upstream of the chosen name.
    NoUpstream(String),
}

/// The address of a TCP service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TcpAddress {
    /// A host name or IP address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl GatewayInfo {
    /// Returns the chosen upstream; `None` for a URL, and if there is none of that name.
    pub fn upstream(&self, choice: &UpstreamChoice) -> Option<&Upstream> {
        match choice {
            UpstreamChoice::First => self.upstreams.first(),
            UpstreamChoice::Named(name) => self.upstreams.iter().find(|it| it.name == *name),
            UpstreamChoice::Url(_) => None,
        }
    }
}

impl TcpAddress {
    /// Returns the address of `listener` for a client that reaches the gateway as
    /// `page_host`, which replaces a wildcard address.
    pub fn from_listener(listener: &str, page_host: &str) -> Option<Self> {
        let (host, port) = listener.rsplit_once(':')?;
        let host = match without_brackets(host) {
            "0.0.0.0" | "::" => without_brackets(page_host),
            host => host,
        };
        Some(Self {
            host: host.into(),
            port: port.parse().ok()?,
        })
    }
}

fn without_brackets(host: &str) -> &str {
    host.strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn send_limits_refuse_like_the_gateway() {
        let check = |framing: &str, payload: &'static [u8], expected: Result<(), Refusal>| {
            let limits = SendLimits {
                framing: Some(framing.into()),
                max_len: Some(8),
                ..SendLimits::default()
            };
            let payload = Bytes::from_static(payload);
            assert_eq!(limits.check(&payload), expected, "{framing}");
        };
        let too_long = Err(Refusal::TooLong { len: 9, max: 8 });
        check("u32le", b"a\nb\0", Ok(()));
        check("u32le", b"123456789", too_long.clone());
        check("1+varint", b"123456789", too_long);
        check("1+varint", b"", Ok(()));
        check("lines", b"a\nb", Err(Refusal::LineBreak { at: 1 }));
        check("nul", b"a\nb\0", Err(Refusal::Nul { at: 3 }));
        let unknown = SendLimits::default();
        assert_eq!(unknown.check(&vec![0; 1 << 20].into()), Ok(()));
    }

    #[test]
    fn a_wildcard_listener_gets_the_host_of_the_page() {
        let check = |listener: &str, page_host: &str, expected: Option<(&str, u16)>| {
            let address = TcpAddress::from_listener(listener, page_host);
            let address = address.as_ref().map(|a| (a.host.as_str(), a.port));
            assert_eq!(address, expected, "{listener}");
        };
        check("127.0.0.1:9999", "localhost", Some(("127.0.0.1", 9999)));
        check("0.0.0.0:9999", "lab.example", Some(("lab.example", 9999)));
        check("[::]:9999", "[::1]", Some(("::1", 9999)));
        check("[fe80::1]:80", "localhost", Some(("fe80::1", 80)));
        check("nonsense", "localhost", None);
        check("host:70000", "localhost", None);
    }
}
