//! A session between two fake streams that follow the input's script: arbitrary bytes from both
//! sides in any order, short reads and writes, pending calls, backpressure and resets.
//!
//! The input is the choice of the framings, and the script.
//!
//! The clock is paused, so that every session ends, by its timeouts at the latest.
#![no_main]

use framegate_fuzz::choice::{self, Input};
use framegate_fuzz::fake_stream::FakePeer;
use framegate_fuzz::oracle::{self, Observed};
use framegate_fuzz::reference::{Codec, Codecs};
use framegate_fuzz::script::{Step, steps};
use libfuzzer_sys::fuzz_target;
use peak_alloc::PeakAlloc;
use protocol::{Framing, Framings};
use tokio::time::{Duration, sleep};
use tokio_util::sync::CancellationToken;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// The most memory that a session may allocate for an input of a few KiB, in bytes.
const MAX_ALLOCATED: usize = 512 * 1024;

fuzz_target!(|input: &[u8]| {
    let mut input = Input(input);
    let codecs = choice::codecs(&mut input);
    let parse = |codec: &Codec| codec.notation().parse::<Framing>();
    let Ok(framing) = parse(&codecs.codec) else {
        return;
    };
    let Ok(first) = codecs.first.as_ref().map(parse).transpose() else {
        return;
    };
    let framings = Framings::from(framing).with_first(first);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without I/O");
    let before = ALLOCATED.current_usage();
    ALLOCATED.reset_peak_usage();
    let seen = runtime.block_on(run(codecs, framings, &steps(input.0)));
    let peak = ALLOCATED.peak_usage() - before;
    assert!(peak < MAX_ALLOCATED, "allocated {peak} bytes");
    oracle::check(&seen);
});

async fn run(codecs: Codecs, framings: Framings, steps: &[Step<'_>]) -> Observed {
    let (client, upstream) = (FakePeer::default(), FakePeer::default());
    let stop = CancellationToken::new();
    let session =
        gateway::fuzz::session(client.stream(), upstream.stream(), framings, stop.clone());
    let script = async {
        let mut replies = 0;
        for step in steps {
            let codec = codecs.of(replies);
            replies += usize::from(matches!(step, Step::UpstreamFrame(_)));
            execute(codec, step, &client, &upstream, &stop);
            // On a paused clock, this lets the session run until it waits.
            sleep(Duration::from_millis(1)).await;
            if let Step::Wait(seconds) = step {
                sleep(Duration::from_secs((*seconds).into())).await;
            }
        }
    };
    let (end, ()) = tokio::join!(session, script);
    Observed {
        codecs,
        client: client.transcript(),
        upstream: upstream.transcript(),
        interrupted: steps
            .iter()
            .any(|s| matches!(s, Step::Wait(_) | Step::Stop)),
        end,
    }
}

fn execute(
    codec: &Codec,
    step: &Step<'_>,
    client: &FakePeer,
    upstream: &FakePeer,
    stop: &CancellationToken,
) {
    let amount = |number: u8| (number < 255).then_some(usize::from(number));
    match *step {
        Step::Client(bytes) => client.send(bytes),
        Step::ClientFrame([first, payload @ ..]) => client.send(&masked(*first, payload)),
        Step::ClientFrame([]) => {}
        Step::Upstream(bytes) => upstream.send(bytes),
        // A payload that the framing cannot carry is sent unframed.
        Step::UpstreamFrame(payload) => {
            upstream.send(&codec.write(payload).unwrap_or_else(|_| payload.to_vec()));
        }
        Step::ClientAccepts(count) => client.accept(amount(count)),
        Step::UpstreamAccepts(count) => upstream.accept(amount(count)),
        Step::ClientCloses(number) => client.close(number % 2 == 1),
        Step::UpstreamCloses(number) => upstream.close(number % 2 == 1),
        Step::LimitChunks(max) => {
            let max = (max > 0).then_some(usize::from(max));
            client.limit_chunks(max);
            upstream.limit_chunks(max);
        }
        Step::MakePending(every) => {
            client.make_pending(every.into());
            upstream.make_pending(every.into());
        }
        Step::Wait(_) => {}
        Step::Stop => stop.cancel(),
    }
}

/// Encodes a client's masked frame. A step has at most 255 bytes of data, so 16 bits are
/// enough for the length.
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
