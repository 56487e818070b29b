//! Random values of each format, and random streams that resemble them.

use proptest::collection::vec;
use proptest::prelude::*;
use protocol::ValueFormat;

type Bytes = BoxedStrategy<Vec<u8>>;

pub(crate) fn formats() -> impl Strategy<Value = ValueFormat> {
    prop::sample::select(&ValueFormat::ALL[..])
}

/// A format and one of its values.
pub(crate) fn values() -> impl Strategy<Value = (ValueFormat, Vec<u8>)> {
    formats().prop_flat_map(|format| (Just(format), value(format)))
}

/// A format and one of its [streams](stream).
pub(crate) fn streams() -> impl Strategy<Value = (ValueFormat, Vec<u8>)> {
    formats().prop_flat_map(|format| (Just(format), stream(format)))
}

/// Streams of values, some of whose bytes were changed.
pub(crate) fn stream(format: ValueFormat) -> Bytes {
    let bytes = prop::sample::select(alphabet(format));
    let byte = prop_oneof![6 => bytes, 1 => any::<u8>()];
    let noise = vec(byte.clone(), 0..20);
    let edits = vec((any::<prop::sample::Index>(), byte), 0..3);
    let stream = (vec(value(format), 1..4), edits, noise);
    let stream = stream.prop_map(|(values, edits, noise)| {
        let mut stream = values.concat();
        for (at, byte) in edits {
            let at = at.index(stream.len());
            stream[at] = byte;
        }
        [stream, noise].concat()
    });
    stream.boxed()
}

/// Bytes that decide where a value ends.
fn alphabet(format: ValueFormat) -> &'static [u8] {
    match format {
        ValueFormat::Json => b"[]{},:\"\"\\/tfnu-+.eE0129 \nrlasx",
        ValueFormat::MessagePack => b"\x80\x81\x91\xa1\xc0\xc1\xc4\xc5\xc6\xc7\xc9\xcc\xcf\xd4\xd8\xd9\xdb\xdc\xdd\xde\xdf\x00\x01",
        ValueFormat::Cbor => b"\x00\x01\x18\x1b\x1c\x1f\x40\x41\x58\x5f\x60\x61\x7f\x80\x81\x82\x9f\x9f\xa1\xbf\xbf\xc1\xd8\xf8\xf9\xff\xff\xff",
        ValueFormat::Resp => b"+-:$*_#,(!=%~>|0123\r\n\r\n\r\ntf?;x",
        ValueFormat::Bencode => b"ldeiiee-0012::x",
        ValueFormat::Ber => b"\x00\x00\x00\x01\x02\x04\x1f\x30\x30\x3f\x80\x80\x81\x82\x88\x89\xff",
    }
}

/// Values of `format`.
pub(crate) fn value(format: ValueFormat) -> Bytes {
    match format {
        ValueFormat::Json => json(),
        ValueFormat::MessagePack => msgpack(),
        ValueFormat::Cbor => cbor(),
        ValueFormat::Resp => resp(),
        ValueFormat::Bencode => bencode(),
        ValueFormat::Ber => ber(),
    }
}

fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// Contents of strings; long ones need longer lengths.
fn contents() -> impl Strategy<Value = Vec<u8>> {
    let len = prop_oneof![10 => 200_usize..300, 1 => Just(70_000)];
    let long = (len, any::<u8>()).prop_map(|(len, byte)| vec![byte; len]);
    prop_oneof![30 => vec(any::<u8>(), 0..6), 1 => long]
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    "\\PC{0,6}".prop_map(String::into_bytes)
}

fn json() -> Bytes {
    let string = r#""([^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4}){0,6}""#;
    let leaf = prop_oneof![
        "true|false|null",
        "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?",
        string,
    ];
    let value = leaf.prop_recursive(5, 32, 4, move |inner| {
        let space = || "[ \t\r\n]{0,2}";
        let spaced = (space(), inner, space()).prop_map(|(a, value, b)| a + &value + &b);
        let member = (space(), string, space(), spaced.clone());
        let member = member.prop_map(|(a, key, b, value)| format!("{a}{key}{b}:{value}"));
        let empty = space().prop_map(|space| format!("[{space}]"));
        let array = vec(spaced, 1..4).prop_map(|items| format!("[{}]", items.join(",")));
        let object = vec(member, 0..4).prop_map(|items| format!("{{{}}}", items.join(",")));
        prop_oneof![empty, array, object]
    });
    value.prop_map(String::into_bytes).boxed()
}

fn msgpack() -> Bytes {
    let plain = |first: u8, len: usize| {
        vec(any::<u8>(), len).prop_map(move |rest| join(&[&[first], &rest]))
    };
    let string = |first: u8, kinds: u32, extra: usize| {
        (contents(), 0..kinds).prop_map(move |(contents, kind)| {
            let width = (1 << kind).max(shortest(contents.len() as u64));
            let first = first + width.trailing_zeros() as u8;
            let extra = vec![0; extra];
            join(&[
                &[first],
                &number(contents.len() as u64, width),
                &extra,
                &contents,
            ])
        })
    };
    let leaf = prop_oneof![
        prop_oneof![
            0..=0x7f_u8,
            0xe0..=0xff_u8,
            Just(0xc0),
            Just(0xc2),
            Just(0xc3)
        ]
        .prop_map(|it| vec![it]),
        (0..32_u8).prop_map(|len| join(&[&[0xa0 + len], &vec![b'x'; len.into()]])),
        string(0xc4, 3, 0),
        string(0xc7, 3, 1),
        string(0xd9, 3, 0),
        plain(0xca, 4),
        plain(0xcb, 8),
        (0..4_usize).prop_flat_map(move |it| plain(0xcc + it as u8, 1 << it)),
        (0..4_usize).prop_flat_map(move |it| plain(0xd0 + it as u8, 1 << it)),
        (0..5_usize).prop_flat_map(move |it| plain(0xd4 + it as u8, 1 + (1 << it))),
    ];
    let value = leaf.prop_recursive(5, 32, 6, |inner| {
        (vec(inner, 0..6), 0..3_u32, any::<bool>()).prop_map(|(items, kind, is_map)| {
            let items = if is_map {
                &items[..items.len() / 2 * 2]
            } else {
                &items
            };
            let count = items.len() as u64 / if is_map { 2 } else { 1 };
            let head = match (kind, is_map) {
                (0, true) => vec![0x80 + count as u8],
                (0, false) => vec![0x90 + count as u8],
                (kind, true) => join(&[&[0xdd + kind as u8], &number(count, 1 << kind)]),
                (kind, false) => join(&[&[0xdb + kind as u8], &number(count, 1 << kind)]),
            };
            join(&[&head, &items.concat()])
        })
    });
    value.boxed()
}

/// Writes a big-endian number of `width` bytes.
fn number(value: u64, width: usize) -> Vec<u8> {
    value.to_be_bytes()[8 - width..].to_vec()
}

/// Returns the least width of a number: one, two or four bytes.
fn shortest(value: u64) -> usize {
    match value {
        0..0x100 => 1,
        0x100..0x1_0000 => 2,
        _ => 4,
    }
}

/// Head of a CBOR item, `wider` steps longer than it has to be.
fn head(major: u8, argument: u64, wider: u32) -> Vec<u8> {
    let least = match argument {
        0..24 => 0,
        24..0x100 => 1,
        0x100..0x1_0000 => 2,
        _ => 3,
    };
    match (least + wider).min(4) {
        0 => vec![major << 5 | argument as u8],
        step => join(&[
            &[major << 5 | (23 + step as u8)],
            &number(argument, 1 << (step - 1)),
        ]),
    }
}

fn cbor() -> Bytes {
    let string = |major: u8| {
        let contents = if major == 2 {
            contents().boxed()
        } else {
            text().boxed()
        };
        (contents, 0..4_u32)
            .prop_map(move |(it, wider)| join(&[&head(major, it.len() as u64, wider), &it]))
    };
    let chunks = |major: u8| {
        vec(string(major), 0..4)
            .prop_map(move |it| join(&[&[major << 5 | 31], &it.concat(), &[0xff]]))
    };
    let leaf = prop_oneof![
        (0..2_u8, any::<u64>(), 0..4_u32).prop_map(|(major, it, wider)| head(major, it, wider)),
        (0..2_u8, 0..30_u64, 0..4_u32).prop_map(|(major, it, wider)| head(major, it, wider)),
        string(2),
        string(3),
        chunks(2),
        chunks(3),
        (20..24_u8).prop_map(|it| vec![0xe0 | it]),
        (1..4_usize)
            .prop_flat_map(|it| vec(any::<u8>(), 1 << it)
                .prop_map(move |rest| join(&[&[0xf8 + it as u8], &rest]))),
        (32..=255_u8).prop_map(|it| vec![0xf8, it]),
    ];
    let value = leaf.prop_recursive(5, 32, 6, |inner| {
        let items = (
            vec(inner.clone(), 0..6),
            0..3_u32,
            any::<bool>(),
            any::<bool>(),
        );
        let level = items.prop_map(|(items, wider, is_map, is_counted)| {
            let items = if is_map {
                &items[..items.len() / 2 * 2]
            } else {
                &items
            };
            let (major, size) = if is_map { (5, 2) } else { (4, 1) };
            match is_counted {
                true => join(&[
                    &head(major, (items.len() / size) as u64, wider),
                    &items.concat(),
                ]),
                false => join(&[&[major << 5 | 31], &items.concat(), &[0xff]]),
            }
        });
        let tag = (any::<u32>(), 0..3_u32, inner)
            .prop_map(|(tag, wider, it)| join(&[&head(6, tag.into(), wider), &it]));
        prop_oneof![4 => level, 1 => tag]
    });
    value.boxed()
}

fn resp() -> Bytes {
    let line = prop_oneof![
        "[+-][^\r\n]{0,8}",
        "[:(][+-]?[0-9]{1,8}",
        ",(-?[0-9]{1,3}(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?|inf|-inf|nan)",
        "#[tf]|_|\\$-1|\\*-1",
    ];
    let string = ("[$!=]0{0,2}", contents());
    let leaf = prop_oneof![
        line.prop_map(|line| join(&[line.as_bytes(), b"\r\n"])),
        string.prop_map(|(head, it)| join(&[
            format!("{head}{}\r\n", it.len()).as_bytes(),
            &it,
            b"\r\n"
        ])),
    ];
    let value = leaf.prop_recursive(5, 32, 7, |inner| {
        (vec(inner, 1..7), prop::sample::select(&b"*~>%|"[..])).prop_map(|(items, kind)| {
            let (used, count) = match kind {
                b'%' => (items.len() / 2 * 2, items.len() / 2),
                b'|' => ((items.len() - 1) / 2 * 2 + 1, (items.len() - 1) / 2),
                _ => (items.len(), items.len()),
            };
            let head = format!("{}{count}\r\n", char::from(kind));
            join(&[head.as_bytes(), &items[..used].concat()])
        })
    });
    value.boxed()
}

fn bencode() -> Bytes {
    let string = || contents().prop_map(|it| join(&[format!("{}:", it.len()).as_bytes(), &it]));
    let integer = any::<i64>().prop_map(|it| format!("i{it}e").into_bytes());
    let value = prop_oneof![string(), integer].prop_recursive(5, 32, 4, move |inner| {
        let list = vec(inner.clone(), 0..4).prop_map(|items| join(&[b"l", &items.concat(), b"e"]));
        let members = vec((string(), inner), 0..4);
        let dictionary = members.prop_map(|members| {
            let members = members
                .into_iter()
                .map(|(key, value)| join(&[&key, &value]));
            join(&[b"d", &members.collect::<Vec<_>>().concat(), b"e"])
        });
        prop_oneof![list, dictionary]
    });
    value.boxed()
}

fn ber() -> Bytes {
    let tag = |constructed: u8| {
        let short =
            (1..31_u8, 0..4_u8).prop_map(move |(tag, class)| vec![class << 6 | constructed | tag]);
        let long = (
            0..4_u8,
            0x81..=0xff_u8,
            vec(0x80..=0xff_u8, 0..6),
            0..0x80_u8,
        );
        let long = long.prop_map(move |(class, first, more, last)| {
            join(&[&[class << 6 | constructed | 31, first], &more, &[last]])
        });
        prop_oneof![6 => short, 1 => long]
    };
    let definite = |tag: Vec<u8>, contents: Vec<u8>, width: usize| match (contents.len(), width) {
        (len @ 0..0x80, 0) => join(&[&tag, &[len as u8], &contents]),
        (len, width) => {
            let width = width.max(shortest(len as u64));
            join(&[
                &tag,
                &[0x80 | width as u8],
                &number(len as u64, width),
                &contents,
            ])
        }
    };
    let leaf =
        (tag(0), contents(), 0..9_usize).prop_map(move |(tag, it, width)| definite(tag, it, width));
    let value = leaf.prop_recursive(5, 32, 4, move |inner| {
        let level = (tag(0x20), vec(inner, 0..4), prop::option::of(0..9_usize));
        level.prop_map(move |(tag, items, width)| match width {
            Some(width) => definite(tag, items.concat(), width),
            None => join(&[&tag, &[0x80], &items.concat(), &[0, 0]]),
        })
    });
    value.boxed()
}
