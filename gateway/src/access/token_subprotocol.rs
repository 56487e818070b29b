//! Token in a subprotocol, `framegate.token.BASE64URL`, for pages of other sites.
//!
//! A page can set no header of a WebSocket's handshake, and another site's page has no cookie of
//! the gateway. It can offer subprotocols. The Origin allow-list holds for it all the same.

use data_encoding::BASE64URL_NOPAD;

/// Prefix of the subprotocol; the token follows, in base64url (RFC 4648, section 5).
pub(crate) const PREFIX: &str = "framegate.token.";

/// Returns true if `name` begins with the prefix, in any letter case: it may contain a token, so
/// it is neither confirmed nor logged.
pub(crate) fn may_be_token(name: &[u8]) -> bool {
    let prefix = name.get(..PREFIX.len());
    prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case(PREFIX.as_bytes()))
}

/// Returns the token in the offers of a Sec-WebSocket-Protocol header. Only the first counts, so
/// that a request is one guess.
pub(crate) fn offered_token<'a>(headers: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut offers = headers.flat_map(|header| header.split(','));
    let encoded = offers.find_map(|offer| offer.trim().strip_prefix(PREFIX))?;
    let token = BASE64URL_NOPAD.decode(encoded.trim_end_matches('=').as_bytes());
    String::from_utf8(token.ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_token_among_the_offers_counts() {
        let check = |headers: &[&str], token: Option<&str>| {
            let found = offered_token(headers.iter().copied());
            assert_eq!(found.as_deref(), token, "{headers:?}");
        };
        check(&["framegate, framegate.token.Pz8_fn4-"], Some("???~~>"));
        check(&["framegate.token.Pz8_", "mqtt"], Some("???"));
        check(&["mqtt", "framegate.token.YQ=="], Some("a"));
        check(&["framegate.token.YQ,framegate.token.Yg"], Some("a"));
        check(&["framegate.token.*,framegate.token.Yg"], None);
        check(&["framegate.token.Pz8/"], None);
        check(&["framegate.token._w"], None);
        check(&["framegate", "Framegate.Token.YQ"], None);
        check(&[], None);
    }
}
