//! framegate from outside: sockets, and the command line.

mod bridge;
mod cli;
mod echo;
mod harness;
mod http;
mod tutorial;
