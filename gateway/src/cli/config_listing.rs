//! The output of `framegate config`: the options in force, as a configuration file, each with
//! its source in a comment.

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory};
use net::untrusted::{Untrusted, is_visible};
use toml::Value;

use crate::cli::args::Cli;
use crate::cli::config_file::{ConfigFile, option_names};
use crate::cli::derived_defaults::DerivedDefault;
use crate::cli::environment::Environment;

/// Lists the options in `matches`, whose defaults come from `environment` or `file` where they
/// set them, and from `derived` where they follow another option.
pub(super) fn list_options(
    matches: &ArgMatches,
    environment: &Environment,
    file: &ConfigFile,
    derived: &[DerivedDefault],
) -> String {
    let command = Cli::command();
    let lines = option_names(&command).map(|name| {
        // clap's argument ids are the names of the fields.
        let id = name.replace('-', "_");
        let given = matches.get_raw(&id).into_iter().flatten();
        let given: Vec<_> = given.map(|it| it.to_string_lossy()).collect();
        let source = match matches.value_source(&id) {
            Some(ValueSource::CommandLine) => "command line".into(),
            _ if environment.sets(name) => "environment".into(),
            _ if file.sets(name) => file.path().display().to_string(),
            _ => "default".into(),
        };
        let texts = given.iter().map(std::ops::Deref::deref);
        match derived.iter().find(|it| it.name == name) {
            Some(it) if given.is_empty() => {
                let source = match it.from {
                    Some(from) => format!("default, derived from --{from}"),
                    None => source,
                };
                line(name, [it.value.as_str()].into_iter(), &source)
            }
            _ => line(name, texts, &source),
        }
    });
    let warnings = environment.warnings.iter();
    let warnings = warnings.map(|it| format!("# {}\n", comment(it)));
    warnings.chain(lines).collect()
}

fn line<'a>(name: &str, values: impl Iterator<Item = &'a str>, source: &str) -> String {
    let values: Vec<_> = values.map(string).collect();
    let option = match &values[..] {
        [] => return format!("# {name} is not set\n"),
        [value] => format!("{name} = {value}"),
        values => format!("{name} = [{}]", values.join(", ")),
    };
    format!("{option:40} # {}\n", comment(source))
}

/// Returns `text` as a TOML string. What controls a terminal, or is invisible, is escaped.
fn string(text: &str) -> String {
    let usual = Value::from(text).to_string();
    if usual.chars().all(is_visible) {
        return usual;
    }
    let escaped = text.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        c if is_visible(c) => c.to_string(),
        c => format!("\\U{:08X}", u32::from(c)),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// Returns `text` as it can be in a comment.
fn comment(text: &str) -> Untrusted<'_> {
    const MAX_LEN: usize = 4096;
    Untrusted::from(text).up_to(MAX_LEN)
}
