//! Upstreams as options name them: `[NAME=]ADDRESS[?KEY=VALUE&...]`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use net::endpoint::{Endpoint, EndpointError};
use net::listen_address::{ListenAddressError, LocalAddr, check_socket_path};
use net::tls::pinning::FingerprintError;
use net::tls::settings::{TlsSettings, TlsSettingsError};
use protocol::{Framing, Framings, NotationError};
use thiserror::Error;

use crate::upstream::compression::{Compression, CompressionError};
use crate::upstream::subprotocols::{SubprotocolError, Subprotocols};

/// The name of the echo service among the upstreams.
pub(crate) const ECHO: &str = "echo";

/// The key of the setting that may be repeated.
const SUBPROTOCOL_KEY: &str = "subprotocol";

/// A service behind the bridge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamConfig {
    /// The name in its path, `/ws/NAME`; `None` for the default upstream.
    pub name: Option<String>,
    /// The address.
    pub address: UpstreamAddress,
    /// The framings of its messages.
    pub framings: Framings,
    /// True if each connection to it begins with a PROXY header, version 2.
    pub proxy: bool,
    /// The subprotocols that it confirms.
    pub subprotocols: Subprotocols,
    /// The compression of its messages on their way to and from clients.
    pub compression: Compression,
}

/// The address of a service, and the transport to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpstreamAddress {
    /// `HOST:PORT` or `tcp://HOST:PORT`.
    Tcp(Endpoint),
    /// `tls://HOST:PORT`.
    Tls {
        /// Host and port.
        endpoint: Endpoint,
        /// CAs or a fingerprint, client certificate and server name.
        settings: Box<TlsSettings>,
    },
    /// `unix:PATH`.
    Unix(PathBuf),
}

/// A text that is no [`UpstreamConfig`].
#[derive(Debug, Error)]
pub enum UpstreamParseError {
    /// The address cannot be parsed.
    #[error("{0}; or tcp://HOST:PORT, tls://HOST:PORT, unix:PATH")]
    UpstreamAddress(#[from] EndpointError),
    /// Port 0 cannot be connected to.
    #[error("{0} has no port to connect to, expected a port from 1 to 65535")]
    Port(Endpoint),
    /// A Unix socket without a path.
    #[error("unix: needs a path, for example unix:/run/service.sock")]
    NoPath,
    /// A path that no Unix socket can have.
    #[error(transparent)]
    SocketPath(#[from] ListenAddressError),
    /// A name that cannot be part of a URL.
    #[error("{0:?} is not a name, expected letters, digits, '-', '_' or '.'")]
    Name(String),
    /// An unknown setting.
    #[error(
        "unknown setting {0:?}, expected framing, first, first-sent, first-received, proxy=v2, \
         subprotocol, compress, or for tls:// ca, cert, key, name or fingerprint"
    )]
    Key(String),
    /// A setting with two values, one of which would be ignored.
    #[error("setting {0} is given twice")]
    Repeated(String),
    /// Settings for TLS that contradict each other.
    #[error("setting {setting}: {0}", setting = .0.setting)]
    Tls(#[from] TlsSettingsError),
    /// A text that is no fingerprint.
    #[error("setting fingerprint: {0}")]
    Fingerprint(#[from] FingerprintError),
    /// A text that is no framing.
    #[error("setting {setting}: {error}")]
    Framing {
        /// Key of the setting.
        setting: String,
        /// Error of parsing it. Boxed: it is several times longer than the others.
        error: Box<NotationError>,
    },
    /// A subprotocol that cannot be confirmed.
    #[error(transparent)]
    Subprotocol(#[from] SubprotocolError),
    /// An unknown kind of compression.
    #[error("setting {0}")]
    Compression(#[from] CompressionError),
}

impl FromStr for UpstreamConfig {
    type Err = UpstreamParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (place, settings) = text.split_once('?').unwrap_or((text, ""));
        let (name, address) = match place.split_once('=') {
            Some((name, address)) => (Some(parse_name(name)?), address),
            None => (None, place),
        };
        let mut upstream = Self {
            name,
            address: address.parse()?,
            framings: Framings::default(),
            proxy: false,
            subprotocols: Subprotocols::default(),
            compression: Compression::default(),
        };
        let mut first = None;
        let mut keys = Vec::new();
        for setting in settings.split('&').filter(|setting| !setting.is_empty()) {
            let (key, _) = setting.split_once('=').unwrap_or((setting, ""));
            if keys.contains(&key) && key != SUBPROTOCOL_KEY {
                return Err(UpstreamParseError::Repeated(key.into()));
            }
            keys.push(key);
            match setting.split_once('=') {
                Some((key @ "first", framing)) => first = Some(parse_framing(key, framing)?),
                _ => upstream.set(setting)?,
            }
        }
        upstream.framings = upstream.framings.with_first(first);
        if let UpstreamAddress::Tls { endpoint, settings } = &upstream.address {
            settings.check()?;
            settings.server_name(&endpoint.host)?;
        }
        Ok(upstream)
    }
}

impl UpstreamConfig {
    fn set(&mut self, setting: &str) -> Result<(), UpstreamParseError> {
        match (setting.split_once('='), &mut self.address) {
            (Some((key @ "framing", framing)), _) => {
                self.framings.framing = parse_framing(key, framing)?;
            }
            (Some((key @ "first-sent", framing)), _) => {
                self.framings.first_sent = Some(parse_framing(key, framing)?.into());
            }
            (Some((key @ "first-received", framing)), _) => {
                self.framings.first_received = Some(parse_framing(key, framing)?.into());
            }
            (Some(("proxy", "v2")), _) => self.proxy = true,
            (Some((SUBPROTOCOL_KEY, name)), _) => self.subprotocols.add(name)?,
            (Some(("compress", compression)), _) => self.compression = compression.parse()?,
            (Some((key, value)), UpstreamAddress::Tls { settings, .. }) => {
                set_tls(settings, key, value)?;
            }
            _ => return Err(UpstreamParseError::Key(setting.into())),
        }
        Ok(())
    }
}

fn parse_framing(key: &str, framing: &str) -> Result<Framing, UpstreamParseError> {
    framing
        .parse()
        .map_err(|error| UpstreamParseError::Framing {
            setting: key.into(),
            error: Box::new(error),
        })
}

fn set_tls(settings: &mut TlsSettings, key: &str, value: &str) -> Result<(), UpstreamParseError> {
    match key {
        "ca" => settings.ca = Some(value.into()),
        "cert" => settings.cert = Some(value.into()),
        "key" => settings.key = Some(value.into()),
        "name" => settings.name = Some(value.into()),
        "fingerprint" => settings.fingerprint = Some(value.parse()?),
        _ => return Err(UpstreamParseError::Key(format!("{key}={value}"))),
    }
    Ok(())
}

/// Returns the settings for TLS as an option has them.
fn tls_to_option(settings: &TlsSettings) -> [Option<String>; 5] {
    let file = |key, file: &Option<PathBuf>| {
        let file = file.as_ref()?;
        Some(format!("{key}={}", file.display()))
    };
    let name = settings.name.as_ref().map(|it| format!("name={it}"));
    let fingerprint = settings.fingerprint.map(|it| format!("fingerprint={it}"));
    [
        file("ca", &settings.ca),
        file("cert", &settings.cert),
        file("key", &settings.key),
        name,
        fingerprint,
    ]
}

impl UpstreamAddress {
    /// The address at which this machine reaches a listener bound to `addr`.
    pub(crate) fn of_listener(addr: &LocalAddr) -> Self {
        match addr {
            LocalAddr::Ip(addr) => Self::Tcp(Endpoint::local(*addr)),
            LocalAddr::Unix(path) => Self::Unix(path.clone()),
        }
    }

    /// The address with its settings, as an option names it; defaults are left out.
    pub(crate) fn to_option(
        &self,
        framings: &Framings,
        proxy: bool,
        subprotocols: &Subprotocols,
        compression: Compression,
    ) -> String {
        let tls = match self {
            Self::Tls { settings, .. } => tls_to_option(settings),
            _ => Default::default(),
        };
        let framings = framings.settings();
        let framings = framings.map(|(key, framing)| Some(format!("{key}={framing}")));
        let proxy = proxy.then(|| "proxy=v2".into());
        let is_compressed = compression != Compression::Off;
        let compression = is_compressed.then(|| format!("compress={compression}"));
        let settings = framings.chain(tls).chain([proxy, compression]).flatten();
        let settings: Vec<_> = settings.chain(subprotocols.settings()).collect();
        match settings.is_empty() {
            true => self.to_string(),
            false => format!("{self}?{}", settings.join("&")),
        }
    }
}

fn parse_name(name: &str) -> Result<String, UpstreamParseError> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let dots = name.chars().all(|c| c == '.');
    match name.chars().all(is_allowed) && !dots {
        true => Ok(name.into()),
        false => Err(UpstreamParseError::Name(name.into())),
    }
}

impl FromStr for UpstreamAddress {
    type Err = UpstreamParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("unix:") {
            return match path {
                "" => Err(UpstreamParseError::NoPath),
                path => {
                    check_socket_path(path)?;
                    Ok(Self::Unix(path.into()))
                }
            };
        }
        let tls = text.strip_prefix("tls://");
        let bare = tls.or(text.strip_prefix("tcp://")).unwrap_or(text);
        let endpoint: Endpoint = bare.parse()?;
        if endpoint.port == 0 {
            return Err(UpstreamParseError::Port(endpoint));
        }
        Ok(match tls {
            Some(_) => Self::Tls {
                endpoint,
                settings: Box::default(),
            },
            None => Self::Tcp(endpoint),
        })
    }
}

impl fmt::Display for UpstreamAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(endpoint) => write!(f, "{endpoint}"),
            Self::Tls { endpoint, .. } => write!(f, "tls://{endpoint}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_prints_as_it_parses() {
        let check = |text: &str, printed: &str| {
            let upstream: UpstreamConfig = text.parse().unwrap();
            assert_eq!(upstream.address.to_string(), printed);
        };
        check("db:7000", "db:7000");
        check("[::1]:7000", "[::1]:7000");
        check("tcp://db:7000", "db:7000");
        check("tls://db:7000", "tls://db:7000");
        check("unix:/run/db.sock", "unix:/run/db.sock");
    }

    #[test]
    fn name_and_settings_are_parsed_around_the_address() {
        let upstream: UpstreamConfig = "db.1=tls://db:7000?framing=u32le&ca=/etc/ca.pem&proxy=v2"
            .parse()
            .unwrap();
        assert!(upstream.proxy);
        assert_eq!(upstream.name.as_deref(), Some("db.1"));
        assert_eq!(upstream.framings.framing, Framing::U32LE);
        let UpstreamAddress::Tls { settings, .. } = upstream.address else {
            panic!("expected tls://");
        };
        assert_eq!(settings.ca, Some("/etc/ca.pem".into()));
    }

    #[test]
    fn settings_print_as_they_parse() {
        let check = |text: &str| {
            let upstream: UpstreamConfig = text.parse().unwrap();
            let UpstreamConfig {
                framings,
                proxy,
                subprotocols,
                compression,
                ..
            } = upstream;
            let printed = upstream
                .address
                .to_option(&framings, proxy, &subprotocols, compression);
            assert_eq!(printed, text);
        };
        check("db:7000");
        check("unix:/run/db.sock?framing=lines");
        check("db:7000?proxy=v2");
        check("db:5432?framing=1+u32be-inclusive&first-sent=u32be-inclusive");
        check("db:5672?framing=u32be-inclusive&first=fixed8");
        check("db:1?first-received=fixed128");
        check("db:1?compress=messages");
        check("db:1?proxy=v2&compress=takeover");
        check("tls://db:7000?framing=u16be&ca=/etc/ca.pem&proxy=v2");
        check("tls://10.0.0.7:7000?cert=/etc/c.pem&key=/etc/k.pem&name=db.example");
        let pin = ["AB"; 32].join(":");
        check(&format!("tls://db:7000?fingerprint={pin}"));
        check("db:1883?framing=raw&subprotocol=mqtt&subprotocol=mqttv3.1");
    }

    #[test]
    fn parse_error_names_the_fault() {
        let check = |text: &str, expected: &str| {
            let error = text.parse::<UpstreamConfig>().unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        check("db", "expected HOST:PORT");
        check(
            "http://db:80",
            "tcp://HOST:PORT, tls://HOST:PORT, unix:PATH",
        );
        check("db:0", "a port from 1 to 65535");
        check("unix:", "unix:/run/service.sock");
        check("unix:@service", "abstract sockets are not supported");
        let long = format!("unix:/{}", "x".repeat(200));
        check(&long, "bytes, and this one has 201");
        check("a/b=db:1", "\"a/b\" is not a name");
        check("..=db:1", "\"..\" is not a name");
        check("=db:1", "\"\" is not a name");
        check("db:1?speed=fast", "unknown setting \"speed=fast\"");
        check(
            "db:1?framing=lines&framing=u8",
            "setting framing is given twice",
        );
        check("tls://db:1?ca=a&ca=b", "setting ca is given twice");
        check("db:1?ca=x", "for tls:// ca, cert, key, name or fingerprint");
        check("db:1?name=x", "unknown setting \"name=x\"");
        check("tls://db:1?cert=x", "cert: a client certificate takes both");
        check("tls://db:1?key=x", "key: a client certificate takes both");
        check("tls://db:1?fingerprint=AB", "expected a SHA-256 of 64");
        check(
            "tls://db:1?name=a/b",
            "a certificate cannot be for the host \"a/b\"",
        );
        let pin = "ab".repeat(32);
        let both = format!("tls://db:1?ca=x&fingerprint=SHA256:{pin}");
        check(&both, "fingerprint takes the place of CAs");
        check(
            "db:1?proxy=v1",
            "expected framing, first, first-sent, first-received, proxy=v2",
        );
        check("db:1?subprotocol=", "\"\" is not a subprotocol");
        check("db:1?subprotocol=a b", "\"a b\" is not a subprotocol");
        check("db:1?subprotocol=\"mqtt\"", "expected a name such as mqtt");
        check("db:1?subprotocol=framegate.token.YQ", "never confirmed");
        check(
            "db:1?framing=u33",
            "setting framing: framing \"u33\": u33: no length of 33 bits",
        );
        check("db:1?first=mqtt", "setting first: unknown framing \"mqtt\"");
    }
}
