//! JSON, MessagePack, CBOR, BSON, BER, bencode and Thrift: the examples of their specifications.

mod common;

use common::{check, check_row, hex, plain};
use fields::Format::{Bencode, Ber, Bson, Cbor, Json, MessagePack, Thrift};

#[test]
fn json_keeps_numbers_as_they_are_written() {
    let json = br#" {"a": 1.50, "b": [true, null, -12345678901234567890123], "c": "\u00e9\n\ud83d\ude00"} "#;
    assert_eq!(
        plain(Json, json),
        "1-86 : {3}\n2-11   a: 1.50\n13-56   b: [3]\n19-23     [0]: true\n25-29     [1]: null\n\
         31-55     [2]: -12345678901234567890123\n58-85   c: é\n😀\n"
    );
}

#[test]
fn json_that_stops_shows_what_came_before() {
    assert_eq!(
        plain(Json, br#"{"a": 1, "b": tru"#),
        "0-17 : {0}\n1-7   a: 1\nafter 17 bytes: ends too early\n"
    );
    assert_eq!(
        plain(Json, b"[1,]"),
        "0-3 : [0]\n1-2   [0]: 1\nafter 3 bytes: unexpected byte 5d\n"
    );
    assert_eq!(
        plain(Json, b"1 2"),
        "0-1 : 1\nafter 2 bytes: more bytes follow the value\n"
    );
}

#[test]
fn msgpack_example_of_its_home_page() {
    check(
        MessagePack,
        "82 a7 636f6d70616374 c3 a6 736368656d61 00",
        "0-18 : {2}\n1-10   compact: true\n10-18   schema: 0\n",
    );
}

#[test]
fn msgpack_of_each_type() {
    for (bytes, value) in [
        ("c0", "null"),
        ("cc ff", "255"),
        ("cd 0100", "256"),
        ("ce ffffffff", "4294967295"),
        ("cf ffffffffffffffff", "18446744073709551615"),
        ("d0 80", "-128"),
        ("d1 8000", "-32768"),
        ("d2 80000000", "-2147483648"),
        ("d3 8000000000000000", "-9223372036854775808"),
        ("e0", "-32"),
        ("ca 3fc00000", "1.5"),
        ("cb 3ff199999999999a", "1.1"),
        ("a2 6869", "hi"),
        ("d9 02 6869", "hi"),
        ("c4 02 00ff", "00 ff"),
        ("d4 05 0a", "(5) 0a"),
        ("c7 03 05 0a0b0c", "(5) 0a 0b 0c"),
        ("d6 ff 00000000", "1970-01-01T00:00:00Z"),
        ("d7 ff 77359400 514b67b0", "2013-03-21T20:04:00.5Z"),
        ("c7 0c ff 00000000 ffffffffffffffff", "1969-12-31T23:59:59Z"),
        ("90", "[0]"),
        ("80", "{0}"),
    ] {
        check_row(MessagePack, bytes, &format!(": {value}"));
    }
    assert_eq!(
        plain(MessagePack, b"\xc1"),
        "after 0 bytes: unknown type 193\n"
    );
    assert_eq!(
        plain(MessagePack, b"\x93\x01\xa5hel"),
        "0-3 : [3]\n1-2   [0]: 1\nafter 3 bytes: ends too early\n"
    );
}

#[test]
fn msgpack_keys_of_any_type() {
    check(
        MessagePack,
        "82 01 a1 61 92 01 02 c3",
        "0-8 : {2}\n1-4   1: a\n4-7   ?: [2]\n5-6     [0]: 1\n6-7     [1]: 2\n7-8   : true\n",
    );
}

/// RFC 8949, appendix A.
#[test]
fn cbor_of_appendix_a() {
    for (bytes, value) in [
        ("1818", "24"),
        ("1bffffffffffffffff", "18446744073709551615"),
        ("3bffffffffffffffff", "-18446744073709551616"),
        ("3903e7", "-1000"),
        ("f90000", "0.0"),
        ("f98000", "-0.0"),
        ("f93c00", "1.0"),
        ("f97bff", "65504.0"),
        ("f90001", "5.9604645e-8"),
        ("f90400", "6.1035156e-5"),
        ("f97c00", "inf"),
        ("f97e00", "NaN"),
        ("fa47c35000", "100000.0"),
        ("fb3ff199999999999a", "1.1"),
        ("f4", "false"),
        ("f6", "null"),
        ("f7", "simple(23)"),
        ("f0", "simple(16)"),
        ("f8ff", "simple(255)"),
        ("4401020304", "01 02 03 04"),
        ("6449455446", "IETF"),
        ("5f42010243030405ff", "01 02 03 04 05"),
        ("7f657374726561646d696e67ff", "streaming"),
        ("9fff", "[0]"),
    ] {
        check_row(Cbor, bytes, &format!(": {value}"));
    }
    check(
        Cbor,
        "bf 61 61 01 61 62 9f 02 03 ff ff",
        "0-11 : {2}\n1-4   a: 1\n4-10   b: [2]\n7-8     [0]: 2\n8-9     [1]: 3\n",
    );
}

#[test]
fn cbor_tags_of_times_show_them() {
    let time = "2013-03-21T20:04:00Z";
    check(
        Cbor,
        "c0 74 323031332d30332d32315432303a30343a30305a",
        &format!("0-22 : {time}\n1-22   : {time}\n"),
    );
    check(
        Cbor,
        "c1 1a514b67b0",
        &format!("0-6 : {time}\n1-6   : 1363896240\n"),
    );
    check(
        Cbor,
        "c1 fb41d452d9ec200000",
        "0-10 : 2013-03-21T20:04:00.5Z\n1-10   : 1363896240.5\n",
    );
    check(Cbor, "d8 20 61 78", "0-4 : tag 32\n2-4   : x\n");
}

#[test]
fn cbor_that_is_not_well_formed_stops() {
    for bytes in [
        "1c", "ff", "f818", "5f01ff", "9f", "82 01", "61", "a1 61 61",
    ] {
        assert!(plain(Cbor, &hex(bytes)).contains("after "), "{bytes}");
    }
}

/// bsonspec.org.
#[test]
fn bson_examples_of_its_specification() {
    assert_eq!(
        plain(Bson, b"\x16\0\0\0\x02hello\0\x06\0\0\0world\0\0"),
        "0-22 : {1}\n4-21   hello: world\n"
    );
    let payload =
        b"\x31\0\0\0\x04BSON\0\x26\0\0\0\x020\0\x08\0\0\0awesome\0\x011\0\x33\x33\x33\x33\
                    \x33\x33\x14\x40\x102\0\xc2\x07\0\0\0\0";
    assert_eq!(
        plain(Bson, payload),
        "0-49 : {1}\n4-48   BSON: [3]\n14-29     [0]: awesome\n29-40     [1]: 5.05\n40-47     [2]: 1986\n"
    );
}

#[test]
fn bson_of_each_type() {
    let elements: &[(&[u8], &str)] = &[
        (b"\x05a\0\x02\0\0\0\x04\x01\x02", "01 02"),
        (
            b"\x07a\0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c",
            "01 02 03 04 05 06 07 08 09 0a 0b 0c",
        ),
        (b"\x08a\0\x01", "true"),
        (
            b"\x09a\0\x00\x40\x72\x61\x3d\x01\0\0",
            "2013-03-13T01:51:50.272Z",
        ),
        (b"\x0aa\0", "null"),
        (b"\x0ba\0x+\0i\0", "/x+/i"),
        (b"\x0da\0\x02\0\0\0x\0", "x"),
        (b"\x11a\0\x01\0\0\0\x02\0\0\0", "2:1"),
        (b"\x12a\0\xff\xff\xff\xff\xff\xff\xff\xff", "-1"),
        (
            b"\x13a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x40\x30",
            "00 00 00 00 00 00 00 00 00 00 00 00 00 00 40 30",
        ),
        (b"\xffa\0", "min key"),
        (b"\x7fa\0", "max key"),
    ];
    for (element, value) in elements {
        let len = element.len() + 5;
        let payload = [&[len as u8, 0, 0, 0], *element, b"\0"].concat();
        let rows = plain(Bson, &payload);
        let start = format!("0-{len} : {{1}}\n4-");
        assert!(
            rows.starts_with(&start) && rows.ends_with(&format!(" a: {value}\n")),
            "{rows}"
        );
    }
    let scope = b"\x1a\0\0\0\x0fa\0\x12\0\0\0\x02\0\0\0x\0\x08\0\0\0\x0ab\0\0\0";
    assert_eq!(
        plain(Bson, scope),
        "0-26 : {1}\n4-25   a: {2}\n11-17     code: x\n17-25     scope: {1}\n21-24       b: null\n"
    );
    assert!(
        plain(Bson, b"\x06\0\0\0\0\0").ends_with("a length does not agree with its contents\n")
    );
}

/// An LDAP bind request, with its simple authentication.
#[test]
fn ber_labels_fields_by_their_tags() {
    check(
        Ber,
        "30 0f 02 01 01 60 0a 02 01 03 04 02 636e 80 01 78",
        "0-17 SEQUENCE: [2]\n2-5   INTEGER: 1\n5-17   [APPLICATION 0]: [3]\n\
         7-10     INTEGER: 3\n10-14     OCTET STRING: cn?\n14-17     [0]: x?\n",
    );
}

#[test]
fn ber_of_universal_types() {
    for (bytes, row) in [
        ("01 01 ff", "BOOLEAN: true"),
        ("02 02 ff7f", "INTEGER: -129"),
        (
            "02 09 00ffffffffffffffff",
            "INTEGER: 00 ff ff ff ff ff ff ff ff",
        ),
        ("05 00", "NULL: null"),
        ("06 06 2a864886f70d", "OBJECT IDENTIFIER: 1.2.840.113549"),
        ("06 03 883703", "OBJECT IDENTIFIER: 2.999.3"),
        ("0d 02 8837", "RELATIVE-OID: 1079"),
        ("0c 02 c3a9", "UTF8String: é"),
        ("1e 04 00e90041", "BMPString: éA"),
        (
            "17 0d 3931303530363233343534305a",
            "UTCTime: 1991-05-06T23:45:40Z",
        ),
        (
            "18 11 31393835313130363231303632372e335a",
            "GeneralizedTime: 1985-11-06T21:06:27.3Z",
        ),
        ("03 02 06c0", "BIT STRING: 06 c0"),
        ("0a 01 02", "ENUMERATED: 2"),
        ("9f 81 01 01 00", "[129]: 00?"),
        ("df 1f 01 00", "[PRIVATE 31]: 00?"),
    ] {
        check_row(Ber, bytes, row);
    }
    check(
        Ber,
        "30 80 02 01 05 00 00",
        "0-7 SEQUENCE: [1]\n2-5   INTEGER: 5\n",
    );
    assert!(plain(Ber, &hex("30 05 02 01 05")).ends_with("after 2 bytes: ends too early\n"));
}

#[test]
fn bencode_of_its_specification() {
    assert_eq!(
        plain(Bencode, b"d4:spaml1:a1:be3:cowi-3ee"),
        "0-25 : {2}\n1-15   spam: [2]\n8-11     [0]: a\n11-14     [1]: b\n15-24   cow: -3\n"
    );
    assert_eq!(plain(Bencode, b"2:\xff\0"), "0-4 : ff 00\n");
    assert!(plain(Bencode, b"d4:spam").ends_with("after 7 bytes: ends too early\n"));
    assert!(plain(Bencode, b"i12").ends_with("ends too early\n"));
}

#[test]
fn thrift_of_both_protocols() {
    check(
        Thrift,
        "08 0001 00000096 0b 0002 00000007 74657374696e67 0f 0003 02 00000001 01 00",
        "0-31 : {3}\n0-7   1: 150\n7-21   2: testing\n21-30   3: [1]\n29-30     [0]: true\n",
    );
    check(
        Thrift,
        "15 ac02 18 07 74657374696e67 19 11 01 11 00",
        "0-17 : {4}\n0-3   1: 150\n3-12   2: testing\n12-15   3: [1]\n14-15     [0]: true\n15-16   4: true\n",
    );
}

#[test]
fn thrift_messages_have_names() {
    check(
        Thrift,
        "80010001 00000004 70696e67 00000001 00",
        "0-16 type: call\n0-16 name: ping\n0-16 sequence: 1\n16-17 : {0}\n",
    );
    check(
        Thrift,
        "82 21 01 04 70696e67 00",
        "0-8 type: call\n0-8 name: ping\n0-8 sequence: 1\n8-9 : {0}\n",
    );
}

/// Maps from a string to an i32, from a list to a boolean, and one that is cut.
#[test]
fn thrift_maps_of_both_protocols() {
    check(
        Thrift,
        "0d 0001 0b 08 00000001 00000001 61 00000007 00",
        "0-19 : {1}\n0-18   1: {1}\n9-18     a: 7\n",
    );
    check(
        Thrift,
        "0d 0001 0f 02 00000001 03 00000001 05 01 00",
        "0-17 : {1}\n0-16   1: {1}\n9-15     ?: [1]\n14-15       [0]: 5\n15-16     : true\n",
    );
    check(
        Thrift,
        "1b 01 85 01 61 0e 00",
        "0-7 : {1}\n0-6   1: {1}\n3-6     a: 7\n",
    );
    check(
        Thrift,
        "1b 01 92 13 05 01 00",
        "0-7 : {1}\n0-6   1: {1}\n3-5     ?: [1]\n4-5       [0]: 5\n5-6     : true\n",
    );
    check(
        Thrift,
        "1b 03",
        "0-2 : {0}\n0-2   1: {3}\nafter 2 bytes: ends too early\n",
    );
}
