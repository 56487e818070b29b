//! What a message, a byte and a session cost, as there are more of them.

use crate::contender::{Contender, OURS};
use crate::measure::{Figures, Setup};
use crate::table::{Table, short};
use crate::workload::Workload;

const PAYLOADS: [usize; 7] = [1, 32, 1 << 10, 32 << 10, 1 << 20, 4 << 20, 16 << 20];
const MESSAGES: [u64; 4] = [10_000, 100_000, 1_000_000, 10_000_000];

/// Measures ours and the references.
pub(crate) fn run(setup: &Setup, contenders: &[Contender], upstream: &Contender) -> Vec<Table> {
    let is_wanted = |c: &&Contender| OURS.contains(&c.name) || c.name.starts_with("c-");
    let contenders: Vec<_> = contenders.iter().filter(is_wanted).collect();
    let sessions = sessions();
    let sessions = sessions.map(|count| (count.to_string(), Workload::new("", count, 32, 1)));
    let payloads = PAYLOADS.map(|len| (size(len), Workload::new("", 2, len, 1)));
    let flood = Workload::new("", 16, 32, 64);
    let messages = MESSAGES.map(|count| (count.to_string(), flood.count(count)));
    let sweep = |workloads: &[(String, Workload)], measures: &[Measure]| {
        sweep(setup, &contenders, upstream, workloads, measures)
    };
    [
        sweep(&sessions, &[COST_BY_SESSIONS, MEMORY_BY_SESSIONS]),
        sweep(&payloads, &[COST_BY_PAYLOAD]),
        sweep(&messages, &[COST_BY_MESSAGES]),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A table's title, and how a cell is taken from a measurement.
type Measure = (&'static str, fn(&Workload, &Figures) -> f64);

const COST_BY_SESSIONS: Measure = ("CPU µs a message, by sessions", cpu_micros);
const COST_BY_PAYLOAD: Measure = ("CPU µs a message, by payload", cpu_micros);
const COST_BY_MESSAGES: Measure = ("CPU µs a message, by messages", cpu_micros);
const MEMORY_BY_SESSIONS: Measure = ("bytes a session, by sessions", |workload, figures| {
    figures.memory_each(workload.connections)
});

fn cpu_micros(_: &Workload, figures: &Figures) -> f64 {
    1e6 / figures.server.messages_per_cpu_second
}

/// Puts each workload on each contender, once; a table for each of the measures.
fn sweep(
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
        let take = |(name, workload): &(String, Workload)| {
            let taken = setup.measure(contender, upstream, workload);
            taken.inspect_err(|error| eprintln!("{} {name}: {error}", contender.name))
        };
        let figures: Vec<_> = workloads.iter().map(take).collect();
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

/// Up to 10,000, or as many as a bridge can have with two open files for each.
fn sessions() -> [u32; 5] {
    const FILES_ELSE: u64 = 100;
    let (_, files) = rlimit::Resource::NOFILE.get().unwrap_or((0, u64::MAX));
    let most = u32::try_from(files.saturating_sub(FILES_ELSE) / 2).unwrap_or(u32::MAX);
    [1, 10, 100, 1_000, most.min(10_000)]
}

fn size(len: usize) -> String {
    match len {
        ..1024 => format!("{len} B"),
        1024..1_048_576 => format!("{} KiB", len >> 10),
        _ => format!("{} MiB", len >> 20),
    }
}
