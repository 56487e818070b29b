//! The invocation: merges the options of the command line, the environment and the
//! configuration file, and returns the command to run.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::SystemTime;

use clap::{ArgMatches, CommandFactory, FromArgMatches};
use client::ClientCommand;
use thiserror::Error;

use crate::access::token::{Token, TokenError};
use crate::cli::args::{Cli, Command};
use crate::cli::config_error::ConfigError;
use crate::cli::config_file::{ConfigFile, ConfigFileError, SERVING_COMMANDS, on_serving_commands};
use crate::cli::config_listing::list_options;
use crate::cli::derived_defaults::derived_defaults;
use crate::cli::environment::{Environment, EnvironmentError};
use crate::cli::login_link::LoginLinkArgs;
use crate::cli::manual;
use crate::cli::usage_error::for_terminal;
use crate::config::Config;
use crate::health::HealthArgs;

/// The command to run.
#[derive(Debug)]
pub enum Invocation {
    /// Serve.
    Serve {
        /// The checked options.
        config: Box<Config>,
        /// Lines about variables that belong to no option.
        warnings: Vec<String>,
    },
    /// Print this text.
    Print(String),
    /// Write the manual pages into this folder.
    WriteManual(PathBuf),
    /// Run a client.
    Client(Box<ClientCommand>),
    /// Ask a gateway for its health.
    Health(HealthArgs),
}

/// The options are wrong.
#[derive(Debug, Error)]
pub enum OptionsError {
    /// On the command line or in the environment. Also a request for help or the version.
    #[error(transparent)]
    Usage(#[from] clap::Error),
    /// In a variable.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// In the configuration file.
    #[error(transparent)]
    File(#[from] ConfigFileError),
    /// In combination.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// In the token file.
    #[error("--token-file: {0}")]
    Token(#[from] TokenError),
}

impl Invocation {
    /// Reads `args`, the first of which is the program's name, the environment, and the
    /// configuration file that one of them names.
    ///
    /// # Errors
    /// [`OptionsError`] names the option, or the line of the file, and the expected value.
    pub fn read(args: impl IntoIterator<Item = OsString>) -> Result<Self, OptionsError> {
        let args: Vec<_> = args.into_iter().collect();
        let (mut environment, mut file) = (Environment::default(), ConfigFile::default());
        let command = match Invoked::of(&args) {
            Invoked::Gateway { config } => {
                file = config.map_or(Ok(ConfigFile::default()), |it| ConfigFile::read(&it))?;
                environment = Environment::read(std::env::vars_os())?;
                environment.as_defaults(file.as_defaults(Cli::command()))
            }
            Invoked::Other => on_serving_commands(Cli::command(), |arg| arg.env(None::<&str>)),
            Invoked::Help => Cli::command(),
        };
        let matches = command.try_get_matches_from(args).map_err(for_terminal)?;
        let cli = Cli::from_arg_matches(&matches).map_err(for_terminal)?;
        Ok(match cli.into_command() {
            Command::Serve(args) => {
                let config = Box::new(Config::try_from(args)?);
                environment.check_token(&config);
                let warnings = environment.warnings;
                Self::Serve { config, warnings }
            }
            Command::Config(args) => {
                let config = Config::try_from(args)?;
                environment.check_token(&config);
                let derived = derived_defaults(&config);
                let matches = subcommand_matches(&matches);
                Self::Print(list_options(matches, &environment, &file, &derived))
            }
            Command::Health(args) => Self::Health(args),
            Command::Client(command) => Self::Client(Box::new(command)),
            Command::LoginLink(args) => Self::Print(login_link(&args)?),
            Command::Completions { shell } => Self::Print(manual::completions(shell)),
            Command::Man { folder } => Self::WriteManual(folder),
        })
    }
}

/// Returns a line with a login link that is valid from now on.
fn login_link(args: &LoginLinkArgs) -> Result<String, TokenError> {
    let code = Token::read(&args.token_file)?.login_code(SystemTime::now())?;
    Ok(format!("{}\n", args.page.login_link(&code)))
}

/// The kind of command that is invoked.
enum Invoked {
    /// A command with a gateway's options, and its configuration file, if there is one.
    Gateway { config: Option<PathBuf> },
    /// A command that a gateway's variables do not concern, which are set in its container.
    Other,
    /// None: a request for help or the version.
    Help,
}

impl Invoked {
    /// Returns the kind of command in `args`, even if other arguments are wrong.
    fn of(args: &[OsString]) -> Self {
        let command = Cli::command().ignore_errors(true);
        let Ok(matches) = command.try_get_matches_from(args) else {
            return Self::Help;
        };
        let options = match matches.subcommand() {
            None => &matches,
            Some((name, options)) if SERVING_COMMANDS.contains(&name) => options,
            Some(_) => return Self::Other,
        };
        let config = options.get_one::<PathBuf>("config").cloned();
        Self::Gateway {
            config: config.filter(|path| !path.as_os_str().is_empty()),
        }
    }
}

/// The options of the subcommand; those at the top if there is none.
fn subcommand_matches(matches: &ArgMatches) -> &ArgMatches {
    matches.subcommand().map_or(matches, |(_, inner)| inner)
}
