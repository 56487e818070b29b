//! Compression of messages, permessage-deflate (RFC 7692): the bytes that it saves, and the
//! processor time that it takes, for JSON of several lengths.

mod client;
mod json;

use std::time::{Duration, Instant};

use futures_util::future::try_join_all;

use crate::contender::Contender;
use crate::deflate::client::Client;
use crate::measure::Setup;
use crate::server::Server;
use crate::table::{Table, median, short};

/// Columns of the tables, and bytes of a message.
const LENGTHS: [(&str, usize); 3] = [("200 B", 200), ("2 KB", 2_000), ("64 KB", 64_000)];

/// Connections that are under load at once.
const CONNECTIONS: u64 = 8;

/// Messages that each connection sends at a time.
const IN_FLIGHT: usize = 4;

/// Figures of a measurement.
#[derive(Debug, Clone, Copy)]
struct Figures {
    /// Bytes of both WebSocket directions for a message and its reply.
    bytes_per_message: f64,
    messages_per_cpu_second: f64,
}

/// Measures each contender in turns. Returns a table of bytes and one of messages.
///
/// # Errors
/// A message, if a server does not start, does not compress as its setting says, or if a reply is
/// wrong.
pub(crate) async fn run(
    setup: &Setup,
    contenders: &[Contender],
    upstream: &Contender,
    rounds: usize,
) -> Result<[Table; 2], String> {
    let mut figures = vec![[const { Vec::new() }; LENGTHS.len()]; contenders.len()];
    for round in 1..=rounds {
        for ((name, len), column) in LENGTHS.into_iter().zip(0..) {
            for (contender, figures) in contenders.iter().zip(&mut figures) {
                let measured = measure(setup, contender, upstream, len).await;
                let measured = measured.map_err(|error| format!("{}: {error}", contender.name))?;
                eprintln!(
                    "{round} {name:5} {:20} {:>8} bytes, {:>8} per CPU second",
                    contender.name,
                    short(measured.bytes_per_message),
                    short(measured.messages_per_cpu_second)
                );
                figures[column].push(measured);
            }
        }
    }
    Ok([
        bytes_table(contenders, &figures),
        messages_table(contenders, &figures),
    ])
}

/// Figures of one contender, by length and round.
type Rounds = [Vec<Figures>; LENGTHS.len()];

/// The bytes of a message and its reply, and their part of those without compression.
fn bytes_table(contenders: &[Contender], figures: &[Rounds]) -> Table {
    let title = "JSON: bytes on the wire for a message and its reply";
    let base = |name: &str| {
        let of = name.split(',').next()?;
        position(contenders, &format!("{of}, off"))
    };
    table(title, contenders, figures, base, |it| it.bytes_per_message)
}

/// The messages, and framegate's ratio to ws with the same setting.
fn messages_table(contenders: &[Contender], figures: &[Rounds]) -> Table {
    let title = "JSON: messages per server-CPU second";
    let base = |name: &str| {
        let setting = name.strip_prefix("framegate, ")?;
        position(contenders, &format!("ws, {setting}"))
    };
    table(title, contenders, figures, base, |it| {
        it.messages_per_cpu_second
    })
}

fn position(contenders: &[Contender], name: &str) -> Option<usize> {
    contenders.iter().position(|it| it.name == name)
}

/// Returns a table with the median, and the median of the ratios to the contender that `base`
/// returns in the same round.
fn table(
    title: &str,
    contenders: &[Contender],
    figures: &[Rounds],
    base: impl Fn(&str) -> Option<usize>,
    of: fn(&Figures) -> f64,
) -> Table {
    let mut table = Table::new(title, LENGTHS.map(|(name, _)| name));
    for (index, contender) in contenders.iter().enumerate() {
        let base = base(contender.name).filter(|&base| base != index);
        let cell = |column: usize| {
            let own = &figures[index][column];
            let figure = median(own.iter().map(of).collect()).map(short);
            let ratio = base.and_then(|base| {
                let ratios = own.iter().zip(&figures[base][column]);
                median(ratios.map(|(own, base)| of(own) / of(base)).collect())
            });
            let ratio = ratio.map(|it| format!(" = {}", short(it)));
            figure.unwrap_or_default() + &ratio.unwrap_or_default()
        };
        table.push(contender.name, (0..LENGTHS.len()).map(cell).collect());
    }
    table
}

async fn measure(
    setup: &Setup,
    contender: &Contender,
    upstream: &Contender,
    len: usize,
) -> Result<Figures, String> {
    let upstream = Server::start(upstream, None, &setup.client_cpus).await?;
    let server = Server::start(contender, Some(&upstream), &setup.server_cpus).await?;
    let cpu_time = || server.cpu_time().map_err(|error| error.to_string());
    let connect = |seed| Client::connect(server.addr(), contender.name, seed);
    let mut clients = try_join_all((0..CONNECTIONS).map(connect)).await?;
    load(&mut clients, len, setup.warm_up).await?;
    let (before, bytes_before) = (cpu_time()?, bytes(&clients));
    let messages = load(&mut clients, len, setup.time).await?;
    let spent = cpu_time()? - before;
    Ok(Figures {
        bytes_per_message: (bytes(&clients) - bytes_before) as f64 / messages as f64,
        messages_per_cpu_second: messages as f64 / spent.as_secs_f64(),
    })
}

/// Loads all connections for `time`, and returns the number of messages.
async fn load(clients: &mut [Client], len: usize, time: Duration) -> Result<u64, String> {
    let end = Instant::now() + time;
    let loads = clients.iter_mut().map(async |client| {
        let mut count = 0;
        while Instant::now() < end {
            client.exchange(len, IN_FLIGHT).await?;
            count += IN_FLIGHT as u64;
        }
        Ok::<_, String>(count)
    });
    Ok(try_join_all(loads).await?.into_iter().sum())
}

fn bytes(clients: &[Client]) -> u64 {
    clients.iter().map(Client::bytes).sum()
}
