//! Library of the fuzz targets: scripts of fake streams, a reference codec and the choice of
//! one, and the oracle for sessions.

pub mod choice;
pub mod fake_stream;
pub mod kind;
pub mod oracle;
pub mod reference;
pub mod script;
