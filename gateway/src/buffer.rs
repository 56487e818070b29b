//! Memory: the sizes that decide what is copied, and guards that give buffers back.
//!
//! A connection that waits has no buffers. It reads into the thread's read buffer, and
//! encodes into the thread's batch buffer; long payloads stay in pooled buffers (zero-copy).

pub(crate) mod frame_reader;
pub(crate) mod pool;
pub(crate) mod read_buffer;
pub(crate) mod sizes;
pub(crate) mod turn;
pub(crate) mod write_batch;
