//! Text files that people write: tokens, settings, headers and schemas.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The longest file, in bytes: `/dev/zero` has no end.
const MAX_LEN: u64 = 1 << 20;

/// The mark at the beginning of a file that editors on Windows have saved.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Reads a text file, without the byte order mark at its beginning.
///
/// # Errors
/// The system's; in words of its own if the file is longer than 1 MiB, or is no UTF-8 text.
pub fn read_text_file(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MAX_LEN + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_LEN {
        let text = format!("it is longer than {} MiB", MAX_LEN >> 20);
        return Err(io::Error::other(text));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(io::Error::other("it is UTF-16 text; save it as UTF-8"));
    }
    let text = String::from_utf8(bytes).map_err(|_| io::ErrorKind::InvalidData)?;
    Ok(match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => rest.into(),
        None => text,
    })
}
