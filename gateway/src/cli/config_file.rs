//! Options from three places: a TOML file, the environment and the command line, in that
//! order of growing precedence.
//!
//! A file's keys are the options' names, and its values are read as theirs: each becomes
//! the option's default, so that there is one list of options, one parser for each, and
//! one place that says what would be right.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command, CommandFactory, FromArgMatches};
use client::ClientCommand;
use thiserror::Error;
use toml::{Spanned, Value};

use crate::cli::args;
use crate::cli::args::Cli;
use crate::cli::checks::ConfigError;
use crate::cli::manual;
use crate::config::Config;

/// What the command line asks for.
#[derive(Debug)]
pub enum Invocation {
    /// To serve.
    Serve(Box<Config>),
    /// To show this text.
    Show(String),
    /// To write the manual pages into this folder.
    WriteManual(PathBuf),
    /// To use a service.
    Client(Box<ClientCommand>),
}

/// Why the options cannot be followed.
#[derive(Debug, Error)]
pub enum OptionsError {
    /// The command line or the environment, or a request for help.
    #[error(transparent)]
    Usage(#[from] clap::Error),
    /// Options that do not go together.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not TOML.
    #[error("{}: {source}", path.display())]
    NotToml {
        /// The file.
        path: PathBuf,
        /// Where, and why.
        source: Box<toml::de::Error>,
    },
    /// A key or a value in the file is wrong.
    #[error("{}:{line}: {what}", path.display())]
    Entry {
        /// The file.
        path: PathBuf,
        /// The line, the first being 1.
        line: usize,
        /// What is wrong, and what would be right.
        what: String,
    },
}

impl Invocation {
    /// Reads `args`, the first of which is the program's name, the environment, and the
    /// file that one of them names.
    ///
    /// # Errors
    /// [`OptionsError`] says which option, or which line of the file, is wrong, and what
    /// would be right.
    pub fn read(args: impl IntoIterator<Item = OsString>) -> Result<Self, OptionsError> {
        let args: Vec<_> = args.into_iter().collect();
        let file = match named_file(&args) {
            Some(path) => File::read(&path)?,
            None => File::default(),
        };
        let matches = file
            .as_defaults(Cli::command())
            .try_get_matches_from(args)?;
        Ok(match Cli::from_arg_matches(&matches)?.into_command() {
            args::Command::Serve(args) => Self::Serve(Box::new(args.try_into()?)),
            args::Command::Config(args) => {
                Config::try_from(args)?;
                Self::Show(listing(&matches, &file))
            }
            args::Command::Client(command) => Self::Client(Box::new(command)),
            args::Command::Completions { shell } => Self::Show(manual::completions(shell)),
            args::Command::Man { folder } => Self::WriteManual(folder),
        })
    }
}

/// The file that the environment or `args` name, whatever else is in these.
fn named_file(args: &[OsString]) -> Option<PathBuf> {
    let command = Cli::command().ignore_errors(true);
    let matches = command.try_get_matches_from(args).ok()?;
    let path = innermost(&matches).try_get_one::<PathBuf>("config");
    path.ok().flatten().cloned()
}

/// The options of the subcommand, where one is named.
fn innermost(matches: &ArgMatches) -> &ArgMatches {
    matches.subcommand().map_or(matches, |(_, inner)| inner)
}

/// A file's options, as texts that the command line could have.
#[derive(Debug, Default)]
struct File {
    path: PathBuf,
    entries: BTreeMap<String, Vec<String>>,
}

impl File {
    fn read(path: &Path) -> Result<Self, OptionsError> {
        let text = fs::read_to_string(path).map_err(|source| OptionsError::Unreadable {
            path: path.into(),
            source,
        })?;
        let table: BTreeMap<Spanned<String>, Spanned<Value>> =
            toml::from_str(&text).map_err(|source| OptionsError::NotToml {
                path: path.into(),
                source: Box::new(source),
            })?;
        let mut entries = BTreeMap::new();
        for (key, value) in table {
            let line = 1 + text[..key.span().start].matches('\n').count();
            let values = read_option(key.get_ref(), value.into_inner()).map_err(|what| {
                OptionsError::Entry {
                    path: path.into(),
                    line,
                    what,
                }
            })?;
            entries.insert(key.into_inner(), values);
        }
        Ok(Self {
            path: path.into(),
            entries,
        })
    }

    /// `command`, with the file's options for defaults.
    fn as_defaults(&self, command: Command) -> Command {
        let with_default = |arg: Arg| match arg.get_long().and_then(|l| self.entries.get(l)) {
            Some(values) => arg.default_values(values.clone()),
            None => arg,
        };
        let subcommands = ["serve", "config"];
        let command = command.mut_args(with_default);
        subcommands.iter().fold(command, |command, name| {
            command.mut_subcommand(name, |inner| inner.mut_args(with_default))
        })
    }
}

/// A value, or each of a list's, as the command line would have it.
fn texts(value: Value) -> Result<Vec<String>, String> {
    match value {
        Value::String(text) => Ok(vec![text]),
        Value::Integer(number) => Ok(vec![number.to_string()]),
        Value::Boolean(choice) => Ok(vec![choice.to_string()]),
        Value::Array(values) => {
            let nested: Result<Vec<_>, _> = values.into_iter().map(texts).collect();
            Ok(nested?.concat())
        }
        other => Err(format!(
            "expected a text in quotes, a number, true, false, or a list of them, found a {}",
            other.type_str()
        )),
    }
}

/// Reads `value` as the option called `key` does on the command line.
fn read_option(key: &str, value: Value) -> Result<Vec<String>, String> {
    let command = Cli::command().mut_args(|arg| arg.env(None::<&str>));
    if !keys(&command).any(|known| known == key) {
        return Err(unknown(key, &command));
    }
    let values = texts(value)?;
    let args = values.iter().map(|value| format!("--{key}={value}"));
    let args: Vec<_> = [String::from("framegate")]
        .into_iter()
        .chain(args)
        .collect();
    match command.try_get_matches_from(args) {
        Ok(_) => Ok(values),
        Err(error) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            let cause = cause.unwrap_or_else(|| first_paragraph(&error));
            Err(format!("{key} = {:?}: {cause}", values.join(", ")))
        }
    }
}

/// What is wrong, without the advice on how to use a command line.
fn first_paragraph(error: &clap::Error) -> String {
    let rendered = error.render().to_string();
    let lines = rendered.lines().take_while(|line| !line.is_empty());
    let text: Vec<_> = lines.map(str::trim).collect();
    text.join(" ").trim_start_matches("error: ").into()
}

fn unknown(key: &str, command: &Command) -> String {
    let keys: Vec<_> = keys(command).collect();
    format!("unknown key {key:?}, expected one of: {}", keys.join(", "))
}

/// The options that a file can give.
fn keys(command: &Command) -> impl Iterator<Item = &str> {
    let long = command.get_arguments().filter_map(Arg::get_long);
    long.filter(|long| !["config", "help", "version"].contains(long))
}

/// The options in force, as a file that would set them, with where each comes from.
fn listing(matches: &ArgMatches, file: &File) -> String {
    let matches = innermost(matches);
    let command = Cli::command();
    let lines = keys(&command).map(|key| {
        // clap names an argument as its field is named.
        let id = &key.replace('-', "_");
        let values: Vec<_> = matches
            .get_raw(id)
            .into_iter()
            .flatten()
            .map(|value| Value::from(value.to_string_lossy().into_owned()).to_string())
            .collect();
        let entry = match &values[..] {
            [] => return format!("# {key} is not set\n"),
            [value] => format!("{key} = {value}"),
            values => format!("{key} = [{}]", values.join(", ")),
        };
        let source = match matches.value_source(id) {
            Some(ValueSource::CommandLine) => "command line".into(),
            Some(ValueSource::EnvVariable) => "environment".into(),
            _ if file.entries.contains_key(key) => file.path.display().to_string(),
            _ => "default".into(),
        };
        format!("{entry:40} # {source}\n")
    });
    lines.collect()
}
