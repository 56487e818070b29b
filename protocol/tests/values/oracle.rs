//! Oracles: readers of others agree on where a value ends.

use proptest::prelude::*;
use protocol::{FrameError, ValueFormat};

use crate::generator::{stream, value};
use crate::read;

const MAX: usize = 1 << 20;

/// Returns the length of the first value at the front of `stream`.
fn first_len(format: ValueFormat, stream: &[u8]) -> Option<usize> {
    Some(read(format, MAX, [stream]).0.first()?.len())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn serde_json_agrees(stream in stream(ValueFormat::Json)) {
        let stream = stream.trim_ascii();
        let mut values = serde_json::Deserializer::from_slice(stream).into_iter::<serde::de::IgnoredAny>();
        let oracle = values.next();
        let after = stream.get(values.byte_offset()).copied();
        let (messages, end) = read(ValueFormat::Json, MAX, [stream]);
        match (oracle, messages.first()) {
            (Some(Ok(_)), Some(message)) => prop_assert_eq!(message.len(), values.byte_offset()),
            // A literal ends with its last letter here, and a number before no such byte.
            (Some(Err(_)), Some(message)) => prop_assert!(message.is_ascii() && message[0].is_ascii_lowercase()),
            (Some(Ok(_)), None) => prop_assert!(after.is_some_and(|it| b",:]}".contains(&it)), "{:?}", end),
            (Some(Err(error)), None) => match end {
                // The oracle does not look at what follows \u before four bytes do.
                Err(FrameError::NotAValue { .. }) => {
                    let last = &stream[stream.len().saturating_sub(5)..];
                    let is_cut = last.windows(2).any(|it| it == br"\u");
                    prop_assert!(is_cut || !error.is_eof(), "{}", error);
                }
                // The oracle takes no number that ends early for the end of the stream.
                _ => prop_assert!(error.is_eof() || stream.last().is_some_and(|it| b"-+.eE".contains(it)), "{} {:?}", error, end),
            },
            (None, message) => prop_assert!(message.is_none() && end.is_ok()),
        }
    }

    #[test]
    fn rmpv_agrees(stream in stream(ValueFormat::MessagePack)) {
        // The oracle reads 0xc1 as nil.
        let mut stream = stream;
        stream.retain(|&byte| byte != 0xc1);
        let mut rest = &stream[..];
        let oracle = rmpv::decode::read_value_ref(&mut rest);
        let len = oracle.ok().map(|_| stream.len() - rest.len());
        prop_assert_eq!(first_len(ValueFormat::MessagePack, &stream), len);
    }

    #[test]
    fn ciborium_agrees(stream in value(ValueFormat::Cbor), rest in any::<Vec<u8>>()) {
        let len = stream.len();
        let stream = [stream, rest].concat();
        prop_assert_eq!(first_len(ValueFormat::Cbor, &stream), Some(len));
        let mut rest = &stream[..];
        // The oracle refuses simple values that have no meaning.
        if ciborium::from_reader::<ciborium::Value, _>(&mut rest).is_ok() {
            prop_assert_eq!(stream.len() - rest.len(), len);
        }
    }

    #[test]
    fn bt_bencode_agrees(stream in value(ValueFormat::Bencode), rest in any::<Vec<u8>>()) {
        let len = stream.len();
        let stream = [stream, rest].concat();
        prop_assert_eq!(first_len(ValueFormat::Bencode, &stream), Some(len));
        let mut oracle = bt_bencode::Deserializer::from_slice(&stream);
        let value: Result<bt_bencode::Value, _> = serde::Deserialize::deserialize(&mut oracle);
        prop_assert!(value.is_ok());
        prop_assert_eq!(oracle.byte_offset(), len);
    }
}
