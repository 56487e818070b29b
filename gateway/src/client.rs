//! The client side: reaches a service as its users do, and measures it.
//!
//! The serving side does not know it. The two share `protocol`, and how endpoints and
//! units are written.

mod bench;
mod connect;
mod link;
mod target;

pub use bench::{Bench, BenchArgs, BenchError};
pub use connect::ConnectError;
pub use target::{Target, TargetError};
