//! Comparison of contenders: they take turns in a round, and ratios are within a round.

use crate::cipher::{self, Ciphers};
use crate::contender::{C_BRIDGE, C_ECHO, C_TLS, Contender, FRAMEGATE, Kind};
use crate::measure::{Figures, Setup};
use crate::table::{Table, median, median_ratio, short};
use crate::workload::{IDLE, OPEN, Workload};

/// The kinds in the order of their tables, each with the 1.00 of its ratios.
const REFERENCES: [(Kind, &str); 3] = [
    (Kind::Echo, C_ECHO),
    (Kind::Bridge, C_BRIDGE),
    (Kind::TlsBridge, C_TLS),
];

/// A figure's name in the tables, and its value in a measurement.
type Measure = (&'static str, fn(&Figures) -> f64);

pub(crate) const PER_CPU: Measure = ("messages per server-CPU second", |f| {
    f.server.messages_per_cpu_second
});
const RATE: Measure = ("messages a second", |f| f.messages_per_second);
const P99: Measure = ("p99 in µs", |f| f.latency_us.p99);
const MEMORY: Measure = ("bytes for each idle connection", |f| {
    f.memory_per_connection(IDLE.connections)
});
const OPENING: Measure = ("2,000 open and answered, s", Figures::open_and_answered);

/// All measurements of a run.
pub(crate) struct Comparison<'a> {
    contenders: &'a [Contender],
    workloads: &'a [Workload],
    /// The figures by workload, contender and round; `None` where a contender failed.
    figures: Vec<Vec<Vec<Option<Figures>>>>,
    /// Set if the ciphers count.
    ciphers: Option<Ciphers>,
}

impl<'a> Comparison<'a> {
    /// Measures all contenders in turns, so that a machine that slows down slows all of them.
    /// Prints progress to standard error.
    pub(crate) async fn run(
        setup: &Setup,
        contenders: &'a [Contender],
        upstream: &Contender,
        workloads: &'a [Workload],
        rounds: usize,
    ) -> Self {
        let mut figures = vec![vec![Vec::new(); contenders.len()]; workloads.len()];
        let has_tls = contenders.iter().any(|it| it.kind == Kind::TlsBridge);
        let mut ciphers = (has_tls && cipher::counts_for(workloads)).then(Ciphers::default);
        for round in 1..=rounds {
            if let Some(ciphers) = &mut ciphers {
                ciphers.measure(&setup.server_cpus).await;
            }
            for (workload, figures) in workloads.iter().zip(&mut figures) {
                if round > 1 && workload.idle.is_some() {
                    continue;
                }
                for (contender, figures) in contenders.iter().zip(figures) {
                    if workload.connections > contender.max_connections {
                        continue;
                    }
                    let measured = setup.measure(contender, upstream, workload).await;
                    print_progress(round, workload, contender, &measured);
                    figures.push(measured.ok());
                }
            }
        }
        Self {
            contenders,
            workloads,
            figures,
            ciphers,
        }
    }

    /// Returns a table for each kind and measure, messages per server-CPU second first.
    pub(crate) fn tables(&self) -> Vec<Table> {
        let mut tables = Vec::new();
        for (kind, reference) in REFERENCES {
            let mut per_cpu = self.table(kind, reference, PER_CPU, &self.loads());
            if kind == Kind::Bridge {
                self.push_best(&mut per_cpu);
            }
            tables.push(per_cpu);
            if kind == Kind::TlsBridge {
                tables.extend(self.ciphers.as_ref().map(|it| self.cipher_table(it)));
            }
            tables.push(self.table(kind, reference, RATE, &self.loads()));
            tables.push(self.table(kind, reference, P99, &self.loads()));
            tables.push(self.table(kind, reference, MEMORY, &self.only(IDLE.name)));
            tables.push(self.table(kind, reference, OPENING, &self.only(OPEN.name)));
        }
        tables.retain(|table| !table.is_empty());
        tables
    }

    /// Returns a table with a row for each contender, and in a cell the median, then the
    /// median ratio to the reference.
    fn table(&self, kind: Kind, reference: &str, measure: Measure, columns: &[usize]) -> Table {
        let names = columns.iter().map(|&column| self.workloads[column].name);
        let mut table = Table::new(&format!("{}: {}", kind.title(), measure.0), names);
        if columns.is_empty() {
            return table;
        }
        for (index, contender) in self.contenders.iter().enumerate() {
            if contender.kind == kind {
                let cell = |&column: &usize| self.cell(column, index, reference, measure.1);
                table.push(contender.name, columns.iter().map(cell).collect());
            }
        }
        table
    }

    fn cell(
        &self,
        workload: usize,
        contender: usize,
        reference: &str,
        of: fn(&Figures) -> f64,
    ) -> String {
        let Some(figure) = self.median(workload, contender, of) else {
            return "–".into();
        };
        let figure = short(figure);
        let reference = self.index_of(reference);
        match reference.and_then(|other| self.ratio(workload, contender, other, of)) {
            Some(ratio) if reference != Some(contender) => format!("{figure} = {}", short(ratio)),
            _ => figure,
        }
    }

    /// Adds the row with framegate's ratio to the best existing bridge in each workload.
    fn push_best(&self, table: &mut Table) {
        let Some(framegate) = self.index_of(FRAMEGATE[1]) else {
            return;
        };
        let existing = self.contenders.iter().enumerate();
        let existing: Vec<_> = existing
            .filter(|(_, contender)| contender.is_existing_bridge())
            .map(|(index, _)| index)
            .collect();
        let cell = |workload: usize| {
            let figure = |&index: &usize| self.median(workload, index, PER_CPU.1);
            let best = existing
                .iter()
                .filter(|index| figure(index).is_some())
                .max_by(|a, b| {
                    figure(a)
                        .unwrap_or(0.0)
                        .total_cmp(&figure(b).unwrap_or(0.0))
                });
            let best = *best?;
            let ratio = self.ratio(workload, framegate, best, PER_CPU.1)?;
            Some(format!("{} × {}", short(ratio), self.contenders[best].name))
        };
        let cells: Option<Vec<_>> = self.loads().into_iter().map(cell).collect();
        if let Some(cells) = cells
            && !cells.is_empty()
        {
            table.push("framegate to the best existing", cells);
        }
    }

    fn cipher_table(&self, ciphers: &Ciphers) -> Table {
        let per_cpu = |index: usize| {
            let columns = cipher::WORKLOADS.map(|workload| self.only(workload.name));
            let figure = |columns: Vec<usize>| self.median(*columns.first()?, index, PER_CPU.1);
            columns.map(figure).into()
        };
        let servers = self.contenders.iter().enumerate();
        let servers: Vec<_> = servers
            .filter(|(_, it)| it.kind == Kind::TlsBridge)
            .map(|(index, it)| (it.name, per_cpu(index)))
            .collect();
        ciphers.table(&servers)
    }

    fn median(&self, workload: usize, contender: usize, of: fn(&Figures) -> f64) -> Option<f64> {
        let rounds = self.rounds(workload, contender, of);
        median(rounds.into_iter().flatten().collect())
    }

    /// The median over the rounds of a contender's figure divided by the other's.
    fn ratio(
        &self,
        workload: usize,
        contender: usize,
        other: usize,
        of: fn(&Figures) -> f64,
    ) -> Option<f64> {
        let rounds_of = |contender| self.rounds(workload, contender, of);
        median_ratio(&rounds_of(contender), &rounds_of(other))
    }

    fn rounds(
        &self,
        workload: usize,
        contender: usize,
        of: fn(&Figures) -> f64,
    ) -> Vec<Option<f64>> {
        let rounds = self.figures[workload][contender].iter();
        rounds.map(|figures| figures.as_ref().map(of)).collect()
    }

    fn index_of(&self, name: &str) -> Option<usize> {
        self.contenders.iter().position(|c| c.name == name)
    }

    fn loads(&self) -> Vec<usize> {
        self.columns(|name| ![IDLE.name, OPEN.name].contains(&name))
    }

    fn only(&self, name: &str) -> Vec<usize> {
        self.columns(|other| other == name)
    }

    fn columns(&self, wanted: impl Fn(&str) -> bool) -> Vec<usize> {
        let all = 0..self.workloads.len();
        all.filter(|&index| wanted(self.workloads[index].name))
            .collect()
    }
}

fn print_progress(
    round: usize,
    workload: &Workload,
    contender: &Contender,
    measured: &Result<Figures, String>,
) {
    let (workload, contender) = (workload.name, contender.name);
    match measured {
        Ok(figures) => eprintln!(
            "{round} {workload:5} {contender:18} {:>8} a second, {:>8} per CPU second",
            short(figures.messages_per_second),
            short(figures.server.messages_per_cpu_second)
        ),
        Err(error) => eprintln!("{round} {workload:5} {contender:18} {error}"),
    }
}
