//! Compressed payloads, recognised by their first bytes. Unpacking them is the caller's.

/// Compression of a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// gzip (RFC 1952).
    Gzip,
    /// zlib (RFC 1950), which the browser's DecompressionStream calls `deflate`.
    Zlib,
}

impl Compression {
    /// Returns the name, `gzip` or `zlib`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zlib => "zlib",
        }
    }
}

/// Returns the compression that a payload begins as: for zlib by a header whose check bits agree,
/// which one payload of others in a thousand has, too, so that unpacking may fail.
pub fn compression(payload: &[u8]) -> Option<Compression> {
    match *payload {
        [0x1f, 0x8b, 8, flags, ..] if flags & 0xe0 == 0 && payload.len() >= 18 => {
            Some(Compression::Gzip)
        }
        // A window of 32 KiB, which all common writers announce, without a dictionary.
        [0x78, level, ..]
            if (0x7800 | u16::from(level)) % 31 == 0 && level & 0x20 == 0 && payload.len() >= 8 =>
        {
            Some(Compression::Zlib)
        }
        _ => None,
    }
}
