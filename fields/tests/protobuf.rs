//! Protocol Buffers, without a schema and with one.

mod common;

use common::{check, hex, plain, with};
use fields::Format::Protobuf;
use fields::{Format, Schema};

/// developers.google.com/protocol-buffers/docs/encoding
#[test]
fn examples_of_the_encoding_are_guessed() {
    check(Protobuf, "08 96 01", "0-3 1: 150?\n");
    check(Protobuf, "12 07 74657374696e67", "0-9 2: testing?\n");
    check(Protobuf, "1a 03 08 96 01", "0-5 3: {1}?\n2-5   1: 150?\n");
    check(
        Protobuf,
        "32 06 03 8e 02 9e a7 05",
        "0-8 6: [3]?\n2-3   [0]: 3?\n3-5   [1]: 270?\n5-8   [2]: 86942?\n",
    );
}

#[test]
fn messages_that_are_printable_are_messages() {
    // A message with one text of ten characters: a line break, a line break, the text.
    assert_eq!(
        plain(Protobuf, b"\x0a\x0c\x0a\x0a0123456789"),
        "0-14 1: {1}?\n2-14   1: 0123456789?\n"
    );
    assert_eq!(
        plain(Protobuf, b"\x0a\x0bhello\nworld"),
        "0-13 1: hello\nworld?\n"
    );
}

#[test]
fn fixed_numbers_are_floats_if_that_is_likely() {
    check(Protobuf, "0d 0000c03f", "0-5 1: 1.5?\n");
    check(Protobuf, "09 0100000000000000", "0-9 1: 1?\n");
    check(Protobuf, "08 ffffffffffffffffff01", "0-11 1: -1?\n");
}

#[test]
fn half_a_message_shows_its_half() {
    check(
        Protobuf,
        "08 01 12 05 6869",
        "0-2 1: 1?\nafter 4 bytes: ends too early\n",
    );
    assert!(plain(Protobuf, &hex("0b 0c")).ends_with(
        "after 0 bytes: groups are not read: Protocol Buffers replaced them by messages\n"
    ));
    assert!(plain(Protobuf, &hex("00 01")).ends_with("after 0 bytes: unknown type 0\n"));
}

const PROTO: &str = r#"
syntax = "proto3"; // the version
package shop.v1;
import "google/protobuf/timestamp.proto";
/* The first message is that of the payloads. */
message Order {
  option deprecated = true;
  reserved 100 to 200, 300;
  reserved "old";
  int64 id = 1 [json_name = "identifier"];
  sint32 change = 2;
  repeated int32 counts = 3;
  map<string, Item> items = 4;
  Status status = 5;
  oneof payment { string card = 6; bytes token = 7; }
  google.protobuf.Timestamp created = 8;
  repeated Item list = 9;
  double price = 10;
  enum Status { UNKNOWN = 0; PAID = 1; option allow_alias = true; DONE = 1; }
  message Item { string name = 1; Status status = 2; fixed32 flags = 3; }
}
message Other { Order order = 1; bool is_new = 2; }
service Shop { rpc Get(Other) returns (Order) { option (http) = { get: "/x" }; } }
"#;

#[test]
fn a_proto_file_names_fields() {
    let payload = hex(
        "08 07  10 03  1a 03 01 ac 02  22 0a 0a 01 61 12 05 0a 03 62 65 72  28 01  32 01 34 \
         42 02 08 01  62 01 78",
    );
    assert_eq!(
        with(Protobuf, PROTO, &payload),
        "0-2 id: 7\n2-4 change: -2\n4-9 counts: [2]\n6-7   [0]: 1\n7-9   [1]: 300\n\
         9-21 items: {2}\n11-14   key: a\n14-21   value: {1}\n16-21     name: ber\n\
         21-23 status: PAID\n23-26 card: 4\n26-30 created: {1}\n28-30   seconds: 1\n30-33 12: x?\n"
    );
    assert_eq!(
        with(
            Protobuf,
            &format!("@Other\n{PROTO}"),
            &hex("0a 02 08 07 10 01")
        ),
        "0-4 order: {1}\n2-4   id: 7\n4-6 is_new: true\n"
    );
}

#[test]
fn a_field_of_another_wire_type_is_guessed() {
    assert_eq!(with(Protobuf, PROTO, &hex("0a 01 78")), "0-3 1: x?\n");
    assert_eq!(with(Protobuf, PROTO, &hex("28 63")), "0-2 status: 99\n");
}

#[test]
fn errors_of_a_proto_file_have_a_place_and_a_remedy() {
    for (text, error) in [
        (
            "message A {\n  strin name = 1;\n}",
            "line 2, column 3: there is no type \"strin\": expected string, int32, a message or an enum",
        ),
        (
            "import \"b.proto\";\nmessage A { b.C c = 1; }",
            "line 2, column 13: there is no type \"b.C\": imports such as \"b.proto\" are not read, so add the definition to this text",
        ),
        (
            "message A { string a = 1; string b = 1; }",
            "line 1, column 38: number 1 is already that of field \"a\"",
        ),
        (
            "message A { optional group B = 1 {} }",
            "line 1, column 22: groups are not read: Protocol Buffers replaced them by messages",
        ),
        (
            "message A { string a; }",
            "line 1, column 21: expected \"=\", found \";\"",
        ),
        (
            "message A { string a = 0; }",
            "line 1, column 24: field numbers are 1 to 536870911",
        ),
        (
            "enum A { B = 0; }",
            "there is no message in the schema: expected \"message Name { … }\"",
        ),
        (
            "@C message A {}",
            "line 1, column 2: there is no message \"C\", only A",
        ),
        (
            "message A {",
            "line 1, column 12: expected a field such as \"string name = 1;\", found the end",
        ),
        (
            "hello",
            "line 1, column 1: expected message, enum, package, option or @Name, found \"hello\"",
        ),
    ] {
        let parsed = Schema::parse(Format::Protobuf, text);
        assert_eq!(parsed.map_err(|it| it.to_string()).unwrap_err(), error);
    }
}

#[test]
fn fields_may_have_the_names_of_keywords() {
    let proto = "message message { message message = 1; optional string oneof = 2; string option = 3; reserved 9; }";
    assert_eq!(
        with(Protobuf, proto, b"\x0a\x03\x12\x01x\x1a\x01y"),
        "0-5 message: {1}\n2-5   oneof: x\n5-8 option: y\n"
    );
}
