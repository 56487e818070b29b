//! The format of log lines: one event is one line of a bounded length, whatever its fields
//! contain.
//!
//! Fields contain names, addresses and reasons that peers choose. [`Untrusted`] escapes and cuts
//! each of them, so that none can forge a line, hide a part of it, or fill the log.

use std::borrow::Cow;
use std::fmt;

use net::untrusted::Untrusted;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// The longest text of a field, in characters; the rest is replaced by an ellipsis.
const MAX_FIELD: usize = 1024;

/// The fields of a text line: the message, then `name=value` pairs.
#[derive(Debug)]
pub(crate) struct TextFields;

/// The fields of a JSON line, each after a comma.
#[derive(Debug)]
pub(crate) struct JsonFields;

/// A JSON object per line.
#[derive(Debug)]
pub(crate) struct JsonLine;

impl<'writer> FormatFields<'writer> for TextFields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut visitor = TextVisitor(Output::new(writer));
        fields.record(&mut visitor);
        visitor.0.result
    }
}

impl<'writer> FormatFields<'writer> for JsonFields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut visitor = JsonVisitor(Output::new(writer));
        fields.record(&mut visitor);
        visitor.0.result
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> FormatEvent<S, JsonFields> for JsonLine {
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        writer.write_str("{\"timestamp\":\"")?;
        SystemTime.format_time(&mut writer)?;
        write!(writer, "\",\"level\":\"{}\"", event.metadata().level())?;
        ctx.format_fields(writer.by_ref(), event)?;
        if let Some(span) = ctx.parent_span() {
            write!(writer, ",\"span\":{{\"name\":\"{}\"", span.name())?;
            if let Some(fields) = span.extensions().get::<FormattedFields<JsonFields>>() {
                writer.write_str(&fields.fields)?;
            }
            writer.write_char('}')?;
        }
        writer.write_str("}\n")
    }
}

/// The output of a visitor.
struct Output<'writer> {
    writer: Writer<'writer>,
    is_empty: bool,
    /// The first error; nothing is written after it.
    result: fmt::Result,
}

impl<'writer> Output<'writer> {
    fn new(writer: Writer<'writer>) -> Self {
        Self {
            writer,
            is_empty: true,
            result: Ok(()),
        }
    }

    fn write(&mut self, text: fmt::Arguments<'_>) {
        if self.result.is_ok() {
            self.result = self.writer.write_fmt(text);
        }
    }
}

struct TextVisitor<'writer>(Output<'writer>);

impl Visit for TextVisitor<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = field_text(value);
        let space = if self.0.is_empty { "" } else { " " };
        self.0.is_empty = false;
        match field.name() {
            "message" => self.0.write(format_args!("{space}{text}")),
            // Quotes keep a value from looking like two fields.
            name if needs_quotes(&text) => {
                let text = with_escaped_quotes(&text);
                self.0.write(format_args!("{space}{name}=\"{text}\""));
            }
            name => self.0.write(format_args!("{space}{name}={text}")),
        }
    }
}

struct JsonVisitor<'writer>(Output<'writer>);

impl JsonVisitor<'_> {
    fn write(&mut self, field: &Field, value: &dyn fmt::Display) {
        self.0.write(format_args!(",\"{}\":{value}", field.name()));
    }
}

impl Visit for JsonVisitor<'_> {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.write(field, &value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.write(field, &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.write(field, &value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.write(field, &serde_json::Value::from(field_text(value)));
    }
}

/// Returns the text of a field, escaped and cut.
fn field_text(value: &dyn fmt::Debug) -> String {
    Untrusted::format(MAX_FIELD, format_args!("{value:?}")).to_string()
}

/// Returns true for a text that could look like two fields, or like the start of a quoted one.
fn needs_quotes(text: &str) -> bool {
    let inner = text.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    let is_quoted = inner.is_some_and(|inner| !inner.contains('"') && !inner.ends_with('\\'));
    !is_quoted && text.contains([' ', '=', '"'])
}

/// Returns `text` for a value in quotes. If it has quotes, or a backslash at its end, its quotes
/// and backslashes are escaped by a backslash, so that it does not end the value.
fn with_escaped_quotes(text: &str) -> Cow<'_, str> {
    match text.contains('"') || text.ends_with('\\') {
        true => text.replace('\\', r"\\").replace('"', r#"\""#).into(),
        false => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use gateway::LogFormat;
    use proptest::prelude::*;
    use tracing::subscriber::with_default;
    use tracing::{Level, info, info_span};

    use super::*;
    use crate::log_output::subscriber;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Returns what is logged for an event with `value` in each kind of field.
    fn logged(format: LogFormat, value: &str) -> String {
        let log = Log::default();
        let writer = log.clone();
        let level = Level::INFO.to_string();
        let subscriber = subscriber(format, move || writer.clone(), false, &level);
        with_default(subscriber, || {
            let span = info_span!("session", id = 7, client = %value, upstream = ?value);
            span.in_scope(|| info!(code = 1000, reason = value, error = %value, "ended: {value}"));
        });
        let bytes = log.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    fn check(value: &str) {
        for format in [LogFormat::Text, LogFormat::Json] {
            let line = logged(format, value);
            assert!(line.len() < 5 * 4 * MAX_FIELD + 500, "{}", line.len());
            let text = line.strip_suffix('\n').unwrap();
            let hidden =
                |char: char| char.is_control() || "\u{202e}\u{2066}\u{2028}".contains(char);
            assert!(!text.contains(hidden), "{text:?}");
            if format == LogFormat::Json {
                let line: serde_json::Value = serde_json::from_str(text).unwrap();
                assert_eq!(
                    (&line["code"], &line["span"]["id"]),
                    (&1000.into(), &7.into())
                );
            }
        }
    }

    proptest! {
        #[test]
        fn one_event_is_one_bounded_line(value in "(?s).*", times in 1..200usize) {
            check(&value);
            check(&value.repeat(times));
        }
    }

    #[test]
    fn field_cannot_forge_a_line() {
        check("x\r\n2026-01-01T00:00:00Z  INFO forged");
        check("\u{1b}[2J\u{202e}\u{9b}1A\u{7f}\0\u{2028}");
        check(&"\n".repeat(30_000));
    }

    #[test]
    fn value_with_spaces_is_quoted() {
        let line = logged(LogFormat::Text, "a upstream=b");
        assert!(line.contains("client=\"a upstream=b\""), "{line}");
        let line = logged(LogFormat::Text, "語-1.example:80");
        assert!(line.contains("client=語-1.example:80 "), "{line}");
    }

    #[test]
    fn value_with_quotes_forges_no_field() {
        let check = |value: &str, field: &str| {
            let line = logged(LogFormat::Text, value);
            assert!(line.contains(field), "{line}");
        };
        check(r#"a" peer="b"#, r#" client="a\" peer=\"b""#);
        check(r#""a" peer="b""#, r#" client="\"a\" peer=\"b\"""#);
        check(r#"""#, r#" client="\"""#);
        check(r"a \", r#" client="a \\""#);
        check(r#"a\" b"#, r#" client="a\\\" b""#);
        check(r#""a b""#, r#" client="a b""#);
    }
}
