//! Sockets that move to the thread of another runtime.

use std::io;

use net::stream::Stream;

/// Stream that can move to this thread's runtime, which then waits for its bytes: no other thread
/// has to wake this one.
pub(crate) trait RegisterHere: Sized {
    /// Registers the socket with the runtime of this thread.
    ///
    /// # Errors
    /// The system's.
    fn registered_here(self) -> io::Result<Self>;
}

impl RegisterHere for Stream {
    fn registered_here(self) -> io::Result<Self> {
        self.registered_here()
    }
}

/// A stream in memory belongs to no runtime.
#[cfg(test)]
impl RegisterHere for tokio::io::DuplexStream {
    fn registered_here(self) -> io::Result<Self> {
        Ok(self)
    }
}
