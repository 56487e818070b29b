//! Addresses of listeners: `HOST:PORT` or `unix:PATH`, as options have them and as bound.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use thiserror::Error;

use crate::endpoint::{Endpoint, EndpointError};

/// The longest path of a Unix socket, in bytes: `sun_path` less its closing NUL.
const MAX_PATH: usize = match cfg!(any(target_os = "linux", target_os = "android")) {
    true => 107,
    false => 103,
};

/// The mode of a socket's file by default: its owner and its group may connect.
const DEFAULT_MODE: u32 = 0o660;

/// An address to listen on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListenAddress {
    /// `HOST:PORT`.
    Tcp(Endpoint),
    /// `unix:PATH[?mode=MODE]`.
    Unix {
        /// The path of the socket's file.
        path: PathBuf,
        /// The permissions of the file: who may connect.
        mode: u32,
    },
}

/// The address of a listening socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocalAddr {
    /// An IP address and a port.
    Ip(SocketAddr),
    /// The path of a Unix socket.
    Unix(PathBuf),
}

impl LocalAddr {
    /// The IP address and port; `None` for a Unix socket.
    pub fn ip(&self) -> Option<SocketAddr> {
        match self {
            Self::Ip(addr) => Some(*addr),
            Self::Unix(_) => None,
        }
    }
}

/// A text that is not a [`ListenAddress`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ListenAddressError {
    /// It is no `HOST:PORT`.
    #[error("{0}; or unix:PATH")]
    Endpoint(#[from] EndpointError),
    /// A Unix socket without a path.
    #[error("unix: needs a path, for example unix:/run/framegate/http.sock")]
    NoPath,
    /// An abstract socket, which has no file.
    #[error(
        "{0:?} is no path: abstract sockets are not supported, as they have no permissions; write \
         a path such as unix:/run/framegate/http.sock"
    )]
    NotAPath(String),
    /// The system takes no path of this length.
    #[error("the path of a Unix socket has at most {MAX_PATH} bytes, and this one has {0}")]
    TooLong(usize),
    /// An unknown setting.
    #[error("unknown setting {0:?}, expected mode, as in unix:/run/framegate/http.sock?mode=660")]
    Setting(String),
    /// The mode is not a number that permissions have.
    #[error("{0:?} is no mode, expected octal digits from 000 to 777, such as 660")]
    Mode(String),
    /// The system has no Unix sockets.
    #[error("this system has no Unix sockets")]
    Unsupported,
}

impl FromStr for ListenAddress {
    type Err = ListenAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some(unix) = text.strip_prefix("unix:") else {
            return Ok(Self::Tcp(text.parse()?));
        };
        let (path, setting) = unix.split_once('?').unwrap_or((unix, ""));
        check_socket_path(path)?;
        let mode = match setting.split_once('=') {
            Some(("mode", digits)) => parse_mode(digits)?,
            None if setting.is_empty() => DEFAULT_MODE,
            _ => return Err(ListenAddressError::Setting(setting.into())),
        };
        Ok(Self::Unix {
            path: path.into(),
            mode,
        })
    }
}

/// Checks that `path` can be that of a Unix socket.
///
/// # Errors
/// [`ListenAddressError`] if it is empty, too long or no path.
pub fn check_socket_path(path: &str) -> Result<(), ListenAddressError> {
    match path {
        _ if cfg!(not(unix)) => Err(ListenAddressError::Unsupported),
        "" => Err(ListenAddressError::NoPath),
        _ if path.starts_with('@') || path.contains('\0') => {
            Err(ListenAddressError::NotAPath(path.into()))
        }
        _ if path.len() > MAX_PATH => Err(ListenAddressError::TooLong(path.len())),
        _ => Ok(()),
    }
}

fn parse_mode(digits: &str) -> Result<u32, ListenAddressError> {
    let mode = u32::from_str_radix(digits, 8).ok();
    // Rust's parser takes a plus sign.
    mode.filter(|&mode| mode <= 0o777 && !digits.starts_with('+'))
        .ok_or_else(|| ListenAddressError::Mode(digits.into()))
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(endpoint) => write!(f, "{endpoint}"),
            Self::Unix { path, .. } => write!(f, "unix:{}", path.display()),
        }
    }
}

/// Displays the address at which a client on this machine reaches the listener.
impl fmt::Display for LocalAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(addr) => write!(f, "{}", Endpoint::local(*addr)),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn path_and_mode_of_a_unix_socket_are_parsed() {
        let check = |text: &str, path: &str, mode: u32| {
            let path = path.into();
            assert_eq!(text.parse(), Ok(ListenAddress::Unix { path, mode }));
        };
        check("unix:/run/http.sock", "/run/http.sock", 0o660);
        check("unix:http.sock", "http.sock", 0o660);
        check("unix:/run/a:1.sock?mode=600", "/run/a:1.sock", 0o600);
        check("unix:/run/http.sock?mode=0777", "/run/http.sock", 0o777);
        let longest = format!("/{}", "x".repeat(MAX_PATH - 1));
        check(&format!("unix:{longest}"), &longest, 0o660);
    }

    #[test]
    fn malformed_address_is_rejected_with_its_fault() {
        let check = |text: &str, expected: &str| {
            let error = text.parse::<ListenAddress>().unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        check(
            "/run/http.sock",
            "127.0.0.1:9999 or [::1]:9999; or unix:PATH",
        );
        check("unix:", "needs a path");
        check("unix:?mode=660", "needs a path");
        check("unix:@framegate", "abstract sockets are not supported");
        check("unix:\0framegate", "abstract sockets are not supported");
        let long = format!("unix:/{}", "x".repeat(MAX_PATH));
        check(
            &long,
            &format!("at most {MAX_PATH} bytes, and this one has"),
        );
        check(
            "unix:/s?user=http",
            "unknown setting \"user=http\", expected mode",
        );
        for mode in ["", "rw", "+60", "888", "1777", "-1"] {
            check(&format!("unix:/s?mode={mode}"), "such as 660");
        }
    }
}
