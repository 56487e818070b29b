//! framegate from outside: sockets, and the command line.

mod access;
mod bridge;
mod cli;
mod conformance;
mod echo;
mod harness;
mod http;
mod limits;
mod request;
mod tutorial;
