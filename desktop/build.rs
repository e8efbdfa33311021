//! Embeds the version of the schema this program was built against.
//!
//! The GraphQL derive does not notice when the SDL changes, so this also asks Cargo to build again.

use sha2::{Digest, Sha256};
use std::{env, error::Error, fmt::Write, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let schema = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../schema/schema.graphql");
    println!("cargo:rerun-if-changed=../schema/schema.graphql");
    println!("cargo:rerun-if-changed=graphql");
    let sdl = fs::read(&schema)
        .map_err(|error| format!("{} is needed to build: {error}", schema.display()))?;
    let mut digest = String::new();
    for byte in Sha256::digest(&sdl) {
        write!(digest, "{byte:02x}")?;
    }
    println!("cargo:rustc-env=SCHEMA_SHA256={digest}");
    Ok(())
}
