/// Name of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PictureName {
    /// HL7 MLLP: `0x0b...0x1c0d`.
    Mllp,
    /// STX and ETX around a message: `0x02...0x03`.
    StxEtx,
    /// Netstring: `digits+0x3a...0x2c`.
    Netstring,
    /// Octet counting of syslog (RFC 6587, section 3.4.1): `digits+0x20`.
    OctetCounting,
}

impl PictureName {
    /// All names.
    pub const ALL: [Self; 4] = [
        Self::Mllp,
        Self::StxEtx,
        Self::Netstring,
        Self::OctetCounting,
    ];

    /// Returns the name in flags, files and URLs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mllp => "mllp",
            Self::StxEtx => "stx-etx",
            Self::Netstring => "netstring",
            Self::OctetCounting => "octet-counting",
        }
    }

    /// Returns the notation that the name stands for.
    pub const fn notation(self) -> &'static str {
        match self {
            Self::Mllp => "0x0b...0x1c0d",
            Self::StxEtx => "0x02...0x03",
            Self::Netstring => "digits+0x3a...0x2c",
            Self::OctetCounting => "digits+0x20",
        }
    }
}
