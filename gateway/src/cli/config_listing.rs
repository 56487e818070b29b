//! The output of `framegate config`: the options in force, as a configuration file, each with
//! its source in a comment.

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory};
use toml::Value;

use crate::cli::args::Cli;
use crate::cli::config_file::{ConfigFile, option_names};

/// Lists the options in `matches`, whose defaults come from `file` where it sets them.
pub(super) fn list_options(matches: &ArgMatches, file: &ConfigFile) -> String {
    let command = Cli::command();
    let lines = option_names(&command).map(|name| {
        // clap's argument ids are the names of the fields.
        let id = name.replace('-', "_");
        let values: Vec<_> = matches
            .get_raw(&id)
            .into_iter()
            .flatten()
            .map(|value| Value::from(value.to_string_lossy().into_owned()).to_string())
            .collect();
        let option = match &values[..] {
            [] => return format!("# {name} is not set\n"),
            [value] => format!("{name} = {value}"),
            values => format!("{name} = [{}]", values.join(", ")),
        };
        let source = match matches.value_source(&id) {
            Some(ValueSource::CommandLine) => "command line".into(),
            Some(ValueSource::EnvVariable) => "environment".into(),
            _ if file.sets(name) => file.path().display().to_string(),
            _ => "default".into(),
        };
        format!("{option:40} # {source}\n")
    });
    lines.collect()
}
