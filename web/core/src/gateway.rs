//! What a gateway says about itself, as the page uses it.

use bytes::Bytes;
use protocol::{Frame, FrameError, Framing};

/// A gateway, by its own account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gateway {
    /// Its version.
    pub version: String,
    /// Where its own TCP echo service can be reached from the page's machine, if it
    /// runs one.
    pub echo: Option<Echo>,
    /// What it bridges to; never empty.
    pub upstreams: Vec<Upstream>,
    /// Whether programs have to show a token; the page has shown it already.
    pub token: bool,
    /// Whether all its clients can be watched.
    pub monitor: bool,
}

/// What the person wants to talk to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The gateway's first upstream, whatever it is called.
    First,
    /// The gateway's upstream of that name.
    Upstream(String),
    /// Any WebSocket, absolute or relative to the page.
    Url(String),
}

/// A service that a gateway bridges to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// What the gateway calls it.
    pub name: String,
    /// The WebSocket's URL, relative to the page's.
    pub path: String,
    /// How its messages are framed on TCP.
    pub framing: Framing,
    /// The longest payload that the gateway carries, in bytes.
    pub max_frame: usize,
}

/// Which messages can be sent, as far as that is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bounds {
    /// How the upstream frames them.
    pub framing: Framing,
    /// The longest payload that the gateway carries, in bytes.
    pub max_len: Option<usize>,
}

impl Bounds {
    /// What the gateway would refuse `payload` for.
    ///
    /// # Errors
    /// That.
    pub fn check(self, payload: &Bytes) -> Result<(), FrameError> {
        let len = payload.len();
        match self.max_len.filter(|&max| len > max) {
            Some(max) => Err(FrameError::TooLong {
                len: len as u64,
                max,
            }),
            None => Frame::new(self.framing, payload.clone()).map(drop),
        }
    }
}

/// The gateway's own echo service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Echo {
    /// Where TCP clients reach it.
    pub address: Address,
    /// How it tells messages apart.
    pub framing: Framing,
}

/// Why the page could not learn about the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InfoError {
    /// No answer at all.
    Unreachable,
    /// No answer, and the browser has no network.
    Offline,
    /// An answer with another HTTP status than 200.
    Status(u16),
    /// An answer that is not what a gateway gives.
    Malformed,
    /// A framing that this page does not know.
    UnknownFraming(String),
    /// The upstream that was asked for is none of the gateway's.
    NoUpstream(String),
}

/// Where a TCP service can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// A host name or IP address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Gateway {
    /// The upstream that is meant by `choice`; `None` if the gateway has no such.
    pub fn upstream(&self, choice: &Choice) -> Option<&Upstream> {
        match choice {
            Choice::First => self.upstreams.first(),
            Choice::Upstream(name) => self.upstreams.iter().find(|it| it.name == *name),
            Choice::Url(_) => None,
        }
    }
}

impl Address {
    /// The address for a client that sees the gateway as `page_host`, when the gateway
    /// listens on `listener`: one that means "any" is as good as the page's own.
    pub fn of_listener(listener: &str, page_host: &str) -> Option<Self> {
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
    fn what_cannot_be_sent_is_known_beforehand() {
        let check = |framing: &str, payload: &'static [u8], expected: Result<(), FrameError>| {
            let bounds = Bounds {
                framing: framing.parse().unwrap(),
                max_len: Some(8),
            };
            let payload = Bytes::from_static(payload);
            assert_eq!(bounds.check(&payload), expected, "{framing}");
        };
        let too_long = Err(FrameError::TooLong { len: 9, max: 8 });
        check("u32le", b"a\nb\0", Ok(()));
        check("u32le", b"123456789", too_long);
        check("lines", b"a\nb", Err(FrameError::LineBreak { at: 1 }));
        check("nul", b"a\nb\0", Err(FrameError::Nul { at: 3 }));
        let unknown = Bounds::default();
        assert_eq!(unknown.check(&vec![0; 1 << 20].into()), Ok(()));
    }

    #[test]
    fn a_client_is_told_an_address_that_it_can_use() {
        let check = |listener: &str, page_host: &str, expected: Option<(&str, u16)>| {
            let address = Address::of_listener(listener, page_host);
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
