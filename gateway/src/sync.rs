//! Synchronization: locks, and atomics that are the standard library's, or loom's for the model
//! checks, which run a test once for every order in which threads can interleave.

use std::sync::{Mutex, MutexGuard, PoisonError};

#[cfg(feature = "model-check")]
pub(crate) use loom::sync::atomic;
#[cfg(not(feature = "model-check"))]
pub(crate) use std::sync::atomic;

/// Locks `mutex`. A poisoned lock can't occur: no code panics while it holds one.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
