//! Settings and shared state of the echo service, the same for all of its connections.

use std::sync::Arc;

use bytes::Bytes;
use protocol::{Decoder, Framing};

use crate::config::Config;
use crate::echo::own_connections::OwnConnections;
use crate::listener::peer::Peer;
use crate::observe::Tap;
use crate::shared::Shared;

/// The echo service.
#[derive(Debug)]
pub(crate) struct EchoService {
    pub(super) prefix: Bytes,
    pub(super) decoder: Decoder,
    pub(super) framing: Framing,
    pub(super) shared: Arc<Shared>,
    pub(super) own_connections: OwnConnections,
}

impl EchoService {
    pub(crate) fn new(
        config: &Config,
        shared: Arc<Shared>,
        own_connections: OwnConnections,
    ) -> Self {
        Self {
            prefix: config.prefix.clone().into(),
            decoder: Decoder::new(config.framing, config.max_echo()),
            framing: config.framing,
            shared,
            own_connections,
        }
    }

    /// A tap for a connection; `None` while it is unknown if that is the gateway's own.
    pub(super) fn tap(&self, peer: Peer) -> Option<Tap> {
        if self.shared.observers.live_feed.is_none() {
            return Some(Tap::default());
        }
        let is_own = self.own_connections.is_known_as_own(peer.addr)?;
        Some(self.tap_unless_own(peer, is_own))
    }

    /// A tap for a connection, unless it is the gateway's own: its session has a tap.
    pub(super) fn tap_unless_own(&self, peer: Peer, is_own: bool) -> Tap {
        match is_own {
            true => Tap::default(),
            false => self.shared.observers.echo(peer.client(), self.framing),
        }
    }
}
