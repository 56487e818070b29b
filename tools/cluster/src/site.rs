//! Three gateways behind HAProxy.

use std::net::Ipv4Addr;
use std::path::Path;

use crate::Failure;
use crate::gateway::{Addrs, Gateway, Life};
use crate::haproxy::{HaProxy, SERVERS};
use crate::link::Door;
use crate::processors::Processors;

/// Three gateways, each on an address of its own, behind HAProxy.
pub(crate) struct Site<'a> {
    program: &'a Path,
    addrs: [Addrs; SERVERS],
    gateways: [Option<Gateway>; SERVERS],
    pub(crate) haproxy: HaProxy,
    /// What the logs of those that have ended say.
    pub(crate) lives: Vec<Life>,
}

impl<'a> Site<'a> {
    /// Starts all, and waits until HAProxy has found them.
    pub(crate) async fn start(program: &'a Path) -> Result<Self, Failure> {
        let gateways = gateways(program).await?;
        Self::with(program, gateways).await
    }

    /// The same, with the gateways on the first of `processors`, and what this thread starts
    /// from now on, such as HAProxy, on the others.
    pub(crate) async fn start_apart(
        program: &'a Path,
        processors: &Processors,
    ) -> Result<Self, Failure> {
        processors.only_first()?;
        let gateways = gateways(program).await?;
        processors.only_others()?;
        Self::with(program, gateways).await
    }

    async fn with(program: &'a Path, gateways: [Gateway; SERVERS]) -> Result<Self, Failure> {
        let addrs = gateways.each_ref().map(|gateway| gateway.addrs);
        let haproxy = HaProxy::start(addrs).await?;
        haproxy.sees([true; SERVERS]).await?;
        Ok(Self {
            program,
            addrs,
            gateways: gateways.map(Some),
            haproxy,
            lives: Vec::new(),
        })
    }

    /// The ways in.
    pub(crate) fn doors(&self) -> [Door; 2] {
        [
            Door::Bridge(self.haproxy.web),
            Door::Echo(self.haproxy.echo),
        ]
    }

    /// The gateways that run.
    pub(crate) fn running(&self) -> impl Iterator<Item = &Gateway> {
        self.gateways.iter().flatten()
    }

    /// Takes a gateway out of the site as it is.
    pub(crate) fn take(&mut self, number: usize) -> Result<Gateway, Failure> {
        let gateway = self.gateways[number].take();
        gateway.ok_or_else(|| "that gateway does not run".into())
    }

    /// Lets a gateway drain and end.
    pub(crate) async fn stop(&mut self, number: usize) -> Result<(), Failure> {
        let life = self.take(number)?.stop().await?;
        self.lives.push(life);
        Ok(())
    }

    /// Starts a gateway where it was before.
    pub(crate) async fn start_again(&mut self, number: usize) -> Result<(), Failure> {
        let gateway = Gateway::start(self.program, self.addrs[number], &trusting()).await?;
        self.gateways[number] = Some(gateway);
        Ok(())
    }

    /// Waits until HAProxy sees which gateways run.
    pub(crate) async fn is_seen(&self) -> Result<(), Failure> {
        let up = self.gateways.each_ref().map(Option::is_some);
        self.haproxy.sees(up).await
    }

    /// Lets all gateways drain and end; returns what the logs say of every life.
    pub(crate) async fn finish(mut self) -> Result<Vec<Life>, Failure> {
        for number in 0..SERVERS {
            if self.gateways[number].is_some() {
                self.stop(number).await?;
            }
        }
        Ok(self.lives)
    }
}

async fn gateways(program: &Path) -> Result<[Gateway; SERVERS], Failure> {
    let start = async |number: u8| {
        let ip = Ipv4Addr::new(127, 0, 1, number);
        Gateway::start(program, Addrs::free(ip), &trusting()).await
    };
    Ok([start(1).await?, start(2).await?, start(3).await?])
}

/// The options that haproxy.cfg says, but for the addresses.
fn trusting() -> [String; 2] {
    ["--trusted-proxy=127.0.0.0/8", "--proxy-protocol"].map(Into::into)
}
