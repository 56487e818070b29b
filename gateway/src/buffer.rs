//! Memory: the sizes that decide what is copied, the pool, and reading into shared buffers.

pub(crate) mod frame_reader;
pub(crate) mod payload;
pub(crate) mod pool;
pub(crate) mod read;
pub(crate) mod sizes;
