//! Usage errors, with the arguments that they quote escaped and bounded.

use std::error::Error;

use clap::error::{ContextKind, ContextValue};
use net::untrusted::Untrusted;

/// The longest quoted argument and the longest cause, in characters.
const MAX_ARGUMENT: usize = Untrusted::MAX_LEN;
const MAX_CAUSE: usize = 4 * Untrusted::MAX_LEN;

/// Returns `error` as a terminal can show it, whatever the arguments are. A request for help or
/// the version, which quotes none, stays as it is.
pub(super) fn for_terminal(mut error: clap::Error) -> clap::Error {
    if !error.use_stderr() {
        return error;
    }
    let texts = error.context().filter_map(|(kind, value)| {
        let escaped = match value {
            ContextValue::String(text) => ContextValue::String(escaped(text)),
            ContextValue::Strings(texts) => {
                ContextValue::Strings(texts.iter().map(|text| escaped(text)).collect())
            }
            _ => return None,
        };
        (escaped != *value).then_some((kind, escaped))
    });
    let texts: Vec<_> = texts.collect();
    if !texts.is_empty() {
        // Has the argument, too, and is styled already.
        error.remove(ContextKind::Suggested);
    }
    for (kind, escaped) in texts {
        error.insert(kind, escaped);
    }
    let is_plain = |text: &String| error.source().is_some_and(|it| it.to_string() == *text);
    match cause(&error).filter(|text| !is_plain(text)) {
        Some(cause) => with_cause(&error, &cause),
        None => error,
    }
}

/// Returns the cause of a wrong value, escaped and bounded, in one line.
pub(super) fn cause(error: &clap::Error) -> Option<String> {
    let cause = error.source()?.to_string();
    Some(Untrusted::from(cause).up_to(MAX_CAUSE).to_string())
}

/// Returns an error in the words of `error`, whose own cause cannot be replaced.
fn with_cause(error: &clap::Error, cause: &str) -> clap::Error {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.as_str(),
        _ => "",
    };
    let (value, argument) = (
        text(ContextKind::InvalidValue),
        text(ContextKind::InvalidArg),
    );
    let help = "For more information, try '--help'.";
    let message = format!("invalid value '{value}' for '{argument}': {cause}\n\n{help}\n");
    clap::Error::raw(error.kind(), message)
}

fn escaped(text: &str) -> String {
    Untrusted::from(text).up_to(MAX_ARGUMENT).to_string()
}
