//! One measurement: a fresh server under the load of `framegate bench`.

use std::time::Duration;

use serde::Deserialize;

use crate::contender::{Contender, Kind};
use crate::program::sibling_program;
use crate::server::{Cpus, Server};
use crate::tls;
use crate::workload::Workload;

/// The options of all measurements of a run.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) time: Duration,
    pub(crate) warm_up: Duration,
    pub(crate) server_cpus: Cpus,
    /// The processors of the client, and of a bridge's upstream.
    pub(crate) client_cpus: Cpus,
}

/// The figures of a measurement: those fields of `framegate bench --json` that tables have.
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
    /// Measures `contender` under `workload`; a bridge has `upstream` behind it.
    ///
    /// # Errors
    /// A message, if a server does not start or a reply is missing or wrong.
    pub(crate) async fn measure(
        &self,
        contender: &Contender,
        upstream: &Contender,
        workload: &Workload,
    ) -> Result<Figures, String> {
        let first = Cpus::first();
        let (server_cpus, client_cpus) = if workload.is_pinned {
            (&first, &first)
        } else {
            (&self.server_cpus, &self.client_cpus)
        };
        let upstream = match contender.kind {
            Kind::Echo => None,
            Kind::Bridge | Kind::TlsBridge => {
                Some(Server::start(upstream, None, client_cpus).await?)
            }
        };
        let server = Server::start(contender, upstream.as_ref(), server_cpus).await?;
        let pid = server.pid().map_err(|error| error.to_string())?;
        let mut command = client_cpus.command(sibling_program("framegate"));
        command
            .args(["bench", &server.url(), "--json"])
            .arg(format!("--server-pid={pid}"))
            .arg(format!("--connections={}", workload.connections))
            .arg(format!("--size={}", workload.payload_len))
            .arg(format!("--in-flight={}", workload.in_flight))
            .args(workload.extent_args(self.time, self.warm_up))
            .args(
                workload
                    .idle
                    .map(|it| format!("--idle={}ms", it.as_millis())),
            )
            .args(contender.framing.map(|it| format!("--framing={it}")))
            .args(contender.is_stream.then_some("--stream"))
            .args(contender.is_resumable.then_some("--resume"));
        if contender.kind == Kind::TlsBridge {
            command
                .arg("--ca")
                .arg(tls::folder().join("certificate.pem"));
        }
        let output = command.output().await.map_err(|error| error.to_string())?;
        if output.status.success() {
            serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).trim().into())
        }
    }
}

impl Figures {
    /// The server's memory for a connection that is idle again, in bytes.
    pub(crate) fn memory_per_connection(&self, connections: u32) -> f64 {
        let Usage {
            memory_before_bytes: before,
            memory_after_bytes: after,
            ..
        } = self.server;
        after.saturating_sub(before) as f64 / f64::from(connections)
    }

    /// The time from the first connection to the last reply, in seconds.
    pub(crate) fn open_and_answered(&self) -> f64 {
        self.open_seconds + self.seconds
    }
}
