//! Scaling: the cost of a message and of a session as sessions, payloads and messages grow.

use crate::contender::{Contender, FRAMEGATE};
use crate::measure::{Figures, Setup};
use crate::table::{Table, short};
use crate::workload::Workload;

const PAYLOADS: [usize; 7] = [1, 32, 1 << 10, 32 << 10, 1 << 20, 4 << 20, 16 << 20];
const MESSAGES: [u64; 4] = [10_000, 100_000, 1_000_000, 10_000_000];

/// Measures framegate and the references; returns a table for each measure.
pub(crate) async fn run(
    setup: &Setup,
    contenders: &[Contender],
    upstream: &Contender,
) -> Vec<Table> {
    let is_wanted = |c: &&Contender| FRAMEGATE.contains(&c.name) || c.name.starts_with("c-");
    let contenders: Vec<_> = contenders.iter().filter(is_wanted).collect();
    let sessions = sessions();
    let sessions = sessions.map(|count| (count.to_string(), Workload::new("", count, 32, 1)));
    let payloads = PAYLOADS.map(|len| (size(len), Workload::new("", 2, len, 1)));
    let flood = Workload::new("", 16, 32, 64);
    let messages = MESSAGES.map(|count| (count.to_string(), flood.count(count)));
    let sweep = async |workloads: &[(String, Workload)], measures: &[Measure]| {
        sweep(setup, &contenders, upstream, workloads, measures).await
    };
    let mut tables = sweep(&sessions, &[COST_BY_SESSIONS, MEMORY_BY_SESSIONS]).await;
    tables.extend(sweep(&payloads, &[COST_BY_PAYLOAD]).await);
    tables.extend(sweep(&messages, &[COST_BY_MESSAGES]).await);
    tables
}

/// A table's title, and a cell's value in a measurement.
type Measure = (&'static str, fn(&Workload, &Figures) -> f64);

const COST_BY_SESSIONS: Measure = ("CPU µs a message, by sessions", cpu_micros);
const COST_BY_PAYLOAD: Measure = ("CPU µs a message, by payload", cpu_micros);
const COST_BY_MESSAGES: Measure = ("CPU µs a message, by messages", cpu_micros);
const MEMORY_BY_SESSIONS: Measure = ("bytes a session, by sessions", |workload, figures| {
    figures.memory_per_connection(workload.connections)
});

fn cpu_micros(_: &Workload, figures: &Figures) -> f64 {
    1e6 / figures.server.messages_per_cpu_second
}

/// Measures each contender once under each workload; returns a table for each measure.
async fn sweep(
    setup: &Setup,
    contenders: &[&Contender],
    upstream: &Contender,
    workloads: &[(String, Workload)],
    measures: &[Measure],
) -> Vec<Table> {
    let columns = || workloads.iter().map(|(name, _)| name.clone());
    let table = |(title, _): &Measure| Table::new(title, columns());
    let mut tables: Vec<_> = measures.iter().map(table).collect();
    for contender in contenders {
        let mut figures = Vec::new();
        for (name, workload) in workloads {
            let measured = setup.measure(contender, upstream, workload).await;
            figures.push(
                measured.inspect_err(|error| eprintln!("{} {name}: {error}", contender.name)),
            );
        }
        for (table, (_, of)) in tables.iter_mut().zip(measures) {
            let cell = |((_, workload), figures): (&(String, Workload), &Result<Figures, _>)| {
                let figure = figures.as_ref().map(|figures| short(of(workload, figures)));
                figure.unwrap_or_else(|_: &String| "–".into())
            };
            let cells = workloads.iter().zip(&figures).map(cell).collect();
            table.push(contender.name, cells);
        }
    }
    tables
}

/// Numbers of sessions: up to 10,000, or as many as a bridge with two open files for each can
/// have under the system's limit.
fn sessions() -> [u32; 5] {
    const OTHER_FILES: u64 = 100;
    let (_, files) = rlimit::Resource::NOFILE.get().unwrap_or((0, u64::MAX));
    let most = u32::try_from(files.saturating_sub(OTHER_FILES) / 2).unwrap_or(u32::MAX);
    [1, 10, 100, 1_000, most.min(10_000)]
}

fn size(len: usize) -> String {
    match len {
        ..1024 => format!("{len} B"),
        1024..1_048_576 => format!("{} KiB", len >> 10),
        _ => format!("{} MiB", len >> 20),
    }
}
