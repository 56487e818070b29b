//! Tags of ASN.1.

use crate::field::Reason;
use crate::reader::{Read, Reader, stop};

/// Tag of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag {
    /// 0 is universal, 1 of the application, 2 of the context, 3 private.
    pub(super) class: u8,
    pub(super) is_constructed: bool,
    pub(super) number: u64,
}

/// Reads a tag.
pub(super) fn tag(reader: &mut Reader<'_>) -> Read<Tag> {
    let at = reader.at;
    let byte = reader.u8()?;
    let mut number = u64::from(byte & 31);
    if number == 31 {
        number = 0;
        loop {
            let byte = reader.u8()?;
            if number >> 56 != 0 {
                return stop(at, Reason::NumberTooLarge);
            }
            number = number << 7 | u64::from(byte & 0x7f);
            if byte < 0x80 {
                break;
            }
        }
    }
    Ok(Tag {
        class: byte >> 6,
        is_constructed: byte & 0x20 != 0,
        number,
    })
}

/// Returns the name in ASN.1's notation.
pub(super) fn name(tag: Tag) -> String {
    match (tag.class, type_name(tag)) {
        (0, "") => format!("[UNIVERSAL {}]", tag.number),
        (0, name) => name.into(),
        (1, _) => format!("[APPLICATION {}]", tag.number),
        (2, _) => format!("[{}]", tag.number),
        _ => format!("[PRIVATE {}]", tag.number),
    }
}

/// Returns the name of a universal type.
pub(super) const fn type_name(tag: Tag) -> &'static str {
    if tag.class != 0 {
        return "";
    }
    match tag.number {
        1 => "BOOLEAN",
        2 => "INTEGER",
        3 => "BIT STRING",
        4 => "OCTET STRING",
        5 => "NULL",
        6 => "OBJECT IDENTIFIER",
        7 => "ObjectDescriptor",
        8 => "EXTERNAL",
        9 => "REAL",
        10 => "ENUMERATED",
        11 => "EMBEDDED PDV",
        12 => "UTF8String",
        13 => "RELATIVE-OID",
        16 => "SEQUENCE",
        17 => "SET",
        18 => "NumericString",
        19 => "PrintableString",
        20 => "T61String",
        21 => "VideotexString",
        22 => "IA5String",
        23 => "UTCTime",
        24 => "GeneralizedTime",
        25 => "GraphicString",
        26 => "VisibleString",
        27 => "GeneralString",
        28 => "UniversalString",
        30 => "BMPString",
        _ => "",
    }
}
