//! One measurement: a fresh server, and `framegate bench` before it.

use std::time::Duration;

use serde::Deserialize;

use crate::contender::{Contender, Kind, beside_us};
use crate::server::{Cpus, Server};
use crate::workload::Workload;

/// How to measure.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) time: Duration,
    pub(crate) warm_up: Duration,
    pub(crate) server_cpus: Cpus,
    /// Also for what stands behind a bridge.
    pub(crate) client_cpus: Cpus,
}

/// What came of it: what is used of `framegate bench --json`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Figures {
    pub(crate) open_seconds: f64,
    pub(crate) seconds: f64,
    pub(crate) messages_per_second: f64,
    pub(crate) latency_us: Latency,
    pub(crate) server: Usage,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Latency {
    pub(crate) p99: f64,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Usage {
    pub(crate) messages_per_cpu_second: f64,
    pub(crate) memory_before_bytes: u64,
    pub(crate) memory_after_bytes: u64,
}

impl Setup {
    /// Puts `workload` on `contender`, with `upstream` behind it if it is a bridge.
    pub(crate) fn measure(
        &self,
        contender: &Contender,
        upstream: &Contender,
        workload: &Workload,
    ) -> Result<Figures, String> {
        let one = Cpus::one();
        let (for_server, for_client) = if workload.is_pinned {
            (&one, &one)
        } else {
            (&self.server_cpus, &self.client_cpus)
        };
        let upstream = match contender.kind {
            Kind::Echo => None,
            Kind::Bridge => Some(Server::start(upstream, None, for_client)?),
        };
        let server = Server::start(contender, upstream.as_ref(), for_server)?;
        let mut command = for_client.run(beside_us("framegate"));
        command
            .args(["bench", &server.target(), "--json"])
            .arg(format!("--server-pid={}", server.pid()))
            .arg(format!("--connections={}", workload.connections))
            .arg(format!("--size={}", workload.payload_len))
            .arg(format!("--in-flight={}", workload.in_flight))
            .args(workload.length_args(self.time, self.warm_up))
            .args(contender.is_stream.then_some("--stream"));
        let output = command.output().map_err(|error| error.to_string())?;
        if output.status.success() {
            serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).trim().into())
        }
    }
}

impl Figures {
    /// What a connection that is idle again keeps, in bytes.
    pub(crate) fn memory_each(&self, connections: u32) -> f64 {
        let Usage {
            memory_before_bytes: before,
            memory_after_bytes: after,
            ..
        } = self.server;
        after.saturating_sub(before) as f64 / f64::from(connections)
    }

    /// From the first connection to the last reply.
    pub(crate) fn until_answered(&self) -> f64 {
        self.open_seconds + self.seconds
    }
}
