//! Signed id: a random id with a time, signed with a key that is derived from the token. Login
//! codes and cookies are signed ids.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use data_encoding::BASE64URL_NOPAD;
use ring::error::Unspecified;
use ring::hmac;
use ring::rand::{SystemRandom, generate};

/// Random id, long enough to be unique.
pub(super) type Id = [u8; 16];

/// Time in milliseconds since 1970: unlike an instant, it can be written into a text.
pub(super) type UnixMillis = u64;

/// Allowed lead of the clock that an id was signed by: that of another machine, or this one's before
/// it was set.
pub(super) const CLOCK_LEAD: Duration = Duration::from_secs(60);

const TIME_LEN: usize = size_of::<UnixMillis>();
const CONTENT_LEN: usize = TIME_LEN + size_of::<Id>();

/// Random id with a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SignedId {
    pub(super) time: UnixMillis,
    pub(super) id: Id,
}

/// Key for one kind of signed ids.
pub(super) struct Signer(hmac::Key);

impl Signer {
    pub(super) fn new(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// Signs a new random id with `time`. The text consists of letters, digits, `-` and `_`.
    pub(super) fn sign_new(&self, time: UnixMillis) -> Result<(SignedId, String), Unspecified> {
        let id: Id = generate(&SystemRandom::new())?.expose();
        let content = [&time.to_be_bytes()[..], &id].concat();
        let tag = hmac::sign(&self.0, &content);
        let text = BASE64URL_NOPAD.encode(&[&content, tag.as_ref()].concat());
        Ok((SignedId { time, id }, text))
    }

    /// Returns the id in `text` if its signature is valid.
    pub(super) fn verify(&self, text: &str) -> Option<SignedId> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let (content, tag) = bytes.split_at_checked(CONTENT_LEN)?;
        hmac::verify(&self.0, content, tag).ok()?;
        parse(content)
    }
}

/// Returns the id in `text`, whose signature may be invalid.
pub(super) fn unverified_id(text: &str) -> Option<Id> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    Some(parse(bytes.get(..CONTENT_LEN)?)?.id)
}

/// Returns `time` in milliseconds since 1970.
pub(super) fn unix_millis(time: SystemTime) -> UnixMillis {
    millis(time.duration_since(UNIX_EPOCH).unwrap_or_default())
}

/// Returns `duration` in milliseconds.
pub(super) fn millis(duration: Duration) -> UnixMillis {
    duration.as_millis().try_into().unwrap_or(UnixMillis::MAX)
}

fn parse(content: &[u8]) -> Option<SignedId> {
    let (time, id) = content.split_first_chunk::<TIME_LEN>()?;
    Some(SignedId {
        time: UnixMillis::from_be_bytes(*time),
        id: id.try_into().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signature_covers_time_and_id() {
        let signer = Signer::new(b"key");
        let (signed, text) = signer.sign_new(1_700_000_000_000).unwrap();
        assert_eq!(signer.verify(&text), Some(signed));
        assert_eq!(unverified_id(&text), Some(signed.id));
        for byte in 0..CONTENT_LEN + 32 {
            let mut bytes = BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
            bytes[byte] ^= 1;
            assert_eq!(signer.verify(&BASE64URL_NOPAD.encode(&bytes)), None);
        }
    }

    #[test]
    fn other_key_or_malformed_text_is_refused() {
        let (_, text) = Signer::new(b"key").sign_new(0).unwrap();
        let other = Signer::new(b"other");
        for text in [text.as_str(), "", "AAAA", &text[..40], "not base64!", "é"] {
            assert_eq!(other.verify(text), None);
        }
        assert_eq!(unverified_id("AAAA"), None);
    }
}
