//! Properties of all formats.

use proptest::collection::vec;
use proptest::prelude::*;
use protocol::{Decoder, FrameError, Framing, ValueFormat};

use crate::common::chunks;
use crate::generator::{formats, streams, value, values};
use crate::naive::{self, Fault};
use crate::{read, send};

const MAX: usize = 1 << 20;

/// Returns the number of bytes at the front of `stream` that belong to no value.
fn white_space(format: ValueFormat, stream: &[u8]) -> usize {
    let is_white_space = |it: &&u8| format == ValueFormat::Json && b" \t\r\n".contains(it);
    stream.iter().take_while(is_white_space).count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn values_in_any_chunks_are_the_messages_that_were_sent(
        (format, values) in formats().prop_flat_map(|it| (Just(it), vec(value(it), 0..6))),
        sizes in vec(1_usize..50, 1..8),
    ) {
        let sent: Result<Vec<_>, _> = values.iter().map(|it| send(format, it)).collect();
        let stream = sent.unwrap().concat();
        prop_assert_eq!(read(format, MAX, chunks(&stream, &sizes)), (values, Ok(())));
    }

    #[test]
    fn chunks_change_neither_messages_nor_error(
        (format, stream) in streams(),
        max in prop_oneof![1_usize..60, Just(MAX)],
        sizes in vec(1_usize..9, 1..8),
    ) {
        let whole = read(format, max, [&stream[..]]);
        prop_assert_eq!(read(format, max, chunks(&stream, &sizes)), whole.clone());
        prop_assert_eq!(read(format, max, stream.chunks(1)), whole);
    }

    #[test]
    fn message_that_came_can_be_sent_back((format, stream) in streams()) {
        for message in read(format, MAX, [&stream[..]]).0 {
            let wire = send(format, &message).unwrap();
            prop_assert_eq!(read(format, MAX, [&wire[..]]), (vec![message], Ok(())));
        }
    }

    #[test]
    fn naive_reader_agrees_on_end_and_fault((format, stream) in streams()) {
        let stream = &stream[white_space(format, &stream)..];
        let (messages, end) = read(format, MAX, [stream]);
        match (naive::end(format, stream), messages.first()) {
            (Ok(len), Some(message)) => prop_assert_eq!(&stream[..len], message),
            (Err(Fault::Incomplete), None) => {
                let incomplete = matches!(end, Err(FrameError::Truncated { .. } | FrameError::TooLong { .. }));
                prop_assert!(incomplete || stream.is_empty(), "{:?}", end);
            }
            (Err(Fault::Wrong(wrong)), None) => match end {
                Err(FrameError::NotAValue { at, found, .. }) => prop_assert_eq!((at, found), (wrong, stream[wrong])),
                Err(FrameError::TooLong { .. }) => {}
                end => prop_assert!(false, "{:?}", end),
            },
            (naive, message) => prop_assert!(false, "{:?} {:?} {:?}", naive, message, end),
        }
    }

    #[test]
    fn message_is_refused_unless_the_naive_reader_takes_all_of_it((format, stream) in streams()) {
        let stream = &stream[white_space(format, &stream)..];
        let sent = send(format, stream);
        match naive::end(format, stream) {
            Ok(len) if len + white_space(format, &stream[len..]) == stream.len() => {
                prop_assert!(sent.unwrap().starts_with(&stream[..len]));
            }
            Ok(at) => match sent {
                Err(FrameError::SeveralValues { at: ours, .. }) => prop_assert_eq!(ours, at),
                sent => prop_assert!(false, "{:?}", sent),
            },
            Err(fault) => match (sent, fault) {
                (Err(FrameError::NotWhole { len, .. }), _) => prop_assert_eq!(len, stream.len()),
                (Err(FrameError::NotAValue { at, .. }), Fault::Wrong(wrong)) => prop_assert_eq!(at, wrong),
                (sent, fault) => prop_assert!(false, "{:?} {:?}", sent, fault),
            },
        }
    }
}

proptest! {
    #[test]
    fn every_prefix_of_a_value_is_incomplete((format, value) in values()) {
        // A number may end anywhere.
        let value = if format == ValueFormat::Json { [b"[", &value[..], b"]"].concat() } else { value };
        let mut decoder = Decoder::new(Framing::Value(format), MAX);
        for len in (0..value.len()).step_by(1 + value.len() / 500) {
            let mut prefix = &value[..len];
            prop_assert!(matches!(decoder.next_payload(&mut prefix), Ok(None)));
            match decoder.finish(prefix) {
                Err(FrameError::Truncated { have, need }) => {
                    prop_assert!(have == len && (len + 1..=value.len()).contains(&need));
                }
                end => prop_assert!(len == 0 && matches!(end, Ok(None)), "{:?}", end),
            }
        }
    }

    #[test]
    fn limit_is_exact_and_told_no_later_than_at_the_byte_after_it((format, value) in values()) {
        prop_assert_eq!(read(format, value.len(), [&value[..]]), (vec![value.clone()], Ok(())));
        for max in (0..value.len()).step_by(1 + value.len() / 100) {
            let mut decoder = Decoder::new(Framing::Value(format), max);
            let told = (1..=max + 1).find_map(|len| decoder.next_payload(&mut &value[..len]).err());
            match told {
                Some(FrameError::TooLong { len, max: limit }) => {
                    prop_assert_eq!(limit, max);
                    prop_assert!((max as u64 + 1..=value.len() as u64).contains(&len), "{}", len);
                }
                told => prop_assert!(false, "{:?}", told),
            }
        }
    }

    #[test]
    fn any_bytes_are_read_without_panic(format in formats(), stream in any::<Vec<u8>>(), max in any::<usize>()) {
        let whole = read(format, max, [&stream[..]]);
        prop_assert_eq!(read(format, max, stream.chunks(1)), whole);
    }
}
