//! Properties of any payload: no panic, ranges within each other, and round trips that independent
//! implementations agree with.

mod common;

use common::schema;
use fields::{
    Decoded, Floats, Format, MAX_DEPTH, MAX_FIELDS, Options, Reason, Schema, compression, decode,
    edit, from_json, guess, to_json,
};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

const PROTO: &str = "syntax = \"proto3\"; message M { int32 a = 1; sint64 b = 2; repeated uint32 c = 3; \
    map<string, M> d = 4; E e = 5; bytes f = 6; string g = 7; double h = 8; float i = 9; bool j = 10; \
    repeated M k = 11; fixed64 l = 12; } enum E { A = 0; B = 1; C = 2; }";
const AVRO: &str = r#"{"type": "record", "name": "R", "fields": [{"name": "a", "type": ["null", "R", "string"]},
    {"name": "b", "type": {"type": "array", "items": "null"}}, {"name": "c", "type": {"type": "map", "values": "R"}}]}"#;
const LAYOUT: &str = "u8 type, varint n\ntype=1: {text:u8 a, u8 m, {zigzag z} l[m]} g[n]\n\
    type=2: msgpack:n m, f32le f[]\ntype=3: cstr c, json:u16be j, protobuf p\nelse: bytes rest";

fn schemas() -> Vec<Schema> {
    let mut all: Vec<_> = Format::ALL
        .into_iter()
        .filter_map(|it| Schema::parse(it, "").ok())
        .collect();
    all.push(schema(Format::Protobuf, PROTO));
    all.push(schema(Format::Avro, AVRO));
    all.push(schema(Format::Layout, LAYOUT));
    all
}

/// Checks that ranges lie in the payload and in their parents, and within the limits.
fn check(payload: &[u8], decoded: &Decoded) {
    let mut parents: Vec<std::ops::Range<usize>> = Vec::new();
    assert!(decoded.fields.len() <= MAX_FIELDS);
    for field in &decoded.fields {
        assert!(
            field.depth <= MAX_DEPTH && field.depth <= parents.len(),
            "{field:?}"
        );
        parents.truncate(field.depth);
        let whole = 0..payload.len();
        let parent = parents.last().unwrap_or(&whole);
        assert!(
            parent.start <= field.range.start && field.range.end <= parent.end,
            "{field:?} in {parent:?}"
        );
        let value = &field.value_range;
        assert!(
            field.range.start <= value.start
                && value.start <= value.end
                && value.end <= field.range.end,
            "{field:?}"
        );
        parents.push(field.range.clone());
    }
    if let Some(stopped) = &decoded.stopped {
        assert!(stopped.at <= payload.len());
    }
}

/// Bytes that are more often the structure of some format than random ones.
fn payload() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        any::<u8>(),
        prop::sample::select(b"\x00\x01\x02\x03\x08\x0a\x0c\x0f\x10\x12\x30\x60\x80\x81\x82\x90\x91\x92\xa1\xa2\xbf\x9f\xff{}[]\":,deli0123".to_vec()),
    ];
    vec(byte, 0..200)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_have_fields_within_each_other(payload in payload()) {
        let options = Options::default();
        for schema in schemas() {
            let decoded = decode(&schema, &payload, &options);
            check(&payload, &decoded);
            let _ = to_json(&schema, &payload, &options);
            let values: &[&str] = &["7", "x", "0a0b", "true", "-1.5"];
            for (n, value) in (0..decoded.fields.len().min(20)).zip(values.iter().cycle()) {
                if let Ok(edited) = edit(&schema, &payload, n, value, &options) {
                    check(&edited, &decode(&schema, &edited, &options));
                }
            }
        }
        let _ = (guess(&payload, &options), compression(&payload));
    }

    #[test]
    fn any_text_is_a_schema_or_an_error(text in "[a-z0-9{}\\[\\]:,=|'\"@;<>./ \n-]{0,60}") {
        for format in Format::ALL {
            if let Err(error) = Schema::parse(format, &text) {
                prop_assert!(!error.problem.to_string().is_empty());
            }
            if let Ok(schema) = Schema::parse(format, "") {
                let _ = from_json(&schema, &text, Floats::STD);
            }
        }
    }

    #[test]
    fn json_becomes_msgpack_and_cbor_as_others_read_them(value in value()) {
        let text = value.to_string();
        let msgpack = schema(Format::MessagePack, "");
        let bytes = from_json(&msgpack, &text, Floats::STD).expect("MessagePack");
        let read = rmpv::decode::read_value(&mut &bytes[..]).expect("MessagePack");
        prop_assert_eq!(from_rmpv(&read), value.clone());
        let back: Value = serde_json::from_str(&to_json(&msgpack, &bytes, &Options::default()).unwrap()).unwrap();
        prop_assert_eq!(&back, &value);

        let cbor = schema(Format::Cbor, "");
        let bytes = from_json(&cbor, &text, Floats::STD).expect("CBOR");
        let read: Value = ciborium::from_reader(&bytes[..]).expect("CBOR");
        prop_assert_eq!(&read, &value);
        let back: Value = serde_json::from_str(&to_json(&cbor, &bytes, &Options::default()).unwrap()).unwrap();
        prop_assert_eq!(&back, &value);
    }

    #[test]
    fn floats_keep_all_their_bits(number in any::<f64>().prop_filter("finite", |it| it.is_finite())) {
        let text = format!("{number:?}");
        let bytes = from_json(&schema(Format::MessagePack, ""), &text, Floats::STD).unwrap();
        prop_assert_eq!(&bytes[1..], number.to_be_bytes());
        let fields = decode(&schema(Format::MessagePack, ""), &bytes, &Options::default()).fields;
        prop_assert_eq!(&fields[0].value, &text);
    }

    #[test]
    fn what_others_write_is_read_to_the_end(value in value()) {
        let options = Options { max_fields: usize::MAX, ..Options::default() };
        let mut bytes = Vec::new();
        ciborium::into_writer(&value, &mut bytes).expect("CBOR");
        prop_assert_eq!(decode(&schema(Format::Cbor, ""), &bytes, &options).stopped, None);
        let json = serde_json::to_vec_pretty(&value).expect("JSON");
        prop_assert_eq!(decode(&schema(Format::Json, ""), &json, &options).stopped, None);
        if let Ok(bytes) = bt_bencode::to_vec(&without_floats(&value)) {
            prop_assert_eq!(decode(&schema(Format::Bencode, ""), &bytes, &options).stopped, None);
        }
    }

    #[test]
    fn an_edit_changes_one_value(value in value(), text in "\\PC{0,60}", pick in any::<prop::sample::Index>()) {
        let options = Options::default();
        for format in [Format::Json, Format::MessagePack, Format::Cbor] {
            let schema = schema(format, "");
            let bytes = match format {
                Format::Json => value.to_string().into_bytes(),
                _ => from_json(&schema, &value.to_string(), Floats::STD).unwrap(),
            };
            let before = decode(&schema, &bytes, &options);
            let texts: Vec<_> = (0..before.fields.len())
                .filter(|it| before.fields[*it].kind == fields::Kind::Text)
                .collect();
            if texts.is_empty() {
                continue;
            }
            let at = texts[pick.index(texts.len())];
            let edited = edit(&schema, &bytes, at, &text, &options).unwrap();
            let after = decode(&schema, &edited, &options);
            prop_assert_eq!(after.stopped, None);
            for (n, (old, new)) in before.fields.iter().zip(&after.fields).enumerate() {
                prop_assert_eq!(&old.label, &new.label);
                prop_assert_eq!(if n == at { &text } else { &old.value }, &new.value);
            }
        }
    }

    #[test]
    fn protobuf_from_json_is_json_again(
        a in any::<i32>(), b in any::<i64>(), c in vec(any::<u32>(), 0..5), e in 0..3_usize,
        g in "\\PC{0,20}", h in float(), j in any::<bool>(), l in any::<u64>(),
    ) {
        let mut message = json!({"a": a, "b": b, "e": (["A", "B", "C"][e]), "g": g, "h": h, "j": j, "l": l});
        if !c.is_empty() {
            message["c"] = json!(c);
        }
        let mut whole = message.clone();
        whole["d"] = json!({g.clone(): message.clone()});
        whole["k"] = json!([message, {"a": 1}]);
        let schema = schema(Format::Protobuf, PROTO);
        let bytes = from_json(&schema, &whole.to_string(), Floats::STD).unwrap();
        let back: Value = serde_json::from_str(&to_json(&schema, &bytes, &Options::default()).unwrap()).unwrap();
        prop_assert_eq!(&back, &whole);
        let plain = decode(&Schema::parse(Format::Protobuf, "").unwrap(), &bytes, &Options::default());
        prop_assert_eq!(plain.stopped, None);
    }

    #[test]
    fn layouts_from_json_are_json_again(
        names in vec("[a-zé]{0,9}", 0..5), z in vec(any::<i32>(), 0..4), inner in value(),
    ) {
        let layout = "u16le len, u8 n, {text:u8 name, u8 m, {zigzag z} l[m]} g[n], msgpack:len+2 body, cstr end";
        let schema = schema(Format::Layout, layout);
        let list: Vec<_> = z.iter().map(|it| json!({"z": it})).collect();
        let groups: Vec<_> = names.iter().map(|it| json!({"name": it, "l": list})).collect();
        let message = json!({"g": groups, "body": [inner, 1, 2], "end": "x"});
        let bytes = from_json(&schema, &message.to_string(), Floats::STD).unwrap();
        let mut back: Value = serde_json::from_str(&to_json(&schema, &bytes, &Options::default()).unwrap()).unwrap();
        for key in ["len", "n"] {
            back.as_object_mut().unwrap().remove(key);
        }
        for group in back["g"].as_array_mut().unwrap() {
            group.as_object_mut().unwrap().remove("m");
        }
        prop_assert_eq!(back, message);
    }
}

/// Numbers that serde_json reads exactly.
fn float() -> impl Strategy<Value = f64> {
    any::<i32>().prop_map(|it| f64::from(it) / 1000.0)
}

/// Values of JSON without keys that begin with a dollar sign.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        float().prop_map(Value::from),
        "\\PC{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..20).prop_map(Value::from),
            prop::collection::btree_map("[a-z\"\\\\é]{0,5}", inner, 0..6)
                .prop_map(|it| Value::Object(it.into_iter().collect())),
        ]
    })
}

fn from_rmpv(value: &rmpv::Value) -> Value {
    match value {
        rmpv::Value::Boolean(it) => json!(it),
        rmpv::Value::Integer(it) => it
            .as_u64()
            .map_or_else(|| json!(it.as_i64()), |it| json!(it)),
        rmpv::Value::F64(it) => json!(it),
        rmpv::Value::String(it) => json!(it.as_str()),
        rmpv::Value::Array(it) => it.iter().map(from_rmpv).collect(),
        rmpv::Value::Map(it) => it
            .iter()
            .map(|(key, value)| (key.as_str().unwrap_or("").to_owned(), from_rmpv(value)))
            .collect(),
        _ => Value::Null,
    }
}

/// Bencode has neither floats, nor bools, nor null.
fn without_floats(value: &Value) -> Value {
    match value {
        Value::Array(it) => it.iter().map(without_floats).collect(),
        Value::Object(it) => it
            .iter()
            .map(|(key, value)| (key.clone(), without_floats(value)))
            .collect(),
        Value::String(_) => value.clone(),
        other => other.as_i64().map_or(json!("x"), Value::from),
    }
}

#[test]
fn limits_are_said() {
    let options = Options::default();
    let many = [&b"\xdc\x27\x10"[..], &[1; 10_000]].concat();
    let decoded = decode(&schema(Format::MessagePack, ""), &many, &options);
    assert_eq!(decoded.fields.len(), MAX_FIELDS);
    assert_eq!(decoded.stopped.unwrap().reason, Reason::TooManyFields);
    for (format, byte, levels) in [
        (Format::MessagePack, 0x91, 100_000),
        (Format::Cbor, 0x9f, 100_000),
        (Format::Json, b'[', 100_000),
        (Format::Bencode, b'l', 100_000),
    ] {
        let decoded = decode(&schema(format, ""), &vec![byte; levels], &options);
        assert_eq!(decoded.stopped.unwrap().reason, Reason::TooDeep, "{format}");
        assert_eq!(decoded.fields.len(), MAX_DEPTH);
    }
    // A list of nothing, a thousand million times.
    let nulls = schema(Format::Avro, r#"{"type": "array", "items": "null"}"#);
    let decoded = decode(&nulls, b"\xfe\xff\xff\xff\x0f\0", &options);
    assert_eq!(decoded.stopped.unwrap().reason, Reason::TooManyFields);
    let long = decode(
        &schema(Format::Bencode, ""),
        &[&b"999:"[..], &[b'a'; 999]].concat(),
        &options,
    );
    assert!(long.fields[0].is_cut);
    assert_eq!(long.fields[0].value.chars().count(), 257);
}

#[test]
fn guesses_read_all_bytes() {
    let names = |payload: &[u8]| {
        let guesses = guess(payload, &Options::default());
        guesses
            .iter()
            .map(|it| it.name())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(names(b" {\"a\": 1}"), "json");
    assert_eq!(names(b"\x16\0\0\0\x02hello\0\x06\0\0\0world\0\0"), "bson");
    assert_eq!(names(b"\x82\xa2id\x07\xa4name\xa3bob"), "msgpack");
    assert_eq!(names(b"\xa2\x62id\x07\x64name\x63bob"), "cbor");
    assert_eq!(
        names(b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\0\x80\0"),
        "ber"
    );
    assert_eq!(names(b"\x08\x96\x01\x12\x05hello"), "protobuf");
    assert_eq!(names(b"hello"), "");
    assert_eq!(names(b""), "");
    assert_eq!(names(b"\x05"), "");
}

#[test]
fn compressed_payloads_are_recognised() {
    let gzip = common::hex(
        "1f8b0800000000000003cb48cdc9c907008b9ed0d405000000"
            .replace("8b9ed0d4", "86a61036")
            .as_str(),
    );
    assert_eq!(
        compression(&gzip).map(fields::Compression::name),
        Some("gzip")
    );
    let zlib = common::hex("789ccb48cdc9c907 00062c0215");
    assert_eq!(
        compression(&zlib).map(fields::Compression::name),
        Some("zlib")
    );
    assert_eq!(compression(b"xyz, a text"), None);
    assert_eq!(compression(b"\x1f\x8b"), None);
}
