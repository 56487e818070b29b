//! Atomics: the standard library's, or loom's for the model checks, which run a test once for
//! every order in which threads can interleave.

#[cfg(feature = "model-check")]
pub(crate) use loom::sync::atomic;
#[cfg(not(feature = "model-check"))]
pub(crate) use std::sync::atomic;
