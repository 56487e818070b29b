//! A small JSON parser: numbers keep their digits, objects their order.
//! Written by hand, because serde_json with these features adds 10 KB to the page.

use std::fmt::Write;

/// The deepest nesting: a peer's message must not exhaust the stack.
const MAX_DEPTH: usize = 128;

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `null`, `true`, `false`, a number, or a string with an unpaired surrogate, which is no
    /// character: with its original spelling.
    Literal(String),
    /// A string, unescaped.
    String(String),
    /// An array.
    Array(Vec<Value>),
    /// An object. Its keys are strings.
    Object(Vec<(Value, Value)>),
}

/// The place of a syntax error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyntaxError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// True if the text may be JSON, but is nested too deep for this parser.
    pub is_too_deep: bool,
}

/// Parses one JSON value.
///
/// # Errors
/// The place of the first syntax error.
pub fn parse(text: &str) -> Result<Value, SyntaxError> {
    let mut parser = Parser {
        text,
        at: 0,
        is_too_deep: false,
        is_unpaired: false,
    };
    parser
        .value(0)
        .filter(|_| {
            parser.skip_space();
            parser.at == text.len()
        })
        .ok_or_else(|| parser.place())
}

/// Quotes and escapes a string.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\0'..='\x1f' | '\u{2028}' | '\u{2029}' => {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

impl Value {
    /// Returns the member `key` of an object.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Object(members) => members
                .iter()
                .find_map(|(name, value)| name.is_string(key).then_some(value)),
            _ => None,
        }
    }

    fn is_string(&self, text: &str) -> bool {
        matches!(self, Value::String(it) if it == text)
    }

    /// Returns the member `key` of an object, if it is a string.
    pub fn string(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the member `key` of an object, if it is an unsigned integer.
    pub fn number(&self, key: &str) -> Option<u64> {
        match self.get(key)? {
            Value::Literal(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Returns the items of an array, otherwise an empty slice.
    pub fn items(&self) -> &[Value] {
        match self {
            Value::Array(items) => items,
            _ => &[],
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    is_too_deep: bool,
    /// True if the string that is being parsed has an unpaired surrogate.
    is_unpaired: bool,
}

impl<'a> Parser<'a> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        self.skip_space();
        match self.peek()? {
            b'{' | b'[' if depth == MAX_DEPTH => {
                self.is_too_deep = true;
                None
            }
            b'{' => self.object(depth).map(Value::Object),
            b'[' => self.array(depth).map(Value::Array),
            b'"' => self.string(),
            _ => self.literal().map(|text| Value::Literal(text.into())),
        }
    }

    fn object(&mut self, depth: usize) -> Option<Vec<(Value, Value)>> {
        self.list(b'}', |parser| {
            parser.skip_space();
            let key = parser.string()?;
            parser.skip_space();
            parser.eat(b':')?;
            Some((key, parser.value(depth + 1)?))
        })
    }

    fn array(&mut self, depth: usize) -> Option<Vec<Value>> {
        self.list(b']', |parser| parser.value(depth + 1))
    }

    fn list<T>(&mut self, close: u8, item: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip_space();
        if self.eat(close).is_some() {
            return Some(items);
        }
        loop {
            items.push(item(self)?);
            self.skip_space();
            if self.eat(close).is_some() {
                return Some(items);
            }
            self.eat(b',')?;
        }
    }

    fn string(&mut self) -> Option<Value> {
        let start = self.at;
        self.is_unpaired = false;
        self.eat(b'"')?;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let len = rest.find(|c| matches!(c, '"' | '\\' | '\0'..='\x1f'))?;
            text.push_str(&rest[..len]);
            self.at += len;
            if self.eat(b'"').is_some() {
                return Some(match self.is_unpaired {
                    true => Value::Literal(self.text[start..self.at].into()),
                    false => Value::String(text),
                });
            }
            self.eat(b'\\')?;
            text.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        match c {
            b'"' | b'\\' | b'/' => Some(c.into()),
            b'b' => Some('\x08'),
            b'f' => Some('\x0c'),
            b'n' => Some('\n'),
            b'r' => Some('\r'),
            b't' => Some('\t'),
            b'u' => self.unicode(),
            _ => None,
        }
    }

    /// Parses a `\u` escape. An unpaired surrogate is valid JSON, but no character.
    fn unicode(&mut self) -> Option<char> {
        let first = self.four_digits()?;
        if !(0xd800..0xdc00).contains(&first) {
            return Some(char::from_u32(first).unwrap_or_else(|| self.unpaired()));
        }
        let before = self.at;
        let second = self
            .eat(b'\\')
            .and_then(|()| self.eat(b'u'))
            .and_then(|()| self.four_digits())
            .filter(|second| (0xdc00..0xe000).contains(second));
        match second {
            Some(second) => char::from_u32(0x10000 + (first - 0xd800) * 0x400 + second - 0xdc00),
            None => {
                self.at = before;
                Some(self.unpaired())
            }
        }
    }

    fn unpaired(&mut self) -> char {
        self.is_unpaired = true;
        char::REPLACEMENT_CHARACTER
    }

    fn four_digits(&mut self) -> Option<u32> {
        let digits = self.rest().get(..4)?;
        let number = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        self.at += if number { 4 } else { return None };
        u32::from_str_radix(digits, 16).ok()
    }

    fn literal(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let is_part = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'-' | b'.');
        let len = rest.bytes().take_while(|&c| is_part(c)).count();
        let word = &rest[..len];
        let known = matches!(word, "null" | "true" | "false") || is_number(word);
        self.at += if known { len } else { return None };
        Some(word)
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        self.at += (self.peek()? == byte).then_some(1)?;
        Some(())
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn place(&self) -> SyntaxError {
        let before = self.text.get(..self.at).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        SyntaxError {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            is_too_deep: self.is_too_deep,
        }
    }
}

/// The number grammar of RFC 8259, section 6.
fn is_number(word: &str) -> bool {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    let word = word.strip_prefix('-').unwrap_or(word);
    let (word, exponent) = match word.split_once(['e', 'E']) {
        Some((word, exponent)) => (word, exponent.strip_prefix(['+', '-']).unwrap_or(exponent)),
        None => (word, "0"),
    };
    let (integer, fraction) = word.split_once('.').unwrap_or((word, "0"));
    let leading_zero = integer.len() > 1 && integer.starts_with('0');
    is_digits(integer) && is_digits(fraction) && is_digits(exponent) && !leading_zero
}

#[cfg(test)]
mod malformed;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_spelling_and_order() {
        let value = parse(r#" {"b":-1.50e+3, "a":["a\u0041\n日\u65e5", "\ud83e\udd80\ud800x"]} "#);
        let Ok(Value::Object(members)) = value else {
            panic!("{value:?}");
        };
        let names: Vec<_> = members.iter().map(|(name, _)| name).collect();
        let string = |text: &str| Value::String(text.into());
        assert_eq!(names, [&string("b"), &string("a")]);
        assert_eq!(members[0].1, Value::Literal("-1.50e+3".into()));
        let unpaired = Value::Literal(r#""\ud83e\udd80\ud800x""#.into());
        assert_eq!(members[1].1.items(), [string("aA\n日日"), unpaired]);
    }

    #[test]
    fn a_syntax_error_has_line_and_column() {
        let check = |text: &str, line, column| {
            let error = SyntaxError {
                line,
                column,
                is_too_deep: false,
            };
            assert_eq!(parse(text), Err(error), "{text}");
        };
        for (text, line, column) in malformed::PLACED {
            check(text, line, column);
        }
        check("01", 1, 1);
        check("1.", 1, 1);
        for text in malformed::UNPLACED {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn nesting_depth_is_limited() {
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse(&nested(MAX_DEPTH)).is_ok());
        assert!(parse(&nested(1_000_000)).unwrap_err().is_too_deep);
    }

    #[test]
    fn a_quoted_string_parses_to_itself() {
        for text in ["", "a\"b\\c", "\0\x1f\n\r\t", "日本 🦀 \u{2028}"] {
            assert_eq!(parse(&quote(text)), Ok(Value::String(text.into())));
        }
    }

    #[test]
    fn members_and_items_are_found() {
        let value = parse(r#"{"a":"x","n":7,"l":[1,2]}"#).unwrap();
        assert_eq!(value.string("a"), Some("x"));
        assert_eq!(value.number("n"), Some(7));
        assert_eq!(value.get("l").unwrap().items().len(), 2);
        assert_eq!(value.get("b"), None);
    }
}
