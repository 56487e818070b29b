//! Varint length prefix: unsigned LEB128, seven bits in each byte, the least significant
//! first; the eighth bit is set in all bytes but the last.
//!
//! Protocol Buffers' delimited messages begin with one. The shortest form is written, and
//! longer forms are accepted, as the protobuf conformance suite requires: 12345 in nine
//! bytes (<https://github.com/protocolbuffers/protobuf/pull/2500>).

use crate::error::FrameError;
use crate::number_bytes::{NumberBytes, ReadNumber};

/// Longest varint, in bytes: 64 bits, seven in each byte.
const MAX_LEN: usize = 10;

pub(crate) fn write(mut value: u64, out: &mut NumberBytes) {
    while value >= 0x80 {
        out.extend(&[value as u8 | 0x80]);
        value >>= 7;
    }
    out.extend(&[value as u8]);
}

pub(crate) fn read(src: &[u8]) -> Result<Option<ReadNumber>, FrameError> {
    let mut value = 0;
    for (index, &byte) in src.iter().take(MAX_LEN).enumerate() {
        // The first nine bytes hold 63 bits: one bit is left, and it has to end here.
        if index == MAX_LEN - 1 && byte > 1 {
            return Err(FrameError::VarintTooLong);
        }
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            let width = index + 1;
            return Ok(Some(ReadNumber { value, width }));
        }
    }
    Ok(None)
}
