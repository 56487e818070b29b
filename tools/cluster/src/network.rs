//! A network namespace with two links to it, which can be cut and made slow. It needs root.

use std::net::Ipv4Addr;
use std::path::Path;
use std::process::id;

use nix::unistd::Uid;
use tokio::process::Command;

use crate::Failure;
use crate::report::Report;

/// A link between this namespace and the other one. Its addresses are those for benchmarks of
/// networks (RFC 2544).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    name: &'static str,
    /// The address on this side.
    pub(crate) near: Ipv4Addr,
    /// Another address on this side, for a client that comes back with it.
    other_near: Ipv4Addr,
    /// The address in the other namespace.
    pub(crate) far: Ipv4Addr,
}

/// The link that clients use.
pub(crate) const CLIENTS: Link = Link {
    name: "c",
    near: Ipv4Addr::new(198, 18, 0, 1),
    other_near: Ipv4Addr::new(198, 18, 0, 3),
    far: Ipv4Addr::new(198, 18, 0, 2),
};

/// The link that upstreams and monitoring use.
pub(crate) const SERVICES: Link = Link {
    name: "s",
    near: Ipv4Addr::new(198, 18, 0, 9),
    other_near: Ipv4Addr::new(198, 18, 0, 11),
    far: Ipv4Addr::new(198, 18, 0, 10),
};

/// A network namespace; it is removed on drop, with its links.
#[derive(Debug)]
pub(crate) struct Network {
    name: String,
}

impl Network {
    /// Creates the namespace and its links; reports that the scenario is skipped, and returns
    /// `None`, without root.
    ///
    /// # Errors
    /// Those of `ip`.
    pub(crate) async fn new_if_root(report: &Report) -> Result<Option<Self>, Failure> {
        if !Uid::effective().is_root() {
            report.figure(
                "skipped",
                "it makes network namespaces, for which it needs root",
            );
            return Ok(None);
        }
        let name = format!("framegate-{}", id());
        ip(&["netns", "add", &name]).await?;
        let network = Self { name };
        network.inside("ip", &["link", "set", "lo", "up"]).await?;
        for link in [CLIENTS, SERVICES] {
            let (near, far) = (network.interface(link, "n"), network.interface(link, "f"));
            let peer = ["peer", "name", &far, "netns", &network.name];
            ip(&[&["link", "add", &near, "type", "veth"][..], &peer].concat()).await?;
            ip(&["addr", "add", &format!("{}/29", link.near), "dev", &near]).await?;
            ip(&["link", "set", &near, "up"]).await?;
            let addr = format!("{}/29", link.far);
            network
                .inside("ip", &["addr", "add", &addr, "dev", &far])
                .await?;
            network.inside("ip", &["link", "set", &far, "up"]).await?;
        }
        Ok(Some(network))
    }

    /// A command that runs `program` in the namespace.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name]).arg(program);
        command
    }

    /// Cuts the link: packets are lost in both directions, and neither side is told.
    pub(crate) async fn cut(&self, link: Link) -> Result<(), Failure> {
        // Each side sends to a hardware address that the other one does not have.
        let lost = ["lladdr", "02:00:00:00:00:01", "nud", "permanent"];
        self.neighbours(link, "replace", &lost).await
    }

    /// Restores a link that was cut.
    pub(crate) async fn restore(&self, link: Link) -> Result<(), Failure> {
        self.neighbours(link, "del", &[]).await
    }

    /// Takes the link down on this side, with its address: a phone that leaves its network.
    pub(crate) async fn leave(&self, link: Link) -> Result<(), Failure> {
        let near = self.interface(link, "n");
        ip(&["addr", "flush", "dev", &near]).await?;
        ip(&["link", "set", &near, "down"]).await
    }

    /// Brings the link up again, with another address on this side.
    pub(crate) async fn come_back(&self, link: Link) -> Result<(), Failure> {
        let near = self.interface(link, "n");
        let addr = format!("{}/29", link.other_near);
        ip(&["addr", "add", &addr, "dev", &near]).await?;
        ip(&["link", "set", &near, "up"]).await
    }

    /// Changes the entry of each side's neighbour table for the other side.
    async fn neighbours(&self, link: Link, change: &str, args: &[&str]) -> Result<(), Failure> {
        let (near, far) = (self.interface(link, "n"), self.interface(link, "f"));
        let addr = link.far.to_string();
        let to_far = ["neigh", change, &addr, "dev", &near];
        ip(&[&to_far[..], args].concat()).await?;
        let addr = link.near.to_string();
        let to_near = ["neigh", change, &addr, "dev", &far];
        self.inside("ip", &[&to_near[..], args].concat()).await
    }

    /// Limits what comes over the link from the namespace, in bytes a second.
    pub(crate) async fn slow_down(&self, link: Link, rate: u32) -> Result<(), Failure> {
        let (far, rate) = (self.interface(link, "f"), format!("{}bit", rate * 8));
        let bucket = ["tbf", "rate", &rate, "burst", "32k", "latency", "200ms"];
        let add = ["qdisc", "replace", "dev", &far, "root"];
        self.inside("tc", &[&add[..], &bucket].concat()).await
    }

    async fn inside(&self, program: &str, args: &[&str]) -> Result<(), Failure> {
        run(self.command(Path::new(program)).args(args)).await
    }

    /// The name of a link's interface at `end`, "n" for near and "f" for far; such names have at
    /// most 15 bytes.
    fn interface(&self, link: Link, end: &str) -> String {
        format!("fg{}{}{end}", id() % 1_000_000, link.name)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for link in [CLIENTS, SERVICES] {
            // Removes both ends.
            let near = self.interface(link, "n");
            let _ = std::process::Command::new("ip")
                .args(["link", "del", &near])
                .status();
        }
        let _ = std::process::Command::new("ip")
            .args(["netns", "del", &self.name])
            .status();
    }
}

async fn ip(args: &[&str]) -> Result<(), Failure> {
    run(Command::new("ip").args(args)).await
}

async fn run(command: &mut Command) -> Result<(), Failure> {
    let output = command.output().await?;
    match output.status.success() {
        true => Ok(()),
        false => {
            let error = String::from_utf8_lossy(&output.stderr);
            Err(format!("{:?}: {error}", command.as_std()).into())
        }
    }
}
