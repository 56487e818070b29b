//! Rows: fields with typed values, from which texts and JSON are written.

use std::ops::Range;

use crate::field::{MAX_DEPTH, Options, Reason};
use crate::format::Format;
use crate::reader::{Read, Stop, stop};

/// Type of the entries of a map of Protocol Buffers.
pub(crate) const MAP_ENTRY: &str = "map entry";
/// Type of a repeated field whose numbers lie behind one tag.
pub(crate) const PACKED: &str = "packed";

/// Field with a typed value.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) range: Range<usize>,
    pub(crate) value: Range<usize>,
    pub(crate) depth: usize,
    pub(crate) label: Label,
    pub(crate) data: Data,
    pub(crate) type_name: &'static str,
    pub(crate) is_guess: bool,
    /// Format of the field: that inside a layout is another than the payload's.
    pub(crate) format: Format,
    /// Length before the value that counts its bytes.
    pub(crate) length: Option<Length>,
}

/// Name of a field in its group.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Label {
    None,
    /// Member of a list.
    Index(usize),
    /// Name by the schema or the format.
    Name(String),
    /// Field number without a schema.
    Number(u64),
    /// Field of a schema that may occur more than once.
    Repeated(String),
    /// Key of a map.
    Key(Data),
    /// Key of a map that is a group itself: the row is the key, and the value follows.
    GroupKey,
}

/// Typed value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Data {
    /// Number of members.
    Map(u64),
    List(u64),
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    /// The number `-1 - n`.
    Negative(u64),
    F32(f32),
    F64(f64),
    /// UTF-8 in the payload; shown with replacement characters if it is not.
    Text(Range<usize>),
    /// Text that does not lie in the payload as it is.
    Str(String),
    Bytes(Range<usize>),
    /// Bytes that do not lie in the payload as they are.
    Blob(Vec<u8>),
    /// Tag of CBOR, with its time if it tags one. Its content follows, one level deeper.
    Tag(u64, Option<(i64, u32)>),
    /// Simple value of CBOR without a meaning.
    Simple(u8),
    /// Value of an enum: its number, its name, and the enum's place in the schema.
    Enum(i64, String, usize),
    /// Type and bytes of an extension.
    Extension(i8, Range<usize>),
    /// Number as it is written, and true if it has a fraction or an exponent.
    Number(Range<usize>, bool),
    /// Seconds since 1970, and nanoseconds.
    Time(i64, u32),
    Symbol(String),
    /// Integer that is shown in hexadecimal, and its number of bytes.
    Hex(u64, usize),
}

impl Data {
    /// Returns the text in a range of the payload, or its bytes if they are not UTF-8.
    pub(crate) fn text_or_bytes(payload: &[u8], range: Range<usize>) -> Self {
        match str::from_utf8(&payload[range.clone()]) {
            Ok(_) => Self::Text(range),
            Err(_) => Self::Bytes(range),
        }
    }
}

/// Length that stands before a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Length {
    /// Its bytes.
    pub(crate) range: Range<usize>,
    pub(crate) encoding: LengthEncoding,
    /// Number that the length counts more than the bytes of the value.
    pub(crate) more: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LengthEncoding {
    Varint,
    BigEndian,
    LittleEndian,
}

/// Collector of rows within limits.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) rows: Vec<Row>,
    /// Format of the rows to come.
    pub(crate) format: Format,
    max_rows: usize,
    max_depth: usize,
    /// Groups that are not closed.
    open: Vec<usize>,
}

impl Rows {
    pub(crate) fn new(format: Format, options: &Options) -> Self {
        Self::with_limits(format, options.max_fields, options.max_depth.min(MAX_DEPTH))
    }

    pub(crate) fn with_limits(format: Format, max_rows: usize, max_depth: usize) -> Self {
        Self {
            rows: Vec::new(),
            format,
            max_rows,
            max_depth,
            open: Vec::new(),
        }
    }

    /// Adds a field whose value ends it.
    pub(crate) fn push(
        &mut self,
        start: usize,
        value: Range<usize>,
        label: Label,
        data: Data,
        type_name: &'static str,
    ) -> Read<&mut Row> {
        if self.rows.len() >= self.max_rows {
            return stop(start, Reason::TooManyFields);
        }
        self.rows.push(Row {
            range: start..value.end.max(start),
            value,
            depth: self.open.len(),
            label,
            data,
            type_name,
            is_guess: false,
            format: self.format,
            length: None,
        });
        let last = self.rows.len() - 1;
        Ok(&mut self.rows[last])
    }

    /// Adds a group whose members follow; [`close`](Self::close) sets its end.
    pub(crate) fn open(
        &mut self,
        start: usize,
        value: usize,
        label: Label,
        data: Data,
        type_name: &'static str,
    ) -> Read<&mut Row> {
        if self.open.len() >= self.max_depth {
            return stop(start, Reason::TooDeep);
        }
        self.push(start, value..value, label, data, type_name)?;
        let last = self.rows.len() - 1;
        self.open.push(last);
        Ok(&mut self.rows[last])
    }

    /// Ends the last group that is open.
    pub(crate) fn close(&mut self, end: usize) {
        if let Some(last) = self.open.pop() {
            self.rows[last].range.end = end;
            self.rows[last].value.end = end;
        }
    }

    /// Ends the last group that is open, with the number of its members.
    pub(crate) fn close_counted(&mut self, end: usize, members: u64) {
        if let Some(last) = self.open.last() {
            match &mut self.rows[*last].data {
                Data::Map(count) | Data::List(count) => *count = members,
                _ => {}
            }
        }
        self.close(end);
    }

    /// Returns a state to go [`back`](Self::back) to.
    pub(crate) fn mark(&self) -> (usize, usize) {
        (self.rows.len(), self.open.len())
    }

    /// Removes all rows since the mark.
    pub(crate) fn back(&mut self, mark: (usize, usize)) {
        self.rows.truncate(mark.0);
        self.open.truncate(mark.1);
    }

    /// Ends all groups at the place where reading stopped: each covers the members it has.
    pub(crate) fn close_all(&mut self, stop: &Stop) {
        let last = self.rows.iter().map(|it| it.range.end).max().unwrap_or(0);
        let end = stop.at.max(last);
        while let Some(row) = self.open.pop() {
            let row = &mut self.rows[row];
            row.range.end = end.max(row.range.end);
            row.value.end = row.range.end;
            if let Data::Map(count) | Data::List(count) = &mut row.data
                && *count == u64::MAX
            {
                *count = 0;
            }
        }
    }
}

/// Returns the places of a group's members.
pub(crate) fn members(rows: &[Row], group: usize) -> impl Iterator<Item = usize> {
    let depth = rows[group].depth + 1;
    let mut at = group + 1;
    std::iter::from_fn(move || {
        while rows.get(at)?.depth > depth {
            at += 1;
        }
        let found = (rows[at].depth == depth).then_some(at);
        at += 1;
        found
    })
}
