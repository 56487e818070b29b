//! MessagePack, written: each value in its shortest form.

/// Appends an unsigned integer.
pub(crate) fn uint(out: &mut Vec<u8>, number: u64) {
    match number {
        0..=0x7f => out.push(number as u8),
        _ => sized(out, [0xcc, 0xcd, 0xce, 0xcf], number),
    }
}

/// Appends an integer.
pub(crate) fn int(out: &mut Vec<u8>, number: i64) {
    if number >= 0 {
        return uint(out, number.unsigned_abs());
    }
    let (marker, width) = match number {
        -32..=-1 => return out.push(number as u8),
        -0x80.. => (0xd0, 1),
        -0x8000.. => (0xd1, 2),
        -0x8000_0000.. => (0xd2, 4),
        _ => (0xd3, 8),
    };
    out.push(marker);
    out.extend_from_slice(&number.to_be_bytes()[8 - width..]);
}

/// Appends an integer behind the marker that it had, if it still fits that.
pub(crate) fn like(out: &mut Vec<u8>, marker: u8, number: i128) -> bool {
    let width = match marker {
        0xcc..=0xcf => 1 << (marker - 0xcc),
        0xd0..=0xd3 => 1 << (marker - 0xd0),
        _ => 0,
    };
    let (bits, is_signed) = (8 * width, marker >= 0xd0);
    let (least, most) = match is_signed {
        true if width > 0 => (-(1 << (bits - 1)), (1 << (bits - 1)) - 1),
        _ => (0, (1_i128 << bits) - 1),
    };
    if width > 0 && (least..=most).contains(&number) {
        out.push(marker);
        out.extend_from_slice(&number.to_be_bytes()[16 - width as usize..]);
        return true;
    }
    match (i64::try_from(number), u64::try_from(number)) {
        (Ok(number), _) => int(out, number),
        (_, Ok(number)) => uint(out, number),
        _ => return false,
    }
    true
}

/// Appends a text.
pub(crate) fn text(out: &mut Vec<u8>, text: &str) {
    match text.len() {
        len @ ..=31 => out.push(0xa0 | len as u8),
        len => sized(out, [0xd9, 0xda, 0xdb, 0xdb], len as u64),
    }
    out.extend_from_slice(text.as_bytes());
}

/// Appends bytes.
pub(crate) fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    sized(out, [0xc4, 0xc5, 0xc6, 0xc6], bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends an extension.
pub(crate) fn extension(out: &mut Vec<u8>, kind: i8, bytes: &[u8]) {
    match bytes.len() {
        len @ (1 | 2 | 4 | 8 | 16) => out.push(0xd4 + len.trailing_zeros() as u8),
        len => sized(out, [0xc7, 0xc8, 0xc9, 0xc9], len as u64),
    }
    out.push(kind.cast_unsigned());
    out.extend_from_slice(bytes);
}

/// Appends a time as the extension of type -1, in its shortest form.
pub(crate) fn time(out: &mut Vec<u8>, seconds: i64, nanos: u32) {
    let is_short = (0..1 << 34).contains(&seconds);
    match (is_short, nanos) {
        (true, 0) if seconds < 1 << 32 => extension(out, -1, &(seconds as u32).to_be_bytes()),
        (true, _) => {
            let both = u64::from(nanos) << 34 | seconds.cast_unsigned();
            extension(out, -1, &both.to_be_bytes());
        }
        _ => {
            let mut both = nanos.to_be_bytes().to_vec();
            both.extend_from_slice(&seconds.to_be_bytes());
            extension(out, -1, &both);
        }
    }
}

/// Appends the head of an array.
pub(crate) fn list(out: &mut Vec<u8>, count: usize) {
    match count {
        ..=15 => out.push(0x90 | count as u8),
        _ => sized(out, [0xdc, 0xdc, 0xdd, 0xdd], count as u64),
    }
}

/// Appends the head of a map.
pub(crate) fn map(out: &mut Vec<u8>, count: usize) {
    match count {
        ..=15 => out.push(0x80 | count as u8),
        _ => sized(out, [0xde, 0xde, 0xdf, 0xdf], count as u64),
    }
}

/// Appends the marker for one, two, four or eight bytes, and the number in as many. If the first
/// two markers are equal there is none for one byte.
fn sized(out: &mut Vec<u8>, markers: [u8; 4], number: u64) {
    let class = match number {
        ..=0xff if markers[0] != markers[1] => 0,
        ..=0xffff => 1,
        0x1_0000..=0xffff_ffff => 2,
        _ => 3,
    };
    out.push(markers[class]);
    out.extend_from_slice(&number.to_be_bytes()[8 - (1 << class)..]);
}
