//! Decoding: bytes to fields.

use crate::field::{Decoded, Options, Stopped};
use crate::format::Format;
use crate::reader::{Read, Reader};
use crate::row::{Label, Row, Rows};
use crate::schema::{Definition, Schema};
use crate::show::field;
use crate::{avro, bencode, ber, bson, cbor, json, layout, msgpack, protobuf, thrift};

/// Takes `payload` apart. It never fails: a payload that is half right gives its right half.
pub fn decode(schema: &Schema, payload: &[u8], options: &Options) -> Decoded {
    let (rows, stopped) = rows(schema, payload, options);
    let fields = rows.iter().map(|it| field(it, payload, options));
    Decoded {
        fields: fields.collect(),
        stopped,
        is_guess: rows.iter().any(|it| it.is_guess),
    }
}

/// Reads the rows of `payload`, and the place and reason if not all of it is read.
pub(crate) fn rows(
    schema: &Schema,
    payload: &[u8],
    options: &Options,
) -> (Vec<Row>, Option<Stopped>) {
    let mut rows = Rows::new(schema.format, options);
    let mut reader = Reader::new(payload);
    let read = value(schema, &mut reader, &mut rows, Label::None).and_then(|()| reader.finish());
    let stopped = read.err().map(|stop| {
        rows.close_all(&stop);
        Stopped {
            at: stop.at,
            reason: stop.reason,
        }
    });
    (rows.rows, stopped)
}

/// Reads a value of the schema's format, which the label names in a group.
pub(crate) fn value(
    schema: &Schema,
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    label: Label,
) -> Read<()> {
    match &schema.definition {
        Definition::Proto(proto) => protobuf::decode(reader, rows, label, Some(proto)),
        Definition::Avro(avro) => avro::decode(avro, reader, rows, label),
        Definition::Layout(layout) => layout::decode(layout, plain, reader, rows),
        Definition::None => plain(schema.format, reader, rows, label),
    }
}

fn plain(format: Format, reader: &mut Reader<'_>, rows: &mut Rows, label: Label) -> Read<()> {
    match format {
        Format::Json => json::decode(reader, rows, label),
        Format::MessagePack => msgpack::decode(reader, rows, label),
        Format::Cbor => cbor::decode(reader, rows, label),
        Format::Protobuf => protobuf::decode(reader, rows, label, None),
        Format::Bson => bson::decode(reader, rows, label),
        Format::Ber => ber::decode(reader, rows, label),
        Format::Bencode => bencode::decode(reader, rows, label),
        Format::Thrift => thrift::decode(reader, rows, label),
        // Formats that are nothing without a schema.
        Format::Avro | Format::Layout => Ok(()),
    }
}
