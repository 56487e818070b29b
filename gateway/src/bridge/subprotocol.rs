//! Negotiation of the subprotocol (RFC 6455, section 4.2.2).

use std::fmt;

use axum::http::HeaderMap;
use axum::http::header::SEC_WEBSOCKET_PROTOCOL;
use net::untrusted::Untrusted;
use protocol::resumable::SUBPROTOCOL;

use crate::access::token_subprotocol::{PREFIX, may_be_token};
use crate::upstream::registry::Upstream;
use crate::upstream::subprotocols::{BINARY, FRAMEGATE, parse_name};

/// Maximum number of offers in a log line, and characters of each: other services take secrets in
/// subprotocols, which are long.
const MAX_SHOWN_OFFERS: usize = 8;
const MAX_SHOWN_LEN: usize = 32;

/// Subprotocol of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subprotocol {
    /// The client offers none.
    None,
    /// The first of the client's offers that the upstream confirms.
    Confirmed(String),
    /// The client offers only others. None is confirmed, and a browser ends the connection.
    Unknown(UnknownOffers),
}

/// Log text of offers that are not confirmed, with the remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnknownOffers {
    offers: String,
    remedy: String,
}

impl Subprotocol {
    /// Chooses from the client's offers for `upstream`. Without an upstream, the first is
    /// confirmed: the session ends at once, and a browser then reads the reason.
    /// Resumable sessions are confirmed if `has_resumable`.
    pub(crate) fn choose(
        headers: &HeaderMap,
        upstream: Option<&Upstream>,
        has_resumable: bool,
    ) -> Self {
        let headers = headers.get_all(SEC_WEBSOCKET_PROTOCOL).into_iter();
        let offers: Vec<_> = headers
            .flat_map(|header| header.as_bytes().split(|&byte| byte == b','))
            .map(<[u8]>::trim_ascii)
            .filter(|offer| !offer.is_empty())
            .collect();
        if offers.is_empty() {
            return Self::None;
        }
        let is_confirmed = |name: &&str| match *name {
            SUBPROTOCOL => has_resumable,
            name => upstream.is_none_or(|upstream| upstream.confirms(name)),
        };
        match names(&offers).find(is_confirmed) {
            Some(name) => Self::Confirmed(name.into()),
            None => Self::Unknown(UnknownOffers::new(&offers, upstream)),
        }
    }

    pub(crate) fn confirmed(&self) -> Option<&str> {
        match self {
            Self::Confirmed(name) => Some(name),
            Self::None | Self::Unknown(_) => None,
        }
    }

    /// Returns true if the session is resumable.
    pub(crate) fn is_resumable(&self) -> bool {
        self.confirmed() == Some(SUBPROTOCOL)
    }

    /// Returns true if every message to the client has to be binary.
    pub(crate) fn is_binary(&self) -> bool {
        self.confirmed() == Some(BINARY)
    }

    /// The confirmed name for a log line, where it is cut.
    pub(crate) fn shown(&self) -> Option<String> {
        Some(shown(self.confirmed()?.as_bytes()))
    }
}

/// Returns the offers that are names and carry no token.
fn names<'a>(offers: &[&'a [u8]]) -> impl Iterator<Item = &'a str> {
    let names = offers.iter().filter(|offer| !may_be_token(offer));
    names.filter_map(|offer| parse_name(offer))
}

impl UnknownOffers {
    fn new(offers: &[&[u8]], upstream: Option<&Upstream>) -> Self {
        let mut shown_offers: Vec<_> = offers.iter().map(|it| shown(it)).collect();
        if let Some(more @ 1..) = shown_offers.len().checked_sub(MAX_SHOWN_OFFERS) {
            shown_offers.truncate(MAX_SHOWN_OFFERS);
            shown_offers.push(format!("{more} more"));
        }
        let is_echo = upstream.is_some_and(|upstream| upstream.own_echo.is_some());
        let remedy = match names(offers).next() {
            None => format!("offer {FRAMEGATE} or {BINARY} as well"),
            Some(SUBPROTOCOL) => "--resume-timeout 0 has disabled resumable sessions".into(),
            Some(_) if is_echo => {
                format!(
                    "the echo service confirms {FRAMEGATE} and {BINARY}, or any with --framing raw"
                )
            }
            Some(name) => {
                let name = shown(name.as_bytes());
                format!("subprotocol={name} in the settings of --upstream confirms {name}")
            }
        };
        Self {
            offers: shown_offers.join(", "),
            remedy,
        }
    }
}

impl fmt::Display for UnknownOffers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { offers, remedy } = self;
        write!(
            f,
            "none of the offered subprotocols is confirmed, and a browser then ends the \
             connection: {offers}; {remedy}"
        )
    }
}

/// Returns an offer for a log line: escaped, cut, and without its token.
fn shown(offer: &[u8]) -> String {
    if may_be_token(offer) {
        return format!("{PREFIX}…");
    }
    Untrusted::new(offer).up_to(MAX_SHOWN_LEN).to_string()
}
