//! The report of a benchmark, as text or JSON.

use std::fmt;

use bytesize::ByteSize;
use hdrhistogram::Histogram;
use net::untrusted::Untrusted;
use serde::Serialize;

/// The results of a benchmark. The names of its fields are those of the JSON object.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) target: String,
    pub(super) connections: u32,
    pub(super) payload_bytes: usize,
    pub(super) in_flight: u32,
    /// The time until all connections were open.
    pub(super) open_seconds: f64,
    /// The number of answered messages.
    pub(super) messages: u64,
    /// The time from the first message to the last reply.
    pub(super) seconds: f64,
    pub(super) messages_per_second: f64,
    pub(super) latency_us: Latency,
    /// The part of the service in it, as the gateway has measured; `None` without `--resume`.
    pub(super) service_us: Option<Latency>,
    /// The processor time of the client, if the system has a clock for it.
    pub(super) client_cpu_seconds: Option<f64>,
    /// `None` without `--server-pid`.
    pub(super) server: Option<ServerReport>,
}

/// The time from writing a message to reading the end of its reply: percentiles, in
/// microseconds.
#[derive(Debug, Serialize)]
pub(super) struct Latency {
    pub(super) p50: f64,
    pub(super) p90: f64,
    pub(super) p99: f64,
    #[serde(rename = "p99.9")]
    pub(super) p99_9: f64,
    pub(super) max: f64,
}

/// The resources that the server used.
#[derive(Debug, Serialize)]
pub(super) struct ServerReport {
    pub(super) cpu_seconds: f64,
    pub(super) messages_per_cpu_second: f64,
    /// Before the connections were opened.
    pub(super) memory_before_bytes: u64,
    /// With all of them open, before the first message.
    pub(super) memory_open_bytes: u64,
    /// With all of them open, after the last reply and `--idle`.
    pub(super) memory_after_bytes: u64,
}

impl Latency {
    /// Returns the percentiles of a histogram in nanoseconds.
    pub(super) fn of(nanos: &Histogram<u64>) -> Self {
        let micros = |nanos: u64| nanos as f64 / 1e3;
        let at = |quantile| micros(nanos.value_at_quantile(quantile));
        Self {
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p99_9: at(0.999),
            max: micros(nanos.max()),
        }
    }
}

/// The longest target that is printed, in characters.
const MAX_TARGET: usize = 4096;

impl Report {
    /// The load of the client, in cores, from which on it may be the bottleneck.
    const BUSY: f64 = 0.9;

    fn client_load(&self) -> Option<f64> {
        Some(self.client_cpu_seconds? / self.seconds)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (target, connections, in_flight) = (&self.target, self.connections, self.in_flight);
        let payload = ByteSize(self.payload_bytes as u64);
        let open = format_time(self.open_seconds * 1e6);
        writeln!(
            f,
            "{}: {connections} connections, {payload}, {in_flight} in flight each",
            Untrusted::from(&**target).up_to(MAX_TARGET)
        )?;
        writeln!(f, "  opened    {connections} in {open}")?;
        writeln!(
            f,
            "  answered  {} in {:.2} s: {} a second",
            self.messages,
            self.seconds,
            format_count(self.messages_per_second)
        )?;
        writeln!(f, "  latency   {}", self.latency_us)?;
        if let Some(service) = &self.service_us {
            writeln!(f, "  service   {service}")?;
        }
        if let Some(load) = self.client_load() {
            let note = if load >= Self::BUSY {
                "; the client may be the bottleneck"
            } else {
                ""
            };
            writeln!(f, "  client    {:.0} % of a core{note}", load * 100.0)?;
        }
        match &self.server {
            Some(server) => self.write_server(f, server),
            None => Ok(()),
        }
    }
}

impl Report {
    fn write_server(&self, f: &mut fmt::Formatter<'_>, server: &ServerReport) -> fmt::Result {
        let load = server.cpu_seconds / self.seconds * 100.0;
        let per_cpu = format_count(server.messages_per_cpu_second);
        writeln!(
            f,
            "  server    {load:.0} % of a core, {per_cpu} messages per CPU second"
        )?;
        let grown = server
            .memory_after_bytes
            .saturating_sub(server.memory_before_bytes);
        writeln!(
            f,
            "  memory    {} before, {} open, {} after: {} a connection",
            ByteSize(server.memory_before_bytes),
            ByteSize(server.memory_open_bytes),
            ByteSize(server.memory_after_bytes),
            ByteSize(grown / u64::from(self.connections)),
        )
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "p50 {}, p90 {}, p99 {}, p99.9 {}, max {}",
            format_time(self.p50),
            format_time(self.p90),
            format_time(self.p99),
            format_time(self.p99_9),
            format_time(self.max)
        )
    }
}

fn format_time(micros: f64) -> String {
    match micros {
        ..1e3 => format!("{micros:.1} µs"),
        1e3..1e6 => format!("{:.2} ms", micros / 1e3),
        _ => format!("{:.2} s", micros / 1e6),
    }
}

/// Returns a count in three or four digits, in thousands or millions.
pub(super) fn format_count(count: f64) -> String {
    match count {
        ..1e4 => format!("{count:.0}"),
        1e4..1e6 => format!("{:.1}k", count / 1e3),
        _ => format!("{:.2}M", count / 1e6),
    }
}
