//! Sizes that decide when bytes are copied, shared, pooled and kept: one ladder, in bytes,
//! from the shortest to the longest.

use protocol::WriteQueue;

/// Length below which a payload is always copied, as it is cheaper than one more slice in
/// the system call that writes it.
pub(crate) const COPY_BELOW: usize = WriteQueue::COPY_BELOW;

/// Length from which a message is compressed: a shorter one hardly gets shorter.
pub(crate) const DEFLATE_FROM: usize = 128;

/// Length of one call of a decompressor: its output stays in the processor's cache.
pub(crate) const INFLATE_SIZE: usize = SHARE_FROM;

/// Length from which a payload stays in the buffer that it was read into: that buffer goes
/// out with it, and is pooled once it is written. The pool holds nothing smaller.
pub(crate) const SHARE_FROM: usize = 16 * 1024;

/// Capacity of the thread's batch buffer: thousands of short frames for one write.
pub(crate) const BATCH_SIZE: usize = 64 * 1024;

/// Length from which an incomplete payload takes over the read buffer, rather than being
/// copied out of it: less than a loopback interface's longest segment, which is one read.
pub(crate) const TAKE_OVER_FROM: usize = 32 * 1024;

/// Length from which recorded and watched payloads are shared rather than copied. They may
/// share what one read brought: a shorter one would keep more memory from the pool than it
/// is long itself.
pub(crate) const OBSERVE_SHARE_FROM: usize = 128 * 1024;

/// Length up to which a message is compressed: a longer one takes milliseconds, in which the
/// thread's other connections would wait.
pub(crate) const DEFLATE_TO: usize = 256 * 1024;

/// Capacity of the thread's read buffer.
pub(crate) const READ_SIZE: usize = 256 * 1024;

/// Length of a read of the shortest frames: as many as one turn takes.
pub(crate) const MIN_READ_SIZE: usize = 4 * TURN_FRAMES;

/// Frames that a reader takes before other connections have their turn. As many bytes as one
/// read has count as much: either is some 25 to 50 microseconds of work.
pub(crate) const TURN_FRAMES: usize = 512;

/// Length of one read or write, in bytes, while many connections are busy: hundreds of short
/// frames for one system call, or a payload of 128 KiB with all around it, of which the last
/// bytes would otherwise take a call of their own. The kernel would take some MiB at once, and
/// copy them for that long.
pub(crate) const TURN_SIZE: usize = (128 + 4) * 1024;

/// Number of times that [`TURN_SIZE`] is doubled while few connections are busy: one read or write
/// then has some 512 KiB. 1 MiB was slower for messages of that length.
pub(crate) const MAX_TURN_SHIFT: u32 = 2;

/// Capacity of the pool: four of the longest frames that are allowed by default, with their
/// headers and the read buffers of two threads.
pub(crate) const POOL_CAPACITY: usize = 4 * (16 << 20) + (1 << 20);
