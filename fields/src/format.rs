//! Formats of payloads, and their names.

use std::fmt;
use std::str::FromStr;

/// Format of a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON text (RFC 8259).
    Json,
    /// Protocol Buffers, with a `.proto` file as the schema or without one.
    Protobuf,
    /// MessagePack.
    MessagePack,
    /// CBOR (RFC 8949).
    Cbor,
    /// BSON, the documents of MongoDB.
    Bson,
    /// ASN.1 in the Basic Encoding Rules, and so in DER (X.690).
    Ber,
    /// Bencode, of BitTorrent and nREPL.
    Bencode,
    /// Avro's binary encoding, with its schema.
    Avro,
    /// Thrift: a struct or message, in the binary or the compact protocol.
    Thrift,
    /// Layout of one's own, in the layout language.
    Layout,
}

/// Need of a [`Format`] for a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaUse {
    /// The format describes itself.
    None,
    /// A schema adds names and types.
    Optional,
    /// Nothing can be read without a schema.
    Required,
}

impl Format {
    /// All formats, in the order of a choice.
    pub const ALL: [Self; 10] = [
        Self::Json,
        Self::Protobuf,
        Self::MessagePack,
        Self::Cbor,
        Self::Bson,
        Self::Ber,
        Self::Bencode,
        Self::Avro,
        Self::Thrift,
        Self::Layout,
    ];

    /// Returns the name for options, files and links.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Protobuf => "protobuf",
            Self::MessagePack => "msgpack",
            Self::Cbor => "cbor",
            Self::Bson => "bson",
            Self::Ber => "ber",
            Self::Bencode => "bencode",
            Self::Avro => "avro",
            Self::Thrift => "thrift",
            Self::Layout => "layout",
        }
    }

    /// Returns the name as its authors write it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Protobuf => "Protocol Buffers",
            Self::MessagePack => "MessagePack",
            Self::Cbor => "CBOR",
            Self::Bson => "BSON",
            Self::Ber => "BER",
            Self::Bencode => "bencode",
            Self::Avro => "Avro",
            Self::Thrift => "Thrift",
            Self::Layout => "Layout",
        }
    }

    /// Returns the need for a schema.
    pub const fn schema_use(self) -> SchemaUse {
        match self {
            Self::Protobuf => SchemaUse::Optional,
            Self::Avro | Self::Layout => SchemaUse::Required,
            _ => SchemaUse::None,
        }
    }

    /// Returns true if [`edit`](crate::edit()) can replace fields.
    pub const fn is_editable(self) -> bool {
        matches!(
            self,
            Self::Json | Self::Protobuf | Self::MessagePack | Self::Cbor | Self::Layout
        )
    }

    /// Returns true if payloads can be written as JSON and read from it: Protocol Buffers only with
    /// a schema.
    pub const fn has_json(self, has_schema: bool) -> bool {
        match self {
            Self::MessagePack | Self::Cbor | Self::Layout => true,
            Self::Protobuf => has_schema,
            _ => false,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Name that is no format's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownFormat;

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown format, expected one of ")?;
        for (n, format) in Format::ALL.into_iter().enumerate() {
            f.write_str(if n > 0 { ", " } else { "" })?;
            f.write_str(format.name())?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownFormat {}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        let mut all = Self::ALL.into_iter();
        all.find(|it| it.name() == name).ok_or(UnknownFormat)
    }
}
