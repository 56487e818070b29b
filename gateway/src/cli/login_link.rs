//! The command `login-link`: its options, and the URL of a login link.

use std::path::PathBuf;
use std::str::FromStr;

use axum::http::Uri;
use clap::Args;
use thiserror::Error;

use crate::access::authority::Authority;

#[derive(Debug, Args)]
pub(crate) struct LoginLinkArgs {
    /// The file with the gateway's token
    #[arg(long, value_name = "FILE", env = "FRAMEGATE_TOKEN_FILE")]
    pub(crate) token_file: PathBuf,

    /// The URL of the page, as in the browser's address bar
    #[arg(value_name = "URL", default_value = "http://127.0.0.1:3000/")]
    pub(crate) page: PageUrl,
}

/// URL of the page.
#[derive(Debug, Clone)]
pub(crate) struct PageUrl {
    /// With a slash at the end.
    folder: String,
}

/// Error: a text is not the URL of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("expected the URL of the page, such as https://gate.example.com/")]
pub(crate) struct PageUrlError;

impl PageUrl {
    /// Returns the link with the login code `code`.
    pub(crate) fn login_link(&self, code: &str) -> String {
        format!("{}login?code={code}", self.folder)
    }
}

impl FromStr for PageUrl {
    type Err = PageUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url: Uri = text.parse().map_err(|_| PageUrlError)?;
        let (Some(scheme @ ("http" | "https")), Some(authority), None) =
            (url.scheme_str(), url.authority(), url.query())
        else {
            return Err(PageUrlError);
        };
        if authority.as_str().parse::<Authority>().is_err() {
            return Err(PageUrlError);
        }
        let path = url.path().trim_end_matches('/');
        Ok(Self {
            folder: format!("{scheme}://{authority}{path}/"),
        })
    }
}
