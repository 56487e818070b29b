//! Messages and groups that have a schema, written as JSON.

use super::writer::{Writer, Written};
use crate::quote::quote;
use crate::row::{Data, Label, MAP_ENTRY, PACKED, members};

impl Writer<'_> {
    /// Writes a message or a group with a schema: the rows of a group, or of the payload.
    pub(super) fn record(&mut self, group: Option<usize>) -> Written {
        let rows = self.rows;
        let fields: Vec<usize> = match group {
            Some(group) => members(rows, group).collect(),
            None => (0..rows.len()).filter(|it| rows[*it].depth == 0).collect(),
        };
        self.out.push('{');
        let mut count = 0;
        for (n, field) in fields.iter().enumerate() {
            let label = &rows[*field].label;
            let is_same = |it: &&usize| rows[**it].label == *label;
            match label {
                // The last one counts.
                Label::Name(name) if !fields[n + 1..].iter().any(|it| is_same(&it)) => {
                    self.comma(count);
                    quote(name, &mut self.out);
                    self.out.push(':');
                    self.value(*field)?;
                }
                Label::Repeated(name) if !fields[..n].iter().any(|it| is_same(&it)) => {
                    self.comma(count);
                    quote(name, &mut self.out);
                    self.out.push(':');
                    let all: Vec<_> = fields[n..].iter().filter(is_same).copied().collect();
                    self.repeated(&all)?;
                }
                _ => continue,
            }
            count += 1;
        }
        self.out.push('}');
        Ok(())
    }

    /// Writes the occurrences of a repeated field.
    fn repeated(&mut self, all: &[usize]) -> Written {
        let rows = self.rows;
        if rows[all[0]].type_name == MAP_ENTRY {
            return self.entries(all);
        }
        let mut items = Vec::new();
        for row in all {
            match rows[*row].type_name {
                PACKED => items.extend(members(rows, *row)),
                _ => items.push(*row),
            }
        }
        self.list(&items)
    }

    /// Writes the entries of a map of Protocol Buffers, whose keys are strings in JSON.
    fn entries(&mut self, all: &[usize]) -> Written {
        let rows = self.rows;
        self.out.push('{');
        for (n, entry) in all.iter().enumerate() {
            self.comma(n);
            let find = |name: &str| {
                let is_it =
                    |it: &usize| matches!(&rows[*it].label, Label::Name(label) if label == name);
                members(rows, *entry).filter(is_it).last()
            };
            match find("key") {
                Some(key) if matches!(rows[key].data, Data::Text(_)) => self.value(key)?,
                Some(key) => {
                    self.out.push('"');
                    self.value(key)?;
                    self.out.push('"');
                }
                None => self.out += "\"\"",
            }
            self.out.push(':');
            match find("value") {
                Some(value) => self.value(value)?,
                None => self.out += "null",
            }
        }
        self.out.push('}');
        Ok(())
    }
}
