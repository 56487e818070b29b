//! Options of resumable sessions.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use ring::error::Unspecified;
use ring::rand::{SystemRandom, generate};
use thiserror::Error;

use crate::defaults::{MIN_RESUME_BUFFER, resume_buffer, resume_memory};

/// Options of resumable sessions; the help texts of the command line have the reasons.
#[derive(Debug, Clone)]
pub struct ResumeOptions {
    /// Time that a session is kept without a connection; `None` disables resumable sessions.
    pub timeout: Option<Duration>,
    /// Window of a session: bytes to its client that are kept until they are acknowledged.
    pub buffer: usize,
    /// Maximum of the bytes that all detached sessions keep together.
    pub memory: usize,
    /// Id of the gateway at the beginning of its tokens; `None` for a random one.
    pub gateway_id: Option<GatewayId>,
}

impl ResumeOptions {
    /// Least window, in bytes.
    pub const MIN_BUFFER: usize = MIN_RESUME_BUFFER;
}

/// Defaults of the options.
impl Default for ResumeOptions {
    fn default() -> Self {
        let buffer = resume_buffer(None);
        Self {
            timeout: Some(Duration::from_secs(60)),
            buffer,
            memory: resume_memory(buffer),
            gateway_id: None,
        }
    }
}

/// Id of a gateway among several: a load balancer sends a returning client back by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayId(String);

/// A text that is no [`GatewayId`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("expected 1 to {MAX_ID} letters, digits, - or _, as the token is part of a URL")]
pub struct GatewayIdError;

/// Maximum length of a gateway's id, in bytes.
const MAX_ID: usize = 32;

impl GatewayId {
    /// Makes a random id.
    ///
    /// # Errors
    /// If the system's random number generator failed.
    pub(crate) fn random() -> Result<Self, Unspecified> {
        let bytes: [u8; 6] = generate(&SystemRandom::new())?.expose();
        Ok(Self(BASE64URL_NOPAD.encode(&bytes)))
    }
}

impl FromStr for GatewayId {
    type Err = GatewayIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        match (1..=MAX_ID).contains(&text.len()) && text.bytes().all(fits) {
            true => Ok(Self(text.into())),
            false => Err(GatewayIdError),
        }
    }
}

impl fmt::Display for GatewayId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
