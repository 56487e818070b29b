//! Negotiation of extensions (RFC 6455, section 9.1): of permessage-deflate (RFC 7692, section 5).

use std::fmt;

use axum::http::HeaderMap;
use axum::http::header::SEC_WEBSOCKET_EXTENSIONS;
use net::units::digits;

use crate::upstream::compression::Compression;
use crate::websocket::deflate::{DeflateParams, MAX_WINDOW_BITS, MIN_WINDOW_BITS};

const NAME: &str = "permessage-deflate";
const SERVER_NO_TAKEOVER: &str = "server_no_context_takeover";
const CLIENT_NO_TAKEOVER: &str = "client_no_context_takeover";
const SERVER_WINDOW_BITS: &str = "server_max_window_bits";
const CLIENT_WINDOW_BITS: &str = "client_max_window_bits";

/// Extension that is agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deflate(pub(crate) DeflateParams);

impl Deflate {
    /// Chooses the first of the client's offers that the gateway can accept, if the upstream's
    /// messages are to be compressed.
    pub(crate) fn choose(headers: &HeaderMap, compression: Compression) -> Option<Self> {
        let takeover = match compression {
            Compression::Off => return None,
            Compression::Messages => false,
            Compression::Takeover => true,
        };
        let headers = headers.get_all(SEC_WEBSOCKET_EXTENSIONS).into_iter();
        let lists = headers.filter_map(|header| header.to_str().ok());
        let mut offers = lists.flat_map(|list| list.split(','));
        offers
            .find_map(|offer| parse_offer(offer, takeover))
            .map(Self)
    }
}

/// Parses an offer; `None` for other extensions, and for parameters that are unknown, invalid,
/// repeated, or ask for a window that the compressor does not have (section 7.1).
fn parse_offer(offer: &str, takeover: bool) -> Option<DeflateParams> {
    let mut parts = offer.split(';').map(str::trim);
    if parts.next()? != NAME {
        return None;
    }
    let mut seen = Vec::new();
    let mut params = DeflateParams {
        server_takeover: takeover,
        client_takeover: takeover,
        server_window_bits: MAX_WINDOW_BITS,
    };
    for part in parts {
        let (name, value) = match part.split_once('=') {
            Some((name, value)) => (name.trim_end(), Some(value.trim_start().trim_matches('"'))),
            None => (part, None),
        };
        match (name, value) {
            (SERVER_NO_TAKEOVER, None) => params.server_takeover = false,
            (CLIENT_NO_TAKEOVER, None) => params.client_takeover = false,
            (SERVER_WINDOW_BITS, Some(bits)) => {
                params.server_window_bits =
                    window_bits(bits).filter(|&bits| bits >= MIN_WINDOW_BITS)?;
            }
            // The decompressor has the longest window, whatever the client's compressor has.
            (CLIENT_WINDOW_BITS, None) => {}
            (CLIENT_WINDOW_BITS, Some(bits)) => drop(window_bits(bits)?),
            _ => return None,
        }
        if seen.contains(&name) {
            return None;
        }
        seen.push(name);
    }
    Some(params)
}

/// Parses 8 to 15, without leading zeros (section 7.1.2.1).
fn window_bits(text: &str) -> Option<u8> {
    let bits = digits(text)?;
    (!text.starts_with('0') && (8..=MAX_WINDOW_BITS).contains(&bits)).then_some(bits)
}

/// The response's header. The parameters that a client may be told without an offer are those of
/// context takeover (sections 7.1.1.1 and 7.1.1.2).
impl fmt::Display for Deflate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(params) = self;
        f.write_str(NAME)?;
        if !params.server_takeover {
            write!(f, "; {SERVER_NO_TAKEOVER}")?;
        }
        if !params.client_takeover {
            write!(f, "; {CLIENT_NO_TAKEOVER}")?;
        }
        if params.server_window_bits < MAX_WINDOW_BITS {
            write!(f, "; {SERVER_WINDOW_BITS}={}", params.server_window_bits)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(offers: &[&str], compression: Compression) -> Option<String> {
        let header = |offer: &&str| (SEC_WEBSOCKET_EXTENSIONS, offer.parse().unwrap());
        let headers = offers.iter().map(header).collect();
        Deflate::choose(&headers, compression).map(|it| it.to_string())
    }

    #[test]
    fn first_acceptable_offer_is_answered() {
        let none = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
        for (offers, expected) in [
            (vec!["permessage-deflate"], Some(none.to_owned())),
            (
                vec!["x-other, permessage-deflate;client_max_window_bits"],
                Some(none.into()),
            ),
            (vec!["x-other", "permessage-deflate"], Some(none.into())),
            (
                vec![
                    "permessage-deflate; server_max_window_bits=8, permessage-deflate; server_max_window_bits=\"10\"",
                ],
                Some(format!("{none}; server_max_window_bits=10")),
            ),
            (
                vec!["permessage-deflate; client_max_window_bits=9"],
                Some(none.into()),
            ),
            (vec!["permessage-deflate; server_max_window_bits"], None),
            (vec!["permessage-deflate; server_max_window_bits=16"], None),
            (vec!["permessage-deflate; server_max_window_bits=09"], None),
            (vec!["permessage-deflate; client_max_window_bits=7"], None),
            (
                vec!["permessage-deflate; server_no_context_takeover=1"],
                None,
            ),
            (vec!["permessage-deflate; unknown"], None),
            (
                vec!["permessage-deflate; client_max_window_bits; client_max_window_bits"],
                None,
            ),
            (vec!["permessage-deflates"], None),
            (vec![""], None),
        ] {
            assert_eq!(
                answer(&offers, Compression::Messages),
                expected,
                "{offers:?}"
            );
        }
    }

    #[test]
    fn context_takeover_is_agreed_on_unless_the_client_declines() {
        let both = answer(&["permessage-deflate"], Compression::Takeover);
        assert_eq!(both.as_deref(), Some("permessage-deflate"));
        let offer = "permessage-deflate; server_no_context_takeover";
        assert_eq!(
            answer(&[offer], Compression::Takeover).as_deref(),
            Some(offer)
        );
        assert_eq!(answer(&["permessage-deflate"], Compression::Off), None);
    }
}
