//! Tokens of resumable sessions: the gateway's id, a dot, and 256 random bits in base64url.
//!
//! The gateway keeps a hash alone: the time of a look-up tells nothing about a token.

use data_encoding::BASE64URL_NOPAD;
use ring::digest::{SHA256, SHA256_OUTPUT_LEN, digest};
use ring::error::Unspecified;
use ring::rand::{SystemRandom, generate};

use crate::resume::options::GatewayId;

/// SHA-256 of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TokenHash([u8; SHA256_OUTPUT_LEN]);

impl TokenHash {
    pub(super) fn of(token: &str) -> Self {
        let mut hash = [0; SHA256_OUTPUT_LEN];
        hash.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        Self(hash)
    }
}

/// Makes a token of the gateway `id`.
///
/// # Errors
/// If the system's random number generator failed.
pub(super) fn new_token(id: &GatewayId) -> Result<String, Unspecified> {
    let bits: [u8; 32] = generate(&SystemRandom::new())?.expose();
    Ok(format!("{id}.{}", BASE64URL_NOPAD.encode(&bits)))
}
