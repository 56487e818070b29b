//! Registry of the upstreams, chosen by the path of the bridge.
//!
//! `/ws` leads to the default upstream, `/ws/NAME` to the others. No other part of a request
//! chooses an upstream.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use net::endpoint::Endpoint;
use protocol::Framing;

use crate::config::Config;
use crate::listener::peer::AddrPair;
use crate::listener::trusted_proxy::is_trusted;
use crate::upstream::address::{ECHO, UpstreamAddress, UpstreamConfig};
use crate::upstream::connect::{UpstreamConnector, UpstreamSetupError};
use crate::upstream::subprotocols::Subprotocols;

/// An upstream that can be connected to.
#[derive(Debug)]
pub(crate) struct Upstream {
    pub(crate) name: String,
    pub(crate) connector: UpstreamConnector,
    pub(crate) framing: Framing,
    pub(crate) subprotocols: Subprotocols,
    /// The longest payload that a client may send to it, in bytes.
    pub(crate) max_frame: usize,
    /// The address of the gateway's own echo service, if this is it.
    pub(crate) own_echo: Option<IpAddr>,
}

/// All upstreams, the default first; there is at least one.
#[derive(Debug, Clone)]
pub(crate) struct UpstreamRegistry(Arc<[Arc<Upstream>]>);

impl UpstreamRegistry {
    /// Registers the upstreams of `config`, and the echo service at `echo` if it is on.
    ///
    /// The default is the upstream without a name, otherwise the echo service, otherwise the
    /// first upstream.
    ///
    /// # Errors
    /// [`UpstreamSetupError`] if an upstream could never be reached.
    pub(crate) fn new(
        config: &Config,
        echo: Option<SocketAddr>,
    ) -> Result<Self, UpstreamSetupError> {
        let mut upstreams = Vec::new();
        let unnamed = config.upstreams.iter().find(|it| it.name.is_none());
        let max_frame = config.limits.max_frame;
        if let Some(upstream) = unnamed {
            upstreams.push(Upstream::new(upstream, max_frame)?);
        }
        if let Some(addr) = echo.filter(|_| unnamed.is_none()) {
            upstreams.push(Upstream::echo(config, addr)?);
        }
        for upstream in config.upstreams.iter().filter(|it| it.name.is_some()) {
            upstreams.push(Upstream::new(upstream, max_frame)?);
        }
        Ok(Self(upstreams.into_iter().map(Arc::new).collect()))
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
            framing: upstream.framing,
            subprotocols: upstream.subprotocols.clone(),
            max_frame: max_frame.min(upstream.framing.max_payload_len()),
            own_echo: None,
        })
    }

    /// The upstream with its settings, as an option names it.
    pub(crate) fn to_option(&self) -> String {
        self.connector
            .address()
            .to_option(self.framing, self.connector.proxy, &self.subprotocols)
    }

    /// Returns true if the subprotocol `name` is confirmed to clients.
    pub(crate) fn confirms(&self, name: &str) -> bool {
        self.subprotocols.confirm(name, self.framing)
    }

    /// The client address that the gateway's own echo service counts a connection for; `None`
    /// for other upstreams.
    pub(crate) fn counted_for(&self, client: Option<AddrPair>) -> Option<IpAddr> {
        let own = self.own_echo?;
        let sent = client.filter(|_| self.connector.proxy);
        Some(sent.map_or(own, |addrs| addrs.source.ip()))
    }

    fn echo(config: &Config, addr: SocketAddr) -> Result<Self, UpstreamSetupError> {
        let endpoint = Endpoint::local(addr);
        let own_echo = endpoint.host.parse().ok();
        // If this address is a trusted proxy's, the echo service expects a PROXY header.
        let proxy = config.proxy_protocol
            && own_echo.is_some_and(|ip| is_trusted(ip, &config.access.trusted_proxies));
        Ok(Self {
            name: ECHO.into(),
            own_echo,
            connector: UpstreamConnector::new(UpstreamAddress::Tcp(endpoint), proxy)?,
            framing: config.framing,
            subprotocols: Subprotocols::default(),
            max_frame: config.max_echo(),
        })
    }
}
