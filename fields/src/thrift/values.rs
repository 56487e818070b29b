//! Values of either protocol: structs, maps, lists and scalars.

use super::protocol::Protocol;
use super::types::Type;
use crate::field::Reason;
use crate::reader::{Read, Reader, stop};
use crate::row::{Data, Label, Rows};

/// Reads one struct.
pub(super) fn structure(
    protocol: &dyn Protocol,
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    label: Label,
) -> Read<()> {
    let start = reader.at;
    let mut values = Values {
        protocol,
        reader,
        rows,
    };
    values.structure(start, label)
}

/// Reader of values. Rows begin at `start`, which is before the value if a label precedes it.
struct Values<'a, 'b> {
    protocol: &'a dyn Protocol,
    reader: &'a mut Reader<'b>,
    rows: &'a mut Rows,
}

impl Values<'_, '_> {
    fn structure(&mut self, start: usize, label: Label) -> Read<()> {
        let name = Type::Struct.name();
        self.rows
            .open(start, self.reader.at, label, Data::Map(0), name)?;
        let (mut count, mut id) = (0, 0);
        loop {
            let from = self.reader.at;
            let Some(field) = self.protocol.field(self.reader, id)? else {
                break;
            };
            id = field.id;
            let Some(kind) = self.protocol.type_of(field.code) else {
                return stop(from, Reason::UnknownType(u64::from(field.code)));
            };
            let label = Label::Number(id);
            match field.bool {
                Some(bool) => {
                    let range = from..self.reader.at;
                    self.rows
                        .push(from, range, label, Data::Bool(bool), kind.name())?;
                }
                None => self.value(from, field.code, label)?,
            }
            count += 1;
        }
        self.rows.close_counted(self.reader.at, count);
        Ok(())
    }

    fn value(&mut self, start: usize, code: u8, label: Label) -> Read<()> {
        let from = self.reader.at;
        let kind = self.kind(code)?;
        let data = match kind {
            Type::Struct => return self.structure(start, label),
            Type::Map => return self.map(start, label),
            Type::Set | Type::List => return self.list(start, kind, label),
            _ => self.protocol.scalar(self.reader, kind)?,
        };
        self.rows
            .push(start, from..self.reader.at, label, data, kind.name())?;
        Ok(())
    }

    fn list(&mut self, start: usize, kind: Type, label: Label) -> Read<()> {
        let from = self.reader.at;
        let (count, item) = self.protocol.list(self.reader)?;
        self.rows
            .open(start, from, label, Data::List(count), kind.name())?;
        for index in 0..count {
            self.value(self.reader.at, item, Label::Index(index as usize))?;
        }
        self.rows.close(self.reader.at);
        Ok(())
    }

    fn map(&mut self, start: usize, label: Label) -> Read<()> {
        let head = self.protocol.map(self.reader, self.rows, start, label)?;
        for _ in 0..head.count {
            let from = self.reader.at;
            let key = self.kind(head.key)?;
            if key.is_group() {
                self.value(from, head.key, Label::GroupKey)?;
                self.value(self.reader.at, head.item, Label::None)?;
            } else {
                let label = Label::Key(self.protocol.scalar(self.reader, key)?);
                self.value(from, head.item, label)?;
            }
        }
        self.rows.close(self.reader.at);
        Ok(())
    }

    /// Returns the type of a code, for the next value.
    fn kind(&self, code: u8) -> Read<Type> {
        match self.protocol.type_of(code) {
            Some(kind) => Ok(kind),
            None => self.reader.stop(Reason::UnknownType(u64::from(code))),
        }
    }
}
