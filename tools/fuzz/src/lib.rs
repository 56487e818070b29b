//! What the fuzz targets share: the ends of a session, which do what an input says, and
//! the judges of what came of it.

pub mod ends;
pub mod judge;
pub mod naive;
pub mod script;
