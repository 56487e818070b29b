//! What a message, a byte and a session cost, as there are more of them.

use crate::contender::{Contender, OURS};
use crate::measure::Setup;
use crate::table::{Table, short};
use crate::workload::Workload;

const SESSIONS: [u32; 5] = [1, 10, 100, 1_000, 10_000];
const PAYLOADS: [usize; 9] = [
    1,
    16,
    256,
    4 << 10,
    64 << 10,
    256 << 10,
    1 << 20,
    4 << 20,
    16 << 20,
];

/// Measures ours and the references, one of each at a time.
pub(crate) fn run(setup: &Setup, contenders: &[Contender], upstream: &Contender) -> Vec<Table> {
    let is_wanted = |c: &&Contender| OURS.contains(&c.name) || c.name.starts_with("c-");
    let wanted: Vec<_> = contenders.iter().filter(is_wanted).collect();
    let mut by_sessions = Table::new(
        "CPU µs for each message, 32 B, 1 in flight",
        SESSIONS.map(|count| format!("{count} sessions")),
    );
    let mut by_payload = Table::new(
        "CPU µs for each message, 2 sessions, 1 in flight",
        PAYLOADS.map(|len| format!("{} B", short(len as f64))),
    );
    for contender in wanted {
        let cost = |workload: Workload| match setup.measure(contender, upstream, &workload) {
            Ok(figures) => short(1e6 / figures.server.messages_per_cpu_second),
            Err(error) => {
                eprintln!("{} {}: {error}", contender.name, workload.name);
                "fails".into()
            }
        };
        let sessions = SESSIONS.map(|count| cost(Workload::new("sessions", count, 32, 1)));
        by_sessions.push(contender.name, sessions.into());
        let payloads = PAYLOADS.map(|len| cost(Workload::new("payload", 2, len, 1)));
        by_payload.push(contender.name, payloads.into());
    }
    vec![by_sessions, by_payload]
}
