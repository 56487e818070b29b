//! The environment: a variable for each option.
//!
//! Each value is checked by the option's own parser, so that an error names the variable, and
//! becomes the option's default. Empty variables count as unset, and lists are read as people
//! and tools write them: with spaces, quotes and a comma at the end.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use clap::{Arg, Command, CommandFactory};
use net::list;
use thiserror::Error;

use crate::cli::args::Cli;
use crate::cli::config_file::{check_option, on_serving_commands};
use crate::cli::nearest::nearest;
use crate::config::Config;

/// The beginning of the variables' names.
const PREFIX: &str = "FRAMEGATE_";

/// The beginnings of names that others give: Kubernetes and Docker to the addresses of a service
/// called framegate, and builds to the version.
const OF_OTHERS: [&str; 4] = [
    "FRAMEGATE_SERVICE_",
    "FRAMEGATE_PORT",
    "FRAMEGATE_VERSION",
    "FRAMEGATE_BIN",
];

/// The variable of a client's token, which a gateway does not read.
const CLIENT_TOKEN: &str = "FRAMEGATE_TOKEN";

/// A variable has a wrong value.
#[derive(Debug, Error)]
#[error("variable {variable}={value:?}: {error}")]
pub struct EnvironmentError {
    /// The name of the variable.
    pub variable: String,
    /// Its value.
    pub value: String,
    /// The mistake and the expected value.
    pub error: String,
}

/// The options that variables set, with their values as command-line arguments have them.
#[derive(Debug, Default)]
pub(super) struct Environment {
    options: BTreeMap<String, Vec<OsString>>,
    /// A line for each variable that no command reads.
    pub(super) warnings: Vec<String>,
    has_client_token: bool,
}

impl Environment {
    /// Checks the variables that belong to options.
    pub(super) fn read(
        variables: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<Self, EnvironmentError> {
        let command = Cli::command();
        let mut environment = Self::default();
        for (variable, value) in variables {
            let variable = variable.to_string_lossy().into_owned();
            if !variable.starts_with(PREFIX) {
                continue;
            }
            environment.has_client_token |= variable == CLIENT_TOKEN && !value.is_empty();
            match command
                .get_arguments()
                .find(|arg| has_variable(arg, &variable))
            {
                Some(arg) => environment.set(arg, variable, &value)?,
                None => environment.warnings.extend(warning(&command, &variable)),
            }
        }
        Ok(environment)
    }

    /// Adds a warning if the variable of a client's token is set, and the gateway of `config`
    /// requires none: its operator may take the variable for the gateway's token.
    pub(super) fn check_token(&mut self, config: &Config) {
        if self.has_client_token && config.token_file.is_none() {
            self.warnings.push(format!(
                "variable {CLIENT_TOKEN} is for clients, and this gateway requires no token: put \
                 it into a file, and its path into FRAMEGATE_TOKEN_FILE"
            ));
        }
    }

    /// Returns `command` with the values as the options' defaults, in place of clap's variables.
    pub(super) fn as_defaults(&self, command: Command) -> Command {
        on_serving_commands(command, |arg: Arg| {
            match arg.get_long().and_then(|name| self.options.get(name)) {
                None => arg,
                Some(values) if values.is_empty() => arg.env(None::<&str>),
                Some(values) => arg.env(None::<&str>).default_values(values.clone()),
            }
        })
    }

    /// Returns true if a variable sets the option called `name`.
    pub(super) fn sets(&self, name: &str) -> bool {
        self.options
            .get(name)
            .is_some_and(|values| !values.is_empty())
    }

    fn set(&mut self, arg: &Arg, variable: String, value: &OsStr) -> Result<(), EnvironmentError> {
        let name = arg.get_long().unwrap_or_default();
        let values = match value.to_str() {
            Some("") => Vec::new(),
            Some(list) if arg.get_value_delimiter().is_some() => {
                list::items(list).map(Into::into).collect()
            }
            _ => vec![value.to_owned()],
        };
        check_option(name, &values).map_err(|error| EnvironmentError {
            variable,
            value: value.to_string_lossy().into_owned(),
            error,
        })?;
        self.options.insert(name.into(), values);
        Ok(())
    }
}

fn has_variable(arg: &Arg, name: &str) -> bool {
    arg.get_env() == Some(OsStr::new(name))
}

/// Returns the warning about a variable that is no option's, unless a client or another program
/// may have set it.
fn warning(command: &Command, variable: &str) -> Option<String> {
    let clients = command.get_subcommands().flat_map(Command::get_arguments);
    if clients.into_iter().any(|arg| has_variable(arg, variable))
        || OF_OTHERS.iter().any(|of| variable.starts_with(of))
    {
        return None;
    }
    let names = command.get_arguments().filter_map(Arg::get_env);
    let hint = match nearest(variable, names.filter_map(OsStr::to_str)) {
        Some(name) => format!("did you mean {name}?"),
        None => "framegate --help lists them".into(),
    };
    Some(format!("variable {variable} belongs to no option: {hint}"))
}
