//! Edits of fields, and payloads from JSON and to it.

mod common;

use common::{hex, schema};
use fields::Format::{Cbor, Json, Layout, MessagePack, Protobuf};
use fields::{EditError, Floats, Format, Kind, Options, decode, edit, from_json, to_json};

/// Edits the field with that label.
fn edited(
    format: Format,
    text: &str,
    payload: &[u8],
    label: &str,
    value: &str,
) -> Result<Vec<u8>, EditError> {
    let (schema, options) = (schema(format, text), Options::default());
    let fields = decode(&schema, payload, &options).fields;
    let at = fields
        .iter()
        .position(|it| it.label == label)
        .expect("a field");
    edit(&schema, payload, at, value, &options)
}

#[test]
fn msgpack_values_keep_their_type() {
    let payload = hex("82 a2 6964 cd 0007 a1 6e a3 626f62");
    let result = |label, value| edited(MessagePack, "", &payload, label, value);
    assert_eq!(
        result("id", "8"),
        Ok(hex("82 a2 6964 cd 0008 a1 6e a3 626f62"))
    );
    assert_eq!(
        result("id", "70000"),
        Ok(hex("82 a2 6964 ce 00011170 a1 6e a3 626f62"))
    );
    assert_eq!(result("id", "-1"), Ok(hex("82 a2 6964 ff a1 6e a3 626f62")));
    assert_eq!(result("id", "x"), Err(EditError::NotOfKind(Kind::Integer)));
    let long = "*".repeat(40);
    let mut expected = hex("82 a2 6964 cd 0007 a1 6e d9 28");
    expected.extend(long.bytes());
    assert_eq!(result("n", &long), Ok(expected));
    assert_eq!(result("", "x"), Err(EditError::NotEditable));
    let time = hex("d6 ff 00000000");
    assert_eq!(
        edited(MessagePack, "", &time, "", "2013-03-21T20:04:00.5Z"),
        Ok(hex("d7 ff 77359400 514b67b0"))
    );
}

#[test]
fn json_and_cbor_values() {
    assert_eq!(
        edited(Json, "", br#"{"a": "x", "b": 1}"#, "a", "q\"\n"),
        Ok(br#"{"a": "q\"\n", "b": 1}"#.to_vec())
    );
    assert_eq!(
        edited(Json, "", br#"{"b": 1}"#, "b", "[true]"),
        Ok(br#"{"b": [true]}"#.to_vec())
    );
    assert_eq!(
        edited(Json, "", b"[1]", "[0]", "tru"),
        Err(EditError::NotOfKind(Kind::Integer))
    );
    assert_eq!(
        edited(Cbor, "", &hex("a1 61 61 01"), "a", "-500"),
        Ok(hex("a1 61 61 39 01f3"))
    );
    assert_eq!(
        edited(Cbor, "", &hex("82 f4 41 00"), "[1]", "0a0b"),
        Ok(hex("82 f4 42 0a0b"))
    );
    assert_eq!(
        edited(Cbor, "", &hex("82 f4 41 00"), "[0]", "true"),
        Ok(hex("82 f5 41 00"))
    );
}

#[test]
fn lengths_around_a_protobuf_field_are_mended() {
    let payload = hex("0a 05 12 03 0a 01 61 10 01");
    let long = "*".repeat(200);
    let mut expected = hex("0a d0 01 12 cb 01 0a c8 01");
    expected[1..].copy_from_slice(&hex("d1 01 12 cc 01 0a c8 01")[..8]);
    let result = edited(Protobuf, "", &payload, "1", "x");
    assert_eq!(
        result,
        Err(EditError::NotEditable),
        "the group is the first of that name"
    );
    let (schema, options) = (schema(Protobuf, ""), Options::default());
    let result = edit(&schema, &payload, 2, &long, &options).expect("a text");
    let fields = decode(&schema, &result, &options);
    assert_eq!(fields.stopped, None);
    assert_eq!(fields.fields[2].value_range.len(), 200);
    assert_eq!(result.len(), payload.len() + 199 + 3);
}

const PROTO: &str = "syntax = \"proto3\"; message M { int32 a = 1; Color c = 2; repeated sint32 n = 3; \
    map<int32, string> m = 4; bytes b = 5; M sub = 6; double d = 7; repeated string s = 8; bool ok = 9; }
    enum Color { RED = 0; BLUE = 1; }";

#[test]
fn enums_are_edited_by_name() {
    let payload = hex("08 01 10 01");
    assert_eq!(
        edited(Protobuf, PROTO, &payload, "c", "RED"),
        Ok(hex("08 01 10 00"))
    );
    assert_eq!(
        edited(Protobuf, PROTO, &payload, "c", "7"),
        Ok(hex("08 01 10 07"))
    );
    assert_eq!(
        edited(Protobuf, PROTO, &payload, "c", "GREEN"),
        Err(EditError::NotOfKind(Kind::Symbol))
    );
    assert_eq!(
        edited(Protobuf, PROTO, &payload, "a", "3000000000"),
        Err(EditError::TooLarge)
    );
}

#[test]
fn lengths_of_a_layout_are_mended() {
    let layout = "u8 n, text:n a, u8 m, msgpack:m-1 body, u8 sum";
    let payload = hex("02 6869 03 91 01 ff");
    assert_eq!(
        edited(Layout, layout, &payload, "a", "x"),
        Ok(hex("01 78 03 91 01 ff"))
    );
    assert_eq!(
        edited(Layout, layout, &payload, "[0]", "300"),
        Ok(hex("02 6869 05 91 cd 012c ff"))
    );
    assert_eq!(
        edited(Layout, layout, &payload, "a", &"*".repeat(256)),
        Err(EditError::TooLong)
    );
    assert_eq!(
        edited(Layout, layout, &payload, "sum", "256"),
        Err(EditError::TooLarge)
    );
    assert_eq!(
        edited(Layout, "text:2 a", b"hi", "a", "x"),
        Err(EditError::WrongLength)
    );
    assert_eq!(
        edited(Layout, "u8 n, text:n a, text:n b", b"\x01ab", "a", "xx"),
        Err(EditError::Breaks)
    );
}

fn round_trip(format: Format, text: &str, payload: &[u8], json: &str) {
    let (schema, options) = (schema(format, text), Options::default());
    assert_eq!(to_json(&schema, payload, &options).as_deref(), Ok(json));
    assert_eq!(
        from_json(&schema, json, Floats::STD).as_deref(),
        Ok(payload)
    );
}

#[test]
fn self_describing_payloads_are_json_and_back() {
    round_trip(
        MessagePack,
        "",
        &hex("82 a1 61 93 01 c3 c0 a1 62 cb 3ff8000000000000"),
        r#"{"a":[1,true,null],"b":1.5}"#,
    );
    round_trip(
        MessagePack,
        "",
        &hex("94 c4 02 0aff d4 05 01 ca 3fc00000 d6 ff 00000001"),
        r#"[{"$bytes":"0aff"},{"$ext":[5,"01"]},{"$f32":1.5},{"$time":"1970-01-01T00:00:01Z"}]"#,
    );
    round_trip(
        MessagePack,
        "",
        &hex("81 01 a1 78"),
        r#"{"$map":[[1,"x"]]}"#,
    );
    round_trip(
        MessagePack,
        "",
        &hex("81 91 01 02"),
        r#"{"$map":[[[1],2]]}"#,
    );
    round_trip(
        MessagePack,
        "",
        &hex("81 a2 2478 01"),
        r#"{"$map":[["$x",1]]}"#,
    );
    round_trip(
        MessagePack,
        "",
        &hex("cb 7ff8000000000000"),
        r#"{"$f64":"NaN"}"#,
    );
    round_trip(
        Cbor,
        "",
        &hex("83 d8 20 61 78 f7 3b ffffffffffffffff"),
        r#"[{"$tag":[32,"x"]},{"$simple":23},-18446744073709551616]"#,
    );
}

#[test]
fn protobuf_follows_its_json_mapping() {
    let payload = hex(
        "08 fb ff ff ff ff ff ff ff ff 01 10 01 1a 02 01 04 22 05 08 01 12 01 78 2a 02 00ff 32 02 08 01 39 000000000000f83f 42 01 61 42 01 62 48 01",
    );
    round_trip(
        Protobuf,
        PROTO,
        &payload,
        r#"{"a":-5,"c":"BLUE","n":[-1,2],"m":{"1":"x"},"b":"AP8=","sub":{"a":1},"d":1.5,"s":["a","b"],"ok":true}"#,
    );
    let schema = schema(Protobuf, PROTO);
    let error = from_json(&schema, "{\n \"x\": 1}", Floats::STD).unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 2, column 2: there is no field \"x\" here, only a, c, n, m, b, sub, d, s, ok"
    );
}

#[test]
fn layouts_compute_lengths() {
    let layout =
        "u8 type\ntype=1: u8 n, text:n name, u8 count, {u16be id, text:u8 t} list[count], x8 flags";
    let payload = hex("01 03 626f62 01 0007 01 78 0f");
    round_trip(
        Layout,
        layout,
        &payload,
        r#"{"type":1,"n":3,"name":"bob","count":1,"list":[{"id":7,"t":"x"}],"flags":15}"#,
    );
    let schema = schema(Layout, layout);
    let short = r#"{"type":1,"name":"bob","list":[{"id":7,"t":"x"}],"flags":"0x0f"}"#;
    assert_eq!(from_json(&schema, short, Floats::STD), Ok(payload));
    let error = from_json(&schema, r#"{"type":1}"#, Floats::STD).unwrap_err();
    assert_eq!(error.problem.to_string(), "there is no \"n\" in the object");
}

#[test]
fn formats_without_json_say_so() {
    let error = to_json(&schema(Protobuf, ""), b"", &Options::default()).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("only MessagePack, CBOR, layouts, and")
    );
    assert!(from_json(&schema(Format::Bson, ""), "{}", Floats::STD).is_err());
    let stopped = to_json(&schema(MessagePack, ""), b"\x92\x01", &Options::default()).unwrap_err();
    assert_eq!(stopped.to_string(), "after 2 bytes: ends too early");
}
