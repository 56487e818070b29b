//! The configuration file: TOML, with option names as keys.
//!
//! Each value is parsed by the option's own parser, and becomes the option's default. So there
//! is one list of options, one parser for each, and one set of error messages.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{io, iter};

use clap::{Arg, Command, CommandFactory};
use net::error_text::io_error_text;
use net::list;
use net::text_file::read_text_file;
use thiserror::Error;
use toml::{Spanned, Value};

use crate::cli::args::Cli;
use crate::cli::nearest::nearest;
use crate::cli::usage_error::{cause, for_terminal};

/// The configuration file cannot be used.
#[derive(Debug, Error)]
pub enum ConfigFileError {
    /// The file cannot be read.
    #[error("cannot read {}: {}", path.display(), io_error_text(source))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The file is not TOML.
    #[error("{}: {source}", path.display())]
    NotToml {
        /// The file.
        path: PathBuf,
        /// The parser's error, with its line.
        source: Box<toml::de::Error>,
    },
    /// A key or a value is wrong.
    #[error("{}:{line}: {error}", path.display())]
    InvalidOption {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The mistake and the expected value.
        error: String,
    },
}

/// The options of a file, with their values as command-line arguments have them.
#[derive(Debug, Default)]
pub(super) struct ConfigFile {
    path: PathBuf,
    options: BTreeMap<String, Vec<OsString>>,
}

impl ConfigFile {
    /// Reads and checks the file at `path`.
    pub(super) fn read(path: &Path) -> Result<Self, ConfigFileError> {
        let text = read_text_file(path).map_err(|source| ConfigFileError::Unreadable {
            path: path.into(),
            source,
        })?;
        let table: BTreeMap<Spanned<String>, Spanned<Value>> =
            toml::from_str(&text).map_err(|source| ConfigFileError::NotToml {
                path: path.into(),
                source: Box::new(source),
            })?;
        let option = |(name, value): (Spanned<String>, Spanned<Value>)| {
            let line = 1 + text[..name.span().start].matches('\n').count();
            match parse_option(name.get_ref(), value.into_inner()) {
                Ok(values) => Ok((name.into_inner(), values)),
                Err(error) => Err(ConfigFileError::InvalidOption {
                    path: path.into(),
                    line,
                    error,
                }),
            }
        };
        let mut options: BTreeMap<_, Vec<_>> =
            table.into_iter().map(option).collect::<Result<_, _>>()?;
        // An empty list sets nothing.
        options.retain(|_, values| !values.is_empty());
        Ok(Self {
            path: path.into(),
            options,
        })
    }

    /// Returns `command` with the file's values as the options' defaults.
    pub(super) fn as_defaults(&self, command: Command) -> Command {
        let with_default = |arg: Arg| match arg.get_long().and_then(|l| self.options.get(l)) {
            Some(values) => arg.default_values(values.clone()),
            None => arg,
        };
        on_serving_commands(command, with_default)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns true if the file sets the option called `name`.
    pub(super) fn sets(&self, name: &str) -> bool {
        self.options.contains_key(name)
    }
}

/// The names of the options that a file can set.
pub(super) fn option_names(command: &Command) -> impl Iterator<Item = &str> {
    let names = command.get_arguments().filter_map(Arg::get_long);
    names.filter(|name| !["config", "help", "version"].contains(name))
}

/// The commands that take a gateway's options, beside the one without a name.
pub(super) const SERVING_COMMANDS: [&str; 2] = ["serve", "config"];

/// Changes the options of each command that takes those of a gateway.
pub(super) fn on_serving_commands(command: Command, change: impl Fn(Arg) -> Arg) -> Command {
    let command = command.mut_args(&change);
    SERVING_COMMANDS.iter().fold(command, |command, name| {
        command.mut_subcommand(name, |inner| inner.mut_args(&change))
    })
}

/// Parses `value` as the option called `name` parses its command-line argument.
fn parse_option(name: &str, value: Value) -> Result<Vec<OsString>, String> {
    let command = Cli::command();
    let Some(option) = command.get_arguments().find(|arg| {
        let is_known = option_names(&command).any(|known| known == name);
        is_known && arg.get_long() == Some(name)
    }) else {
        let names: Vec<_> = option_names(&command).collect();
        let hint = match nearest(name, names.iter().copied()) {
            Some(nearest) => format!("; did you mean {nearest}?"),
            None => String::new(),
        };
        let names = names.join(", ");
        return Err(format!(
            "unknown key {name:?}, expected one of: {names}{hint}"
        ));
    };
    let texts = to_arguments(value)?;
    let values = match option.get_value_delimiter() {
        Some(_) => {
            let items = texts.iter().flat_map(|text| list::items(text));
            items.map(Into::into).collect()
        }
        None => texts.iter().map(Into::into).collect::<Vec<_>>(),
    };
    match check_option(name, &values) {
        Ok(()) => Ok(values),
        Err(cause) => Err(format!("{name} = {:?}: {cause}", texts.join(", "))),
    }
}

/// Checks values by the parser of the option called `name`. Returns the mistake otherwise.
pub(super) fn check_option(name: &str, values: &[OsString]) -> Result<(), String> {
    let command = Cli::command().mut_args(|arg| arg.env(None::<&str>));
    let args = values.iter().map(|value| {
        let mut arg = OsString::from(format!("--{name}="));
        arg.push(value);
        arg
    });
    let args = iter::once("framegate".into()).chain(args);
    match command.try_get_matches_from(args) {
        Ok(_) => Ok(()),
        Err(error) => Err(cause(&error).unwrap_or_else(|| first_paragraph(&for_terminal(error)))),
    }
}

/// Converts a value, or each item of a list, to the text of a command-line argument.
fn to_arguments(value: Value) -> Result<Vec<String>, String> {
    match value {
        Value::String(text) => Ok(vec![text]),
        Value::Integer(number) => Ok(vec![number.to_string()]),
        Value::Boolean(choice) => Ok(vec![choice.to_string()]),
        Value::Array(values) => {
            let items: Result<Vec<_>, _> = values.into_iter().map(to_arguments).collect();
            Ok(items?.concat())
        }
        other => Err(format!(
            "expected a text in quotes, a number, true, false, or a list of them, found a {}",
            other.type_str()
        )),
    }
}

/// The error itself, without clap's usage hints.
fn first_paragraph(error: &clap::Error) -> String {
    let rendered = error.render().to_string();
    let lines = rendered.lines().take_while(|line| !line.is_empty());
    let text: Vec<_> = lines.map(str::trim).collect();
    text.join(" ").trim_start_matches("error: ").into()
}
