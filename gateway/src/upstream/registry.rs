//! Registry of the upstreams, chosen by the path of the bridge.
//!
//! `/ws` leads to the default upstream, `/ws/NAME` to the others. No other part of a request
//! chooses an upstream.

use std::net::IpAddr;
use std::sync::Arc;

use net::listen_address::LocalAddr;
use net::peer_addr::ClientHost;
use protocol::Framings;

use crate::config::Config;
use crate::listener::peer::AddrPair;
use crate::listener::trusted_proxy::is_trusted;
use crate::upstream::address::{ECHO, UpstreamAddress, UpstreamConfig};
use crate::upstream::compression::Compression;
use crate::upstream::connect::{UpstreamConnector, UpstreamSetupError};
use crate::upstream::subprotocols::Subprotocols;

/// An upstream that can be connected to.
#[derive(Debug)]
pub(crate) struct Upstream {
    pub(crate) name: String,
    pub(crate) connector: UpstreamConnector,
    pub(crate) framings: Arc<Framings>,
    pub(crate) subprotocols: Subprotocols,
    pub(crate) compression: Compression,
    /// The longest payload that a client may send to it, in bytes.
    pub(crate) max_frame: usize,
    /// The host of the gateway's own echo service, if this is it.
    pub(crate) own_echo: Option<ClientHost>,
}

/// All upstreams, the default first; there is at least one, once the echo service is added.
#[derive(Debug, Clone)]
pub struct UpstreamRegistry(Arc<[Arc<Upstream>]>);

impl UpstreamRegistry {
    /// Registers the upstreams of `config`, and reads their files, before any address is bound.
    /// [`with_echo`](Self::with_echo) adds the echo service.
    ///
    /// The default is the upstream without a name, otherwise the echo service, otherwise the
    /// first upstream.
    ///
    /// # Errors
    /// [`UpstreamSetupError`] if an upstream could never be reached.
    pub(crate) fn new(config: &Config) -> Result<Self, UpstreamSetupError> {
        let max_frame = config.limits.max_frame;
        let unnamed = config.upstreams.iter().filter(|it| it.name.is_none());
        let named = config.upstreams.iter().filter(|it| it.name.is_some());
        let upstreams = unnamed.chain(named);
        let upstreams = upstreams.map(|it| Upstream::new(it, max_frame).map(Arc::new));
        Ok(Self(upstreams.collect::<Result<_, _>>()?))
    }

    /// Adds the echo service at `addr`, unless an upstream without a name takes its place.
    ///
    /// # Errors
    /// [`UpstreamSetupError`] if it could never be reached.
    pub(crate) fn with_echo(
        self,
        config: &Config,
        addr: &LocalAddr,
    ) -> Result<Self, UpstreamSetupError> {
        if config.upstreams.iter().any(|it| it.name.is_none()) {
            return Ok(self);
        }
        let echo = Arc::new(Upstream::echo(config, addr)?);
        Ok(Self(
            [echo].into_iter().chain(self.0.iter().cloned()).collect(),
        ))
    }

    /// Returns true if files are set for an upstream's TLS.
    pub fn has_files(&self) -> bool {
        self.0.iter().any(|upstream| upstream.connector.has_files())
    }

    /// Reads the files for TLS to all upstreams again. Returns an error for each upstream whose
    /// earlier files stay in force.
    pub fn reload(&self) -> Vec<UpstreamSetupError> {
        let reloaded = self.0.iter().map(|upstream| upstream.connector.reload());
        reloaded.filter_map(Result::err).collect()
    }

    /// The upstream for clients that choose none.
    pub(crate) fn default(&self) -> &Arc<Upstream> {
        &self.0[0]
    }

    /// The upstream called `name`.
    pub(crate) fn named(&self, name: &str) -> Option<&Arc<Upstream>> {
        self.0.iter().find(|upstream| upstream.name == name)
    }

    /// All upstreams, each with its path relative to the page.
    pub(crate) fn with_paths(&self) -> impl Iterator<Item = (String, &Upstream)> {
        let mut upstreams = self.0.iter();
        let default = upstreams.next().map(|upstream| ("ws".into(), &**upstream));
        let others = upstreams.map(|upstream| (format!("ws/{}", upstream.name), &**upstream));
        default.into_iter().chain(others)
    }
}

impl Upstream {
    fn new(upstream: &UpstreamConfig, max_frame: usize) -> Result<Self, UpstreamSetupError> {
        let address = &upstream.address;
        Ok(Self {
            name: upstream.name.clone().unwrap_or_else(|| address.to_string()),
            connector: UpstreamConnector::new(address.clone(), upstream.proxy)?,
            framings: Arc::new(upstream.framings.clone()),
            subprotocols: upstream.subprotocols.clone(),
            compression: upstream.compression,
            max_frame: max_frame.min(upstream.framings.max_sent_len()),
            own_echo: None,
        })
    }

    /// The upstream with its settings, as an option names it.
    pub(crate) fn to_option(&self) -> String {
        self.connector.address().to_option(
            &self.framings,
            self.connector.proxy,
            &self.subprotocols,
            self.compression,
        )
    }

    /// Returns true if the subprotocol `name` is confirmed to clients.
    pub(crate) fn confirms(&self, name: &str) -> bool {
        self.subprotocols.confirm(name, self.framings.framing)
    }

    /// The client's host that the gateway's own echo service counts a connection for; `None`
    /// for other upstreams.
    pub(crate) fn counted_for(&self, client: Option<AddrPair>) -> Option<ClientHost> {
        let own = self.own_echo?;
        let sent = client.filter(|_| self.connector.proxy);
        Some(sent.map_or(own, |addrs| addrs.source.ip().into()))
    }

    fn echo(config: &Config, addr: &LocalAddr) -> Result<Self, UpstreamSetupError> {
        let address = UpstreamAddress::of_listener(addr);
        let own_echo = match &address {
            UpstreamAddress::Tcp(endpoint) => endpoint.host.parse::<IpAddr>().ok().map(Into::into),
            _ => Some(ClientHost::Unix),
        };
        // If this address is a trusted proxy's, the echo service expects a PROXY header.
        let proxy = config.proxy_protocol
            && own_echo.is_some_and(|host| is_trusted(host, &config.access.trusted_proxies));
        Ok(Self {
            name: ECHO.into(),
            own_echo,
            connector: UpstreamConnector::new(address, proxy)?,
            framings: Arc::new(config.framing.into()),
            subprotocols: Subprotocols::default(),
            compression: Compression::Off,
            max_frame: config.max_echo(),
        })
    }
}
