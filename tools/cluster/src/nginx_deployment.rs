//! Three gateways behind nginx with `deploy/nginx/several-gateways.conf`.

use std::net::Ipv4Addr;
use std::path::Path;

use testkit::ServerProcess;

use crate::Failure;
use crate::gateway::{Addrs, Gateway};
use crate::haproxy::SERVERS;
use crate::nginx::{NAME, Nginx};

/// Gateways, each on an address of its own, behind nginx.
pub(crate) struct NginxDeployment {
    pub(crate) gateways: [Option<Gateway>; SERVERS],
    pub(crate) nginx: Nginx,
    /// The running nginx; `None` while it is restarted.
    server: Option<ServerProcess>,
}

impl NginxDeployment {
    /// Starts the gateways with the options that the file asks for, then nginx.
    pub(crate) async fn start(program: &Path) -> Result<Self, Failure> {
        let start = async |number: u8| {
            let options = [
                "--trusted-proxy=127.0.0.0/8".into(),
                format!("--allow-host={NAME}"),
                format!("--gateway-id=g{number}"),
            ];
            let addrs = Addrs::free(Ipv4Addr::new(127, 0, 1, 10 + number));
            Gateway::start(program, addrs, &options).await
        };
        let gateways = [start(1).await?, start(2).await?, start(3).await?];
        let addrs = gateways.each_ref().map(|gateway| gateway.addrs.http);
        let nginx = Nginx::prepare("several-gateways.conf", &addrs).await?;
        let server = nginx.start().await?;
        Ok(Self {
            gateways: gateways.map(Some),
            nginx,
            server: Some(server),
        })
    }

    /// Kills nginx, which cuts all connections, and starts it again.
    pub(crate) async fn restart_nginx(&mut self) -> Result<(), Failure> {
        self.server = None;
        self.server = Some(self.nginx.start().await?);
        Ok(())
    }

    /// Drains the gateways that run.
    pub(crate) async fn finish(self) -> Result<(), Failure> {
        for gateway in self.gateways.into_iter().flatten() {
            gateway.stop().await?;
        }
        Ok(())
    }
}
