//! The deployment under test: three gateways behind HAProxy.

use std::io;
use std::net::Ipv4Addr;
use std::path::Path;

use testkit::ReservedPort;

use crate::Failure;
use crate::affinity::Affinity;
use crate::connection::Entrypoint;
use crate::gateway::{Addrs, Gateway, GatewayLog};
use crate::haproxy::{HaProxy, SERVERS};

/// Three gateways, each on an address of its own, behind HAProxy.
pub(crate) struct Deployment<'a> {
    program: &'a Path,
    ports: [Ports; SERVERS],
    gateways: [Option<Gateway>; SERVERS],
    pub(crate) haproxy: HaProxy,
    /// The logs of gateways that have ended.
    logs: Vec<GatewayLog>,
}

/// The ports of a gateway: reserved, as they have to stay its own while it restarts.
struct Ports {
    http: ReservedPort,
    tcp: ReservedPort,
    admin: ReservedPort,
}

impl Ports {
    fn reserve(ip: Ipv4Addr) -> io::Result<Self> {
        Ok(Self {
            http: ReservedPort::on(ip)?,
            tcp: ReservedPort::on(ip)?,
            admin: ReservedPort::on(ip)?,
        })
    }

    fn addrs(&self) -> Addrs {
        Addrs {
            http: self.http.addr(),
            tcp: self.tcp.addr(),
            admin: self.admin.addr(),
        }
    }
}

impl<'a> Deployment<'a> {
    /// Starts all, and waits until HAProxy sees every gateway up.
    pub(crate) async fn start(program: &'a Path) -> Result<Self, Failure> {
        let ports = reserve_ports()?;
        let gateways = start_gateways(program, &ports).await?;
        Self::with(program, ports, gateways).await
    }

    /// Starts all with the gateways pinned to the first processor, and the processes that
    /// this thread starts from now on, such as HAProxy, to the others.
    pub(crate) async fn start_pinned(
        program: &'a Path,
        affinity: &Affinity,
    ) -> Result<Self, Failure> {
        let ports = reserve_ports()?;
        affinity.pin_to_first()?;
        let gateways = start_gateways(program, &ports).await?;
        affinity.pin_to_others()?;
        Self::with(program, ports, gateways).await
    }

    async fn with(
        program: &'a Path,
        ports: [Ports; SERVERS],
        gateways: [Gateway; SERVERS],
    ) -> Result<Self, Failure> {
        let haproxy = HaProxy::start(ports.each_ref().map(Ports::addrs)).await?;
        haproxy.wait_until_up([true; SERVERS]).await?;
        Ok(Self {
            program,
            ports,
            gateways: gateways.map(Some),
            haproxy,
            logs: Vec::new(),
        })
    }

    pub(crate) fn entrypoints(&self) -> [Entrypoint; 2] {
        [
            Entrypoint::Bridge(self.haproxy.web()),
            Entrypoint::Echo(self.haproxy.echo()),
        ]
    }

    /// The gateways that run.
    pub(crate) fn running(&self) -> impl Iterator<Item = &Gateway> {
        self.gateways.iter().flatten()
    }

    /// Takes a running gateway out of the deployment.
    pub(crate) fn take(&mut self, number: usize) -> Result<Gateway, Failure> {
        let gateway = self.gateways[number].take();
        gateway.ok_or_else(|| "that gateway does not run".into())
    }

    /// Drains a gateway, and waits until it has ended.
    pub(crate) async fn stop(&mut self, number: usize) -> Result<(), Failure> {
        let log = self.take(number)?.stop().await?;
        self.logs.push(log);
        Ok(())
    }

    /// Starts a gateway at the addresses that it had before.
    pub(crate) async fn restart(&mut self, number: usize) -> Result<(), Failure> {
        let addrs = self.ports[number].addrs();
        self.gateways[number] = Some(start_gateway(self.program, number, addrs).await?);
        Ok(())
    }

    /// Waits until HAProxy sees the gateways that run up, and the others down.
    pub(crate) async fn wait_for_health_checks(&self) -> Result<(), Failure> {
        let up = self.gateways.each_ref().map(Option::is_some);
        self.haproxy.wait_until_up(up).await
    }

    /// Drains all gateways, and returns the logs of all that have drained.
    pub(crate) async fn finish(mut self) -> Result<Vec<GatewayLog>, Failure> {
        for number in 0..SERVERS {
            if self.gateways[number].is_some() {
                self.stop(number).await?;
            }
        }
        Ok(self.logs)
    }
}

fn reserve_ports() -> io::Result<[Ports; SERVERS]> {
    let reserve = |number| Ports::reserve(Ipv4Addr::new(127, 0, 1, number));
    Ok([reserve(1)?, reserve(2)?, reserve(3)?])
}

async fn start_gateways(
    program: &Path,
    ports: &[Ports; SERVERS],
) -> Result<[Gateway; SERVERS], Failure> {
    let start = async |number: usize| start_gateway(program, number, ports[number].addrs()).await;
    Ok([start(0).await?, start(1).await?, start(2).await?])
}

/// Starts a gateway with the options that haproxy.cfg asks for.
async fn start_gateway(program: &Path, number: usize, addrs: Addrs) -> Result<Gateway, Failure> {
    let options = [
        "--trusted-proxy=127.0.0.0/8".into(),
        "--proxy-protocol".into(),
        format!("--gateway-id=g{}", number + 1),
    ];
    Gateway::start(program, addrs, &options).await
}
