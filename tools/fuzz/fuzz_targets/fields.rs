//! Payloads of all formats: no panic, fields within their parents, edits that can be read again,
//! and JSON that becomes the payload it was written from.
//!
//! The input is a byte for the schema, by the table below, and a payload. After the byte 255, it is
//! a byte for the format and the text of a schema or of JSON.
#![no_main]

use std::sync::LazyLock;

use fields::{
    Floats, Format, MAX_FIELDS, Options, Schema, compression, decode, edit, from_json, guess,
    to_json,
};
use libfuzzer_sys::fuzz_target;

const PROTO: &str = "syntax = \"proto3\"; message M { int32 a = 1; sint64 b = 2; \
    repeated uint32 c = 3; map<string, M> d = 4; E e = 5; bytes f = 6; string g = 7; double h = 8; \
    float i = 9; bool j = 10; repeated M k = 11; fixed64 l = 12; } enum E { A = 0; B = 1; }";
const AVRO: &str = r#"{"type": "record", "name": "R", "fields": [
    {"name": "a", "type": ["null", "R", "string", "double"]},
    {"name": "b", "type": {"type": "array", "items": "null"}},
    {"name": "c", "type": {"type": "map", "values": "R"}},
    {"name": "d", "type": {"type": "long", "logicalType": "timestamp-micros"}}]}"#;
const LAYOUT: &str = "u8 type, varint n
type=1: {text:u8 a, u8 m, {zigzag z} l[m]} g[n]
type=2: msgpack:n m, f32le f[]
type=3: cstr c, json:u16be j, protobuf p
else: bytes rest";

static SCHEMAS: LazyLock<Vec<Schema>> = LazyLock::new(|| {
    let plain = Format::ALL.into_iter().map(|it| (it, ""));
    let with_text = [
        (Format::Protobuf, PROTO),
        (Format::Avro, AVRO),
        (Format::Layout, LAYOUT),
    ];
    plain
        .chain(with_text)
        .filter_map(|(format, text)| Schema::parse(format, text).ok())
        .collect()
});

fuzz_target!(|input: &[u8]| {
    let Some((choice, rest)) = input.split_first() else {
        return;
    };
    match choice {
        255 => check_text(rest),
        choice => check_payload(&SCHEMAS[usize::from(*choice) % SCHEMAS.len()], rest),
    }
});

fn check_payload(schema: &Schema, payload: &[u8]) {
    let options = Options::default();
    let decoded = decode(schema, payload, &options);
    assert!(decoded.fields.len() <= MAX_FIELDS);
    let mut parents = Vec::new();
    for field in &decoded.fields {
        assert!(field.depth <= parents.len());
        parents.truncate(field.depth);
        let parent = parents.last().cloned().unwrap_or(0..payload.len());
        let (range, value) = (&field.range, &field.value_range);
        assert!(parent.start <= range.start && range.end <= parent.end);
        assert!(range.start <= value.start && value.start <= value.end);
        assert!(value.end <= range.end);
        parents.push(range.clone());
    }
    if let Some(stopped) = &decoded.stopped {
        assert!(stopped.at <= payload.len());
    }
    for n in 0..decoded.fields.len().min(8) {
        for value in ["7", "0a0b"] {
            if let Ok(edited) = edit(schema, payload, n, value, &options) {
                let after = decode(schema, &edited, &options).stopped;
                // A layout's lengths, counts and types are fields that can be edited, too.
                if schema.format() != Format::Layout {
                    assert_eq!(after.is_some(), decoded.stopped.is_some());
                }
            }
        }
    }
    if let Ok(json) = to_json(schema, payload, &options)
        && let Ok(again) = from_json(schema, &json, Floats::STD)
    {
        let after = to_json(schema, &again, &options);
        // In a layout, lengths of what is written in a shorter form change.
        match schema.format() {
            Format::Layout => assert!(after.is_ok()),
            _ => assert_eq!(after, Ok(json)),
        }
    }
    let _ = (guess(payload, &options), compression(payload));
}

fn check_text(input: &[u8]) {
    let Some((format, text)) = input.split_first() else {
        return;
    };
    let Ok(text) = str::from_utf8(text) else {
        return;
    };
    let format = Format::ALL[usize::from(*format) % Format::ALL.len()];
    if let Ok(schema) = Schema::parse(format, text) {
        let _ = decode(&schema, b"\x01\x02\x03\x00\xff", &Options::default());
    }
    for schema in SCHEMAS.iter() {
        if let Ok(payload) = from_json(schema, text, Floats::STD) {
            let stopped = decode(schema, &payload, &Options::default()).stopped;
            assert!(stopped.is_none_or(|it| it.reason == fields::Reason::TooManyFields));
        }
    }
}
