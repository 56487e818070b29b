//! Options of TLS for the page and the bridge.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
#[command(next_help_heading = "TLS for the page and the bridge")]
pub(crate) struct TlsArgs {
    /// The certificate chain, the server's certificate first, in PEM
    ///
    /// SIGHUP reloads the certificate and the key, for new connections.
    #[arg(long, value_name = "FILE", env = "FRAMEGATE_TLS_CERT")]
    pub(crate) tls_cert: Option<PathBuf>,

    /// The certificate's private key, in PEM
    #[arg(long, value_name = "FILE", env = "FRAMEGATE_TLS_KEY")]
    pub(crate) tls_key: Option<PathBuf>,

    /// Generate a self-signed certificate at each start, for trials: browsers warn about it
    #[arg(
        long,
        value_name = "BOOL",
        env = "FRAMEGATE_TLS_SELF_SIGNED",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        default_value = "false"
    )]
    pub(crate) tls_self_signed: bool,
}
