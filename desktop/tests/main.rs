//! All that is tested from outside, as one program: what it is made of is compiled and linked once.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod cli;
#[cfg(unix)]
mod gateway_e2e;
mod gateway_http;
mod gateway_live;
mod offline;
mod screens;
mod support;
mod sync;
