//! Messages, read by their layout.

use std::ops::Range;

use super::number::{BYTES, CSTR, FIXED_BYTES, FIXED_TEXT, Number, TEXT};
use super::types::{Item, Kind, Layout, Len, Line, Repeat, When};
use crate::field::Reason;
use crate::format::Format;
use crate::reader::{Read, Reader, stop};
use crate::row::{Data, Label, Length, Rows};

/// Reads a value of another format.
pub(crate) type Inner = fn(Format, &mut Reader<'_>, &mut Rows, Label) -> Read<()>;

/// Reads one message to the end.
pub(crate) fn decode(
    layout: &Layout,
    inner: Inner,
    reader: &mut Reader<'_>,
    rows: &mut Rows,
) -> Read<()> {
    let mut state = State {
        inner,
        seen: Vec::new(),
    };
    let mut lines = &layout.lines[..];
    while let Some((first, rest)) = lines.split_first() {
        if let When::Always = first.when {
            state.items(&first.items, reader, rows)?;
            lines = rest;
            continue;
        }
        // Lines with conditions are alternatives.
        let is_always = |it: &Line| matches!(it.when, When::Always);
        let count = lines.iter().position(is_always).unwrap_or(lines.len());
        let chosen = lines[..count].iter().find(|it| state.holds(it, reader));
        match chosen {
            Some(line) => state.items(&line.items, reader, rows)?,
            None if reader.is_empty() => {}
            None => return reader.stop(Reason::NoLine),
        }
        lines = &lines[count..];
    }
    Ok(())
}

struct State<'a> {
    inner: Inner,
    seen: Vec<Seen<'a>>,
}

/// Field that others may refer to.
struct Seen<'a> {
    name: &'a str,
    number: Option<i128>,
    value: Range<usize>,
    kind: Option<Number>,
}

impl<'a> State<'a> {
    fn holds(&self, line: &Line, reader: &Reader<'_>) -> bool {
        match &line.when {
            When::Always | When::Else => true,
            When::Is(name, constants) => self.find(name).is_some_and(|seen| {
                let text = &reader.bytes[seen.value.clone()];
                constants.iter().any(|it| it.is(seen.number, text))
            }),
        }
    }

    fn find(&self, name: &str) -> Option<&Seen<'a>> {
        self.seen.iter().rev().find(|it| it.name == name)
    }

    /// Returns the number of an earlier field, which the message may not have.
    fn number(&self, name: &str, reader: &Reader<'_>) -> Read<&Seen<'a>> {
        match self.find(name) {
            Some(seen) if seen.number.is_some() => Ok(seen),
            _ => reader.stop(Reason::Unfinished),
        }
    }

    fn items(&mut self, items: &'a [Item], reader: &mut Reader<'_>, rows: &mut Rows) -> Read<()> {
        for item in items {
            self.item(item, reader, rows)?;
        }
        Ok(())
    }

    fn item(&mut self, item: &'a Item, reader: &mut Reader<'_>, rows: &mut Rows) -> Read<()> {
        let label = Label::Name(item.name.clone());
        let count = match &item.repeat {
            Repeat::Once => return self.one(item, label, reader, rows),
            Repeat::Times(count) => *count,
            Repeat::Field(name) => {
                let number = self.number(name, reader)?.number.unwrap_or(0);
                u64::try_from(number).unwrap_or(0)
            }
            Repeat::Rest => u64::MAX,
        };
        let is_rest = matches!(item.repeat, Repeat::Rest);
        rows.open(reader.at, reader.at, label, Data::List(0), "")?;
        let mut index = 0;
        while index < count && !(is_rest && reader.is_empty()) {
            let from = reader.at;
            self.one(item, Label::Index(index as usize), reader, rows)?;
            if is_rest && reader.at == from {
                return reader.stop(Reason::WrongLength);
            }
            index += 1;
        }
        rows.close_counted(reader.at, index);
        Ok(())
    }

    fn one(
        &mut self,
        item: &'a Item,
        label: Label,
        reader: &mut Reader<'_>,
        rows: &mut Rows,
    ) -> Read<()> {
        let from = reader.at;
        match &item.kind {
            Kind::Number(number) => {
                let (data, value) = number.read(reader)?;
                rows.push(from, from..reader.at, label, data, number.name())?;
                self.see(item, value, from..reader.at, Some(*number));
            }
            Kind::Text(len) => {
                let (range, length) = self.measure(len, reader)?;
                let name = name(len, TEXT, FIXED_TEXT);
                let row = rows.push(from, range.clone(), label, Data::Text(range.clone()), name)?;
                row.length = length;
                self.see(item, None, range, None);
            }
            Kind::Bytes(len) => {
                let (range, length) = self.measure(len, reader)?;
                let name = name(len, BYTES, FIXED_BYTES);
                let row =
                    rows.push(from, range.clone(), label, Data::Bytes(range.clone()), name)?;
                row.length = length;
                self.see(item, None, range, None);
            }
            Kind::CStr => {
                let Some(len) = reader.rest().iter().position(|it| *it == 0) else {
                    return stop(reader.end, Reason::TooShort);
                };
                let range = from..from + len;
                reader.at = range.end + 1;
                let row = rows.push(from, range.clone(), label, Data::Text(range.clone()), CSTR)?;
                row.range.end += 1;
                self.see(item, None, range, None);
            }
            Kind::Format(format, len) => {
                let (range, length) = self.measure(len, reader)?;
                self.format(*format, from, &range, length, label, reader, rows)?;
            }
            Kind::Group(items) => {
                rows.open(from, from, label, Data::Map(items.len() as u64), "")?;
                let seen = self.seen.len();
                self.items(items, reader, rows)?;
                self.seen.truncate(seen);
                rows.close(reader.at);
            }
        }
        Ok(())
    }

    fn see(
        &mut self,
        item: &'a Item,
        number: Option<i128>,
        value: Range<usize>,
        kind: Option<Number>,
    ) {
        if let Repeat::Once = item.repeat {
            self.seen.push(Seen {
                name: &item.name,
                number,
                value,
                kind,
            });
        }
    }

    /// Reads bytes of that length, and returns the length's place if it has one.
    fn measure(&self, len: &Len, reader: &mut Reader<'_>) -> Read<(Range<usize>, Option<Length>)> {
        let from = reader.at;
        match len {
            Len::Rest => Ok((reader.take(reader.left() as u64)?, None)),
            Len::Fixed(len) => Ok((reader.take(*len)?, None)),
            Len::Prefix(number) => {
                let len = number.read_length(reader)?;
                let length = Length {
                    range: from..reader.at,
                    encoding: number.length_encoding(),
                    more: 0,
                };
                Ok((reader.take(len)?, Some(length)))
            }
            Len::Field(name, more) => {
                let seen = self.number(name, reader)?;
                let len = seen.number.unwrap_or(0) + i128::from(*more);
                let Ok(len) = u64::try_from(len) else {
                    return reader.stop(Reason::WrongLength);
                };
                let length = seen.kind.map(|kind| Length {
                    range: seen.value.clone(),
                    encoding: kind.length_encoding(),
                    more: -more,
                });
                Ok((reader.take(len)?, length))
            }
        }
    }

    /// Reads a value of another format, to the end of its bytes.
    #[expect(
        clippy::too_many_arguments,
        reason = "the place, the length and the name of one value"
    )]
    fn format(
        &self,
        format: Format,
        start: usize,
        range: &Range<usize>,
        length: Option<Length>,
        label: Label,
        reader: &mut Reader<'_>,
        rows: &mut Rows,
    ) -> Read<()> {
        let root = rows.rows.len();
        let outer = std::mem::replace(&mut rows.format, format);
        let mut inner = reader.part(range);
        let read = (self.inner)(format, &mut inner, rows, label).and_then(|()| inner.finish());
        rows.format = outer;
        if let Some(row) = rows.rows.get_mut(root) {
            row.range.start = start;
            if read.is_ok() {
                row.range.end = range.end;
                // White space around JSON is counted, too.
                let more = range.len() as i64 - row.value.len() as i64;
                row.length = length.map(|it| Length {
                    more: it.more + more,
                    ..it
                });
            }
        }
        read
    }
}

fn name(len: &Len, free: &'static str, fixed: &'static str) -> &'static str {
    match len {
        Len::Fixed(_) => fixed,
        _ => free,
    }
}
