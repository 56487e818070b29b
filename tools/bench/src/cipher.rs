//! Ciphers of TLS alone, by `openssl speed`: the part of a long message's cost that no server with
//! TLS can save.

use crate::server::Cpus;
use crate::table::{Table, median, short};
use crate::workload::{W4, W5, Workload};

/// The ciphers of TLS 1.3. The second is the one that the load's client and all servers agree on.
const CIPHERS: [&str; 3] = ["aes-128-gcm", "aes-256-gcm", "chacha20-poly1305"];
const AGREED: usize = 1;

/// The workloads of messages so long that the cipher counts.
pub(crate) const WORKLOADS: [Workload; 2] = [W4, W5];

/// Bytes a second of each cipher, by round.
#[derive(Debug, Default)]
pub(crate) struct Ciphers([Vec<f64>; CIPHERS.len()]);

impl Ciphers {
    /// Measures each cipher for a second on the server's processors.
    pub(crate) async fn measure(&mut self, cpus: &Cpus) {
        for (cipher, rates) in CIPHERS.iter().zip(&mut self.0) {
            match bytes_per_second(cipher, cpus).await {
                Ok(rate) => rates.push(rate),
                Err(error) => eprintln!("openssl speed, {cipher}: {error}"),
            }
        }
    }

    /// Returns the table of the messages that a processor can decrypt and encrypt a second if it
    /// does nothing else, and its part of each server's cost of a message. The servers' figures are
    /// messages per CPU second in the [`WORKLOADS`].
    pub(crate) fn table(&self, servers: &[(&str, Vec<Option<f64>>)]) -> Table {
        let names = WORKLOADS.map(|workload| workload.name);
        let columns = ["bytes a second"].into_iter().chain(names);
        let mut table = Table::new("the cipher alone: messages per CPU second", columns);
        let rates: Vec<_> = self.0.iter().map(|it| median(it.clone())).collect();
        for (cipher, rate) in CIPHERS.iter().zip(&rates) {
            let Some(rate) = rate else { continue };
            let bytes = format!("{:.1} GB", rate / 1e9);
            let limits = WORKLOADS.map(|workload| short(limit(*rate, &workload)));
            table.push(cipher, [bytes].into_iter().chain(limits).collect());
        }
        for (name, per_cpu) in servers {
            let part = |(workload, per_cpu): (Workload, &Option<f64>)| {
                let part = (*per_cpu)? / limit(rates[AGREED]?, &workload);
                Some(format!("{:.0} %", 100.0 * part))
            };
            let parts: Option<Vec<_>> = WORKLOADS.into_iter().zip(per_cpu).map(part).collect();
            if let Some(parts) = parts {
                let name = format!("{}'s part of {name}", CIPHERS[AGREED]);
                table.push(&name, [String::new()].into_iter().chain(parts).collect());
            }
        }
        table
    }
}

/// Returns true if one of these is a workload for which the cipher counts.
pub(crate) fn counts_for(workloads: &[Workload]) -> bool {
    let names = WORKLOADS.map(|workload| workload.name);
    workloads.iter().any(|it| names.contains(&it.name))
}

/// The messages a second at `rate` bytes a second: each is decrypted, and its reply encrypted.
fn limit(rate: f64, workload: &Workload) -> f64 {
    rate / (2 * workload.payload_len) as f64
}

/// Encrypts records of the greatest length for a second.
async fn bytes_per_second(cipher: &str, cpus: &Cpus) -> Result<f64, String> {
    let mut command = cpus.command("openssl");
    command.args(["speed", "-mr", "-seconds", "1", "-bytes", "16384", "-evp"]);
    let output = command.arg(cipher).output().await;
    let output = output.map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    // +F:NUMBER:CIPHER:BYTES
    let result = text.lines().find(|line| line.starts_with("+F:"));
    let rate = result.and_then(|line| line.rsplit(':').next()?.trim().parse().ok());
    rate.ok_or_else(|| format!("no figure in {text:?}"))
}
