//! framegate from outside: sockets, and the command line.

mod access;
mod admin;
mod bench;
mod bridge;
mod cli;
mod conformance;
mod echo;
mod framings;
mod harness;
mod http;
mod limits;
mod packaging;
mod recording;
mod request;
#[cfg(unix)]
mod supervised;
mod targets;
mod tls;
mod token;
mod tutorial;
mod upstreams;
