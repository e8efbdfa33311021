pub mod api;
pub mod cache;
pub mod config;
pub mod error;
pub mod model;
pub mod sync;
