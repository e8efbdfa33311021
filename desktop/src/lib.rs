//! The terminal companion of the negotiation gateway.
//!
//! `cli` says what may be asked, `commands` and `watch` do it; `sync` keeps the picture fresh over
//! `api`, `app` holds it, `ui` draws it, `cache` remembers it.

#![forbid(unsafe_code)]

pub mod api;
pub mod app;
pub mod cache;
pub mod cli;
pub mod commands;
pub mod concerns;
pub mod config;
pub mod doctor;
pub mod error;
pub mod format;
pub mod keys;
pub mod model;
pub mod report;
pub mod rows;
pub mod sync;
pub mod terminal;
pub mod ui;
pub mod watch;
