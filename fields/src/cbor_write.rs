//! CBOR, written: each head in its shortest form.

/// Appends the head of a major type.
pub(crate) fn head(out: &mut Vec<u8>, major: u8, number: u64) {
    let (info, width) = match number {
        ..=23 => (number as u8, 0),
        24..=0xff => (24, 1),
        0x100..=0xffff => (25, 2),
        0x1_0000..=0xffff_ffff => (26, 4),
        _ => (27, 8),
    };
    out.push(major << 5 | info);
    out.extend_from_slice(&number.to_be_bytes()[8 - width..]);
}

/// Appends an integer; returns false if it has more than 64 bits and a sign.
pub(crate) fn int(out: &mut Vec<u8>, number: i128) -> bool {
    let (major, number) = match number < 0 {
        true => (1, -1 - number),
        false => (0, number),
    };
    match u64::try_from(number) {
        Ok(number) => {
            head(out, major, number);
            true
        }
        Err(_) => false,
    }
}

/// Appends a text.
pub(crate) fn text(out: &mut Vec<u8>, text: &str) {
    head(out, 3, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Appends bytes.
pub(crate) fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    head(out, 2, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends a simple value.
pub(crate) fn simple(out: &mut Vec<u8>, number: u8) {
    match number {
        ..=23 => out.push(0xe0 | number),
        _ => out.extend_from_slice(&[0xf8, number]),
    }
}
