//! Library of the fuzz targets: scripts of fake streams, a reference codec, and the oracle for
//! sessions.

pub mod fake_stream;
pub mod oracle;
pub mod reference;
pub mod script;
