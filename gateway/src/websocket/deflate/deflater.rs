//! Compressor of messages to a client.

use std::cell::RefCell;

use flate2::{Compress, Compression, FlushCompress, Status};

use crate::buffer::sizes::{DEFLATE_FROM, DEFLATE_TO};
use crate::websocket::deflate::{DeflateParams, MAX_WINDOW_BITS, TAIL};

thread_local! {
    /// Compressor of all connections without a context of their own, and its output.
    static SHARED: RefCell<Shared> = RefCell::default();
}

#[derive(Default)]
struct Shared {
    compress: Option<Compress>,
    output: Vec<u8>,
}

/// Compressor of one connection. Without context takeover it has no memory of its own.
#[derive(Debug)]
pub(in crate::websocket) struct Deflater {
    takeover: bool,
    window_bits: u8,
    /// Compressor with a context of its own, once it is used.
    own: Option<Box<Compress>>,
}

impl Deflater {
    pub(in crate::websocket) fn new(params: DeflateParams) -> Self {
        Self {
            takeover: params.server_takeover,
            window_bits: params.server_window_bits,
            own: None,
        }
    }

    /// Compresses a message, given in `parts`, and calls `push` with the result. Returns false if
    /// the message is to be sent as it is: it is too short to gain, so long that other connections
    /// would wait, or does not get shorter.
    pub(in crate::websocket) fn compress(
        &mut self,
        parts: &[&[u8]],
        push: impl FnOnce(&[u8]),
    ) -> bool {
        let len = parts.iter().map(|part| part.len()).sum();
        if !(DEFLATE_FROM..=DEFLATE_TO).contains(&len) {
            return false;
        }
        SHARED.with_borrow_mut(|shared| {
            let Shared { compress, output } = shared;
            output.clear();
            let has_own = self.takeover || self.window_bits < MAX_WINDOW_BITS;
            let compress = match has_own {
                true => &mut **self
                    .own
                    .get_or_insert_with(|| Box::new(new_compress(self.window_bits))),
                false => compress.get_or_insert_with(|| new_compress(MAX_WINDOW_BITS)),
            };
            if !self.takeover {
                compress.reset();
            }
            for part in parts {
                run(compress, part, output, FlushCompress::None);
            }
            run(compress, &[], output, FlushCompress::Sync);
            if output.ends_with(&TAIL) {
                output.truncate(output.len() - TAIL.len());
            }
            // With a context, the client has to see all that the compressor has seen.
            let is_worth_it = self.takeover || output.len() < len;
            if is_worth_it {
                push(output);
            }
            is_worth_it
        })
    }
}

/// Returns a compressor that is fast: more effort gains a tenth, and takes several times as long.
fn new_compress(window_bits: u8) -> Compress {
    Compress::new_with_window_bits(Compression::fast(), false, window_bits)
}

/// Compresses all of `input`; with [`FlushCompress::Sync`], to the last bit.
fn run(compress: &mut Compress, mut input: &[u8], output: &mut Vec<u8>, flush: FlushCompress) {
    loop {
        // Room for more than stored blocks take, so that one call is enough.
        output.reserve(input.len() + input.len() / 1024 + 64);
        let (before, room) = (compress.total_in(), output.capacity());
        // Fails for a stream that is at its end, which this never is.
        let status = compress.compress_vec(input, output, flush);
        input = &input[(compress.total_in() - before) as usize..];
        let is_full = output.len() == room;
        if !matches!(status, Ok(Status::Ok)) || (input.is_empty() && !is_full) {
            return;
        }
    }
}
