//! Varint length prefix: unsigned LEB128, seven bits in each byte, the least significant
//! first; the eighth bit is set in all bytes but the last.
//!
//! Protocol Buffers' delimited messages begin with one. The shortest form is written, and
//! longer forms are accepted, as the protobuf conformance suite requires: 12345 in nine
//! bytes (<https://github.com/protocolbuffers/protobuf/pull/2500>).

use crate::error::FrameError;
use crate::layout::{Header, ParsedHeader};

pub(crate) fn header(mut value: u64) -> Header {
    let mut bytes = [0; Header::MAX_LEN];
    let mut last = 0;
    while value >= 0x80 {
        bytes[last] = value as u8 | 0x80;
        value >>= 7;
        last += 1;
    }
    bytes[last] = value as u8;
    Header::new(&bytes[..=last])
}

pub(crate) fn read(src: &[u8]) -> Result<Option<ParsedHeader>, FrameError> {
    let mut payload_len = 0;
    for (index, &byte) in src.iter().take(Header::MAX_LEN).enumerate() {
        // The first nine bytes hold 63 bits: one bit is left, and it has to end here.
        if index == Header::MAX_LEN - 1 && byte > 1 {
            return Err(FrameError::VarintTooLong);
        }
        payload_len |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            return Ok(Some(ParsedHeader {
                header_len: index + 1,
                payload_len,
            }));
        }
    }
    Ok(None)
}
