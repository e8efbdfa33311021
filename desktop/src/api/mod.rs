pub mod convert;
pub mod operations;
pub mod scalars;
