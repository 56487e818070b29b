//! Options of access control.

use std::path::PathBuf;

use clap::Args;

use crate::access::{AllowedHost, AllowedOrigin};
use crate::listener::trusted_proxy::TrustedProxy;

#[derive(Debug, Args)]
#[command(next_help_heading = "Access control")]
pub(crate) struct AccessArgs {
    /// Allow-list of origins whose pages may open WebSockets, besides the gateway's own;
    /// repeatable
    ///
    /// As in a browser's Origin header: scheme, host, and the port unless it is the scheme's
    /// default. "*." before the name, as in "https://*.app.example", allows all names below
    /// app.example, of one label or more, and not app.example itself; "*" allows any. Prevents
    /// cross-site WebSocket hijacking. Requests without an Origin header do not come from a
    /// page, and are allowed; see --require-origin.
    #[arg(
        long,
        value_name = "ORIGIN",
        env = "FRAMEGATE_ALLOW_ORIGIN",
        value_delimiter = ','
    )]
    pub(crate) allow_origin: Vec<AllowedOrigin>,

    /// Refuse WebSockets without an Origin header, as programs open them
    ///
    /// Also subscriptions of the live feed that come from no browser's page. A program can send an
    /// allowed Origin all the same: this is no authentication.
    #[arg(
        long,
        value_name = "BOOL",
        env = "FRAMEGATE_REQUIRE_ORIGIN",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        default_value = "false"
    )]
    pub(crate) require_origin: bool,

    /// Allow-list of host names of the gateway, besides localhost and IP addresses; repeatable
    ///
    /// Without scheme and port. *.example.com allows all names below example.com, of one label or
    /// more, and not example.com itself; "*" allows any. A request with another Host header is
    /// refused, except for /healthz and /readyz. Prevents DNS rebinding: a foreign site that
    /// points its own name at this address, so that the browser takes its pages for the
    /// gateway's.
    #[arg(
        long,
        value_name = "HOST",
        env = "FRAMEGATE_ALLOW_HOST",
        value_delimiter = ','
    )]
    pub(crate) allow_host: Vec<AllowedHost>,

    /// Allow-list of trusted proxies, whose forwarded headers are believed; repeatable
    ///
    /// An IP address, a network such as 10.0.0.0/8, or "unix" for all peers on Unix sockets. Host
    /// and Origin are checked against the proxy's X-Forwarded-Host and X-Forwarded-Proto. The last
    /// address in X-Forwarded-For that is not a trusted proxy's, with or without a port, is the
    /// client that is logged and that ?proxy=v2 tells the upstream. The proxy has to set or remove
    /// all three headers, so that clients cannot forge them. See also --proxy-protocol.
    #[arg(
        long,
        value_name = "NET",
        env = "FRAMEGATE_TRUSTED_PROXY",
        value_delimiter = ','
    )]
    pub(crate) trusted_proxy: Vec<TrustedProxy>,

    /// Require a PROXY protocol header from each --trusted-proxy, and refuse one from others
    ///
    /// Version 1 or 2, at the beginning of each connection to the page, the bridge and the echo
    /// service, before TLS. The client in the header is the one that is logged and counted for
    /// --max-connections-per-ip; X-Forwarded-* headers are then not believed, because they are the
    /// client's own. The --admin listener does not use the PROXY protocol.
    #[arg(
        long,
        value_name = "BOOL",
        env = "FRAMEGATE_PROXY_PROTOCOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        default_value = "false"
    )]
    pub(crate) proxy_protocol: bool,

    /// Require the token in FILE for the page, the bridge and the metrics, except on --admin
    ///
    /// One line of at least 16 characters. Programs send Authorization: Bearer TOKEN. Browsers
    /// log in by entering the token, or by a link, which works once, for 10 minutes: it is
    /// printed at start at a terminal, and by framegate login-link. They get a cookie for a day.
    /// An address with more than 4 wrong tokens has to wait for up to a minute between guesses.
    /// Pages of other sites, see --allow-origin, offer the subprotocols framegate and
    /// framegate.token.BASE64URL, with the token in base64url without padding.
    #[arg(long, value_name = "FILE", env = "FRAMEGATE_TOKEN_FILE")]
    pub(crate) token_file: Option<PathBuf>,
}
