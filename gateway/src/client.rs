//! The client side: reaches a service as its users do, talks to it, and measures it.
//!
//! The serving side does not know it. The two share `protocol`, what they dial with, and how
//! endpoints, units and recordings are written.

mod bench;
mod connect;
mod link;
mod options;
mod target;
mod trust;

pub use bench::{Bench, BenchArgs, BenchError};
pub use connect::ConnectError;
pub use target::{Target, TargetError};
