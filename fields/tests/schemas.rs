//! Avro and layouts.

mod common;

use common::{hex, with};
use fields::Format::{Avro, Layout};
use fields::Schema;

#[test]
fn avro_record_of_its_specification() {
    let schema = r#"{"type": "record", "name": "test",
        "fields": [{"name": "a", "type": "long"}, {"name": "b", "type": "string"}]}"#;
    assert_eq!(
        with(Avro, schema, &hex("36 06 66 6f 6f")),
        "0-5 : {2}\n0-1   a: 27\n1-5   b: foo\n"
    );
    assert_eq!(
        with(
            Avro,
            r#"{"type": "array", "items": "long"}"#,
            &hex("04 06 36 00")
        ),
        "0-4 : [2]\n1-2   [0]: 3\n2-3   [1]: 27\n"
    );
    assert_eq!(
        with(Avro, r#"["null", "string"]"#, &hex("02 02 61")),
        "0-3 : a\n"
    );
    assert_eq!(
        with(Avro, r#"["null", "string"]"#, &hex("00")),
        "0-1 : null\n"
    );
    assert_eq!(
        with(Avro, r#"["null", "string"]"#, &hex("08")),
        "after 0 bytes: 4 is not in the schema\n"
    );
    assert_eq!(with(Avro, "boolean", &hex("01")), "0-1 : true\n");
}

#[test]
fn avro_of_other_types() {
    let schema = r#"{"type": "record", "name": "R", "namespace": "n", "fields": [
        {"name": "m", "type": {"type": "map", "values": "int"}},
        {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["A", "B"]}},
        {"name": "f", "type": {"type": "fixed", "name": "F", "size": 2}},
        {"name": "d", "type": {"type": "int", "logicalType": "date"}},
        {"name": "t", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "c", "type": {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}},
        {"name": "x", "type": "double"},
        {"name": "next", "type": ["null", "R"]}]}"#;
    let payload = hex("01 06 02 6b 02 00 02 abcd 02 d00f 04 ff85 000000000000f83f 00");
    assert_eq!(
        with(Avro, schema, &payload),
        "0-24 : {8}\n0-6   m: {1}\n2-5     k: 1\n6-7   e: B\n7-9   f: ab cd\n9-10   d: 1970-01-02\n\
         10-12   t: 1970-01-01T00:00:01Z\n12-15   c: -1.23\n15-23   x: 1.5\n23-24   next: null\n"
    );
    assert_eq!(
        with(Avro, "\"long\"", b"Obj\x01more"),
        "after 0 bytes: an Avro container file: only single messages are read\n"
    );
}

#[test]
fn errors_of_schemas_have_a_place_and_a_remedy() {
    for (format, text, error) in [
        (Avro, "", "avro needs a schema"),
        (
            Avro,
            r#"{"type": "recrd"}"#,
            "line 1, column 2: unknown type \"recrd\": expected null, boolean, int, long, float, double, bytes, string, or a type that is defined before",
        ),
        (
            Avro,
            r#"{"type": "record", "name": "A"}"#,
            "line 1, column 1: expected an object with \"fields\"",
        ),
        (
            Avro,
            "{\"type\": \n]",
            "line 2, column 1: no JSON: unexpected byte 5d",
        ),
        (
            Layout,
            "u16 a",
            "line 1, column 1: u16 has more than one byte: write u16be or u16le",
        ),
        (
            Layout,
            "u8 type\ntyp=1: text a",
            "line 2, column 1: there is no field \"typ\" before this place",
        ),
        (
            Layout,
            "text a, u8 b",
            "a has no length and goes on to the end, so it has to be the last field: give it a length, such as :u16be, :12 or that of a field",
        ),
        (
            Layout,
            "u8 a[], u8 b",
            "a[] goes on to the end, so it has to be the last field",
        ),
        (
            Layout,
            "text:n a",
            "line 1, column 6: there is no field \"n\" before this place",
        ),
        (
            Layout,
            "i8 n, text:n a",
            "line 1, column 12: field \"n\" is no unsigned number",
        ),
        (
            Layout,
            "u8",
            "line 1, column 3: expected the name of the field, found the end",
        ),
        (
            Layout,
            "u8 a u8 b",
            "line 1, column 6: expected \",\" between fields, found \"u8\"",
        ),
        (
            Layout,
            "int a",
            "line 1, column 1: unknown type \"int\": expected a number such as u8, u16be, i32le, x32be, f64be, varint or zigzag, or text, bytes, cstr, {…}, or a format such as msgpack",
        ),
        (
            Layout,
            "avro a",
            "line 1, column 1: avro needs a schema of its own, and cannot be inside",
        ),
        (
            Layout,
            "# nothing",
            "the layout has no fields: expected such as \"u8 type, text name\"",
        ),
        (
            Layout,
            "u8 a\na=x: u8 b",
            "line 2, column 3: expected a value such as 1, 0x1f or 'E', found \"x\"",
        ),
    ] {
        let parsed = Schema::parse(format, text);
        let found = parsed.map_err(|it| it.to_string()).unwrap_err();
        assert_eq!(found, error);
    }
}

const LAYOUT: &str = "
u8 type, u32be seq       # of each message
type=1: text:u16be user, u8 n, u16be ids[n]
type=2: f64be price, x32be flags, {u8 tag, text:u8 value} options[]
type='E'|3: cstr message
type=4: u16le len, msgpack:len-2 body, bytes:2 sum
else: bytes rest
";

#[test]
fn layout_with_lines_for_kinds_of_messages() {
    assert_eq!(
        with(Layout, LAYOUT, &hex("01 00000007 0003 626f62 02 0001 0002")),
        "0-1 type: 1\n1-5 seq: 7\n5-10 user: bob\n10-11 n: 2\n11-15 ids: [2]\n11-13   [0]: 1\n13-15   [1]: 2\n"
    );
    assert_eq!(
        with(
            Layout,
            LAYOUT,
            &hex("02 00000000 3ff8000000000000 0000ff00 01 01 61 02 00")
        ),
        "0-1 type: 2\n1-5 seq: 0\n5-13 price: 1.5\n13-17 flags: 0x0000ff00\n17-22 options: [2]\n\
         17-20   [0]: {2}\n17-18     tag: 1\n18-20     value: a\n\
         20-22   [1]: {2}\n20-21     tag: 2\n21-22     value: \n"
    );
    assert_eq!(
        with(Layout, LAYOUT, b"E\0\0\0\0oops\0"),
        "0-1 type: 69\n1-5 seq: 0\n5-10 message: oops\n"
    );
    assert_eq!(
        with(Layout, LAYOUT, &hex("04 00000000 0500 81 a1 61 abcd")),
        "0-1 type: 4\n1-5 seq: 0\n5-7 len: 5\n7-10 body: {1}\nafter 10 bytes: ends too early\n"
    );
    assert_eq!(
        with(Layout, LAYOUT, &hex("04 00000000 0500 81 01 02 abcd")),
        "0-1 type: 4\n1-5 seq: 0\n5-7 len: 5\n7-10 body: {1}\n8-10   1: 2\n10-12 sum: ab cd\n"
    );
    assert_eq!(
        with(Layout, LAYOUT, &hex("09 00000000 ff")),
        "0-1 type: 9\n1-5 seq: 0\n5-6 rest: ff\n"
    );
    assert_eq!(
        with(Layout, LAYOUT, &hex("01 00000007 0009 626f62")),
        "0-1 type: 1\n1-5 seq: 7\nafter 7 bytes: ends too early\n"
    );
}

#[test]
fn layout_numbers() {
    for (kind, bytes, value) in [
        ("u24be", "010203", "66051"),
        ("u24le", "010203", "197121"),
        ("i8", "ff", "-1"),
        ("i16le", "feff", "-2"),
        ("u64be", "ffffffffffffffff", "18446744073709551615"),
        ("x16be", "00ff", "0x00ff"),
        ("f32le", "0000c03f", "1.5"),
        ("varint", "ac02", "300"),
        ("zigzag", "03", "-2"),
        ("text:2", "6869", "hi"),
        ("json", "5b5d", "[0]"),
        ("protobuf", "0801", "{1}"),
    ] {
        let payload = hex(bytes);
        let rows = with(Layout, &format!("{kind} a"), &payload);
        let expected = format!("0-{} a: {value}\n", payload.len());
        assert!(rows.starts_with(&expected), "{kind}: {rows}");
    }
}

#[test]
fn a_message_for_which_there_is_no_line_says_so() {
    assert_eq!(
        with(Layout, "u8 type\ntype=1: text a", b"\x02x"),
        "0-1 type: 2\nafter 1 byte: no line of the layout is for this message\n"
    );
    assert_eq!(
        with(Layout, "u8 a", b"\x01\x02"),
        "0-1 a: 1\nafter 1 byte: more bytes follow the value\n"
    );
    assert_eq!(
        with(
            Layout,
            "text:4 kind\nkind='PING': u8 n\nkind='DATA': bytes d",
            b"DATA\x01"
        ),
        "0-4 kind: DATA\n4-5 d: 01\n"
    );
}
