//! A session between two ends that do what the input says: arbitrary bytes from both
//! sides, in any order, torn, delayed, blocked and broken off.
//!
//! The input is the framing's place in the table, and the steps.
//!
//! The clock is paused, so a session always comes to its end, if only by its time limits.
#![no_main]

use framegate_fuzz::ends::Far;
use framegate_fuzz::judge::{Seen, judge};
use framegate_fuzz::naive;
use framegate_fuzz::script::{Step, steps};
use libfuzzer_sys::fuzz_target;
use peak_alloc::PeakAlloc;
use protocol::Framing;
use tokio::time::{Duration, sleep};
use tokio_util::sync::CancellationToken;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// The most that a session may allocate for an input, which is a few KiB, in bytes.
const BOUND: usize = 512 * 1024;

fuzz_target!(|input: &[u8]| {
    let [framing, input @ ..] = input else {
        return;
    };
    let framing = naive::framing(*framing);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without I/O");
    let before = ALLOCATED.current_usage();
    ALLOCATED.reset_peak_usage();
    let seen = runtime.block_on(run(framing, &steps(input)));
    let peak = ALLOCATED.peak_usage() - before;
    assert!(peak < BOUND, "allocated {peak} bytes");
    judge(&seen);
});

async fn run(framing: Framing, steps: &[Step<'_>]) -> Seen {
    let (client, upstream) = (Far::default(), Far::default());
    let stop = CancellationToken::new();
    let session = gateway::fuzz::session(client.near(), upstream.near(), framing, stop.clone());
    let script = async {
        for step in steps {
            act(framing, step, &client, &upstream, &stop);
            // On a paused clock: until the session has come to rest.
            sleep(Duration::from_millis(1)).await;
            if let Step::Wait(seconds) = step {
                sleep(Duration::from_secs((*seconds).into())).await;
            }
        }
    };
    let (end, ()) = tokio::join!(session, script);
    Seen {
        framing,
        client: client.record(),
        upstream: upstream.record(),
        interrupted: steps
            .iter()
            .any(|s| matches!(s, Step::Wait(_) | Step::Stop)),
        end,
    }
}

fn act(framing: Framing, step: &Step<'_>, client: &Far, upstream: &Far, stop: &CancellationToken) {
    let amount = |number: u8| (number < 255).then_some(usize::from(number));
    match *step {
        Step::Client(bytes) => client.send(bytes),
        Step::ClientFrame([first, payload @ ..]) => client.send(&masked(*first, payload)),
        Step::ClientFrame([]) => {}
        Step::Upstream(bytes) => upstream.send(bytes),
        // What has no frame is sent as it is: an upstream may do that, too.
        Step::UpstreamFrame(payload) => {
            upstream.send(&naive::frame(framing, payload).unwrap_or_else(|| payload.to_vec()));
        }
        Step::ClientTakes(count) => client.take(amount(count)),
        Step::UpstreamTakes(count) => upstream.take(amount(count)),
        Step::ClientLeaves(how) => client.leave(how % 2 == 1),
        Step::UpstreamLeaves(how) => upstream.leave(how % 2 == 1),
        Step::Tear(most) => {
            let most = (most > 0).then_some(usize::from(most));
            client.tear(most);
            upstream.tear(most);
        }
        Step::Delay(every) => {
            client.delay(every.into());
            upstream.delay(every.into());
        }
        Step::Wait(_) => {}
        Step::Stop => stop.cancel(),
    }
}

/// A frame as a client sends it; what a byte of data can count is less than 64 KiB.
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let len = payload.len() as u8;
    let header: &[u8] = if len < 126 {
        &[first, 0x80 | len]
    } else {
        &[first, 0x80 | 126, 0, len]
    };
    let payload = payload.iter().zip(MASK.iter().cycle()).map(|(b, m)| b ^ m);
    header.iter().copied().chain(MASK).chain(payload).collect()
}
