//! Filter of the log by a field: messages that have a field of that name, and perhaps of that value,
//! by the format that the Fields view has for the upstream, or by a guess.

use std::cell::{Cell, RefCell};

use fields::{Field, Schema, decode, guess};

use super::fields_choice::{self, FieldsChoice};
use super::fields_view::{number, options};

/// Longest beginning of a payload that is taken apart.
const MAX_DECODED: usize = 256 << 10;
/// Most fields of a payload.
const MAX_FIELDS: usize = 2000;

thread_local! {
    static IS_USED: Cell<bool> = const { Cell::new(false) };
}

/// Condition on a field.
#[derive(Debug)]
pub struct FieldFilter {
    /// Names from the outside in: the last ones of a field's own path.
    path: Vec<String>,
    /// Test of the value; `None` if the field only has to be there.
    test: Option<(Operator, String)>,
    /// Present choice of a format, and its number.
    choice: RefCell<(u32, Choice)>,
}

/// Choice of a format.
#[derive(Debug)]
enum Choice {
    Guess,
    /// Schema; `None` if its text is wrong, so that nothing has fields.
    Known(Option<Schema>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Operators; those of two characters go first.
const OPERATORS: [(&str, Operator); 6] = [
    ("!=", Operator::Unequal),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("=", Operator::Equal),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

/// Returns true if a filter was made, so that another format may change the log.
pub fn is_used() -> bool {
    IS_USED.get()
}

impl FieldFilter {
    /// Parses a condition: a name, or `name=value`, with other operators, too. `a.b` is a field `b`
    /// in a field `a`. `None` without a name.
    pub fn parse(condition: &str) -> Option<Self> {
        IS_USED.set(true);
        let found = OPERATORS.iter().filter_map(|(sign, operator)| {
            let at = condition.find(sign)?;
            Some((at, sign.len(), *operator))
        });
        // Of `!=` and `=`, the one that begins first.
        let first = found.min_by_key(|&(at, len, _)| (at, usize::MAX - len));
        let (name, test) = match first {
            Some((at, len, operator)) => {
                let value = condition[at + len..].trim();
                let quoted = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
                let value = quoted.unwrap_or(value).to_owned();
                (&condition[..at], Some((operator, value)))
            }
            None => (condition, None),
        };
        let path: Vec<String> = name.trim().split('.').map(Into::into).collect();
        let is_named = path.iter().all(|it| !it.is_empty());
        is_named.then_some(Self {
            path,
            test,
            choice: RefCell::new((0, Choice::Guess)),
        })
    }

    /// Returns true if a field of the payload meets the condition.
    pub fn matches(&self, payload: &[u8]) -> bool {
        let payload = &payload[..payload.len().min(MAX_DECODED)];
        let mut choice = self.choice.borrow_mut();
        let version = fields_choice::version();
        if choice.0 != version {
            *choice = (version, Choice::of(&present()));
        }
        self.is_met(&choice.1.fields(payload))
    }

    fn is_met(&self, fields: &[Field]) -> bool {
        let mut labels: Vec<&str> = Vec::new();
        fields.iter().any(|field| {
            labels.truncate(field.depth);
            labels.push(&field.label);
            self.is_path(&labels) && self.is_value(&field.value)
        })
    }

    /// Returns true if the names are the last ones of a field's path. Indices may be left out.
    fn is_path(&self, labels: &[&str]) -> bool {
        let mut labels = labels.iter().rev();
        self.path.iter().rev().all(|name| {
            let is_index = |label: &str| label.starts_with('[') && !name.starts_with('[');
            labels.find(|label| !is_index(label)) == Some(&name.as_str())
        })
    }

    fn is_value(&self, value: &str) -> bool {
        let Some((operator, wanted)) = &self.test else {
            return true;
        };
        match operator {
            Operator::Equal => value == wanted,
            Operator::Unequal => value != wanted,
            operator => match (number(value), number(wanted)) {
                (Some(value), Some(wanted)) => operator.holds(value, wanted),
                _ => false,
            },
        }
    }
}

impl Operator {
    fn holds(self, value: f64, wanted: f64) -> bool {
        match self {
            Self::Less => value < wanted,
            Self::LessOrEqual => value <= wanted,
            Self::Greater => value > wanted,
            Self::GreaterOrEqual => value >= wanted,
            Self::Equal | Self::Unequal => false,
        }
    }
}

impl Choice {
    fn of(choice: &FieldsChoice) -> Self {
        match choice.format {
            None => Self::Guess,
            Some(format) => Self::Known(Schema::parse(format, &choice.schema).ok()),
        }
    }

    fn fields(&self, payload: &[u8]) -> Vec<Field> {
        let options = fields::Options {
            max_fields: MAX_FIELDS,
            ..options()
        };
        let guessed;
        let schema = match self {
            Self::Known(schema) => schema.as_ref(),
            Self::Guess => {
                let format = guess(payload, &options).first().copied();
                guessed = format.and_then(|it| Schema::parse(it, "").ok());
                guessed.as_ref()
            }
        };
        schema.map_or_else(Vec::new, |it| decode(it, payload, &options).fields)
    }
}

/// Returns the present choice. Tests outside of a browser have none.
fn present() -> FieldsChoice {
    match cfg!(target_arch = "wasm32") {
        true => fields_choice::present(),
        false => FieldsChoice::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &[u8] =
        br#"{"id": 7, "user": {"name": "bob smith"}, "tags": ["a", "b"], "list": [{"n": -3}]}"#;

    #[track_caller]
    fn check(condition: &str, expected: bool) {
        let filter = FieldFilter::parse(condition).unwrap();
        assert_eq!(filter.matches(JSON), expected, "{condition}");
    }

    #[test]
    fn a_name_is_the_end_of_a_path() {
        check("name", true);
        check(" user.name ", true);
        check("user.id", false);
        check("bob", false);
        check("list.n", true);
        check("list.[0].n", true);
        check("list.[1].n", false);
    }

    #[test]
    fn values_are_compared_as_text_and_numbers() {
        check("id=7", true);
        check("id != 7", false);
        check("user.name=bob smith", true);
        check("name=\"bob smith\"", true);
        check("name=bob", false);
        check("tags=b", true);
        check("tags=c", false);
        check("id>6", true);
        check("id>7", false);
        check("id>=7", true);
        check("n<0", true);
        check("n<=-4", false);
        check("name<1", false);
    }

    #[test]
    fn a_condition_without_a_name_is_refused() {
        for condition in ["", "=7", "a..b", " "] {
            assert!(FieldFilter::parse(condition).is_none(), "{condition}");
        }
    }

    #[test]
    fn bytes_of_no_known_format_have_no_fields() {
        let filter = FieldFilter::parse("a!=b").unwrap();
        assert!(!filter.matches(b"\x01\xff\xfe"));
        let bob = b"\x82\xa2id\x07\xa4name\xa3bob";
        assert!(FieldFilter::parse("name=bob").unwrap().matches(bob));
    }
}
