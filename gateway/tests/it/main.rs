//! framegate from outside: sockets, and the command line.

mod access;
mod admin;
mod bench;
mod bridge;
mod cli;
mod command;
mod conformance;
mod differences;
mod docs;
mod echo;
mod framings;
mod harness;
mod http;
mod limits;
mod logs;
mod monitor;
mod options;
mod packaging;
mod proxied;
mod recording;
mod replay;
mod request;
mod send;
mod signals;
#[cfg(unix)]
mod supervised;
mod targets;
#[cfg(unix)]
mod terminal;
mod tls;
mod token;
mod tutorial;
mod untrusted;
mod upstreams;
