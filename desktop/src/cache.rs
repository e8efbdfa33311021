//! The last good picture, on disk: `~/.twilio-negotiation/cache.json`.
//!
//! A versioned envelope around [`Snapshot`], replaced atomically (temporary file, fsync, rename),
//! readable only by its owner. A file that cannot be read counts as absent and is kept as `.bad`.

use crate::{api::operations, model::Snapshot};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};
use thiserror::Error;

/// Raised when the meaning of the file changes. Older formats are brought up to it when read.
pub const FORMAT: u32 = 2;
pub const FILE_NAME: &str = "cache.json";

/// What is in the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    pub format: u32,
    pub saved_at: DateTime<Utc>,
    pub program: String,
    /// The gateway that gave it.
    pub endpoint: String,
    /// The schema that the writing program was compiled against.
    pub schema_version: String,
    pub snapshot: Snapshot,
}

impl Entry {
    pub fn new(endpoint: String, snapshot: Snapshot, saved_at: DateTime<Utc>) -> Self {
        Self {
            format: FORMAT,
            saved_at,
            program: concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")).into(),
            endpoint,
            schema_version: operations::schema_version().into(),
            snapshot,
        }
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Loaded {
    Entry(Box<Entry>),
    Missing,
    /// Not usable; `kept` is where the file was moved to.
    Bad {
        reason: String,
        kept: Option<PathBuf>,
    },
}

#[derive(Debug, Error)]
#[error("cannot write {}: {source}", path.display())]
pub struct CacheError {
    path: PathBuf,
    source: io::Error,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    directory: PathBuf,
}

impl Cache {
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    pub fn path(&self) -> PathBuf {
        self.directory.join(FILE_NAME)
    }

    /// Reads the cache; a file that cannot be used is moved aside as `cache.json.bad`.
    pub fn load(&self) -> Loaded {
        match self.peek() {
            Loaded::Bad { reason, .. } => {
                let aside = self.directory.join(format!("{FILE_NAME}.bad"));
                let kept = fs::rename(self.path(), &aside).is_ok().then_some(aside);
                tracing::warn!(%reason, ?kept, "the cache cannot be read");
                Loaded::Bad { reason, kept }
            }
            other => other,
        }
    }

    /// Reads the cache and changes nothing on disk.
    pub fn peek(&self) -> Loaded {
        let bad = |reason: String| Loaded::Bad { reason, kept: None };
        match fs::read(self.path()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Loaded::Missing,
            Err(error) => bad(error.to_string()),
            Ok(bytes) => match read(&bytes) {
                Ok(entry) => Loaded::Entry(Box::new(entry)),
                Err(reason) => bad(reason),
            },
        }
    }

    /// Replaces the file as a whole, or leaves it as it was.
    ///
    /// # Errors
    /// With the path and the reason; the temporary file is removed.
    pub fn save(&self, entry: &Entry) -> Result<(), CacheError> {
        let temporary = self.directory.join(format!(
            ".{FILE_NAME}.{}-{:08x}",
            std::process::id(),
            fastrand::u32(..)
        ));
        let result = self.replace(entry, &temporary);
        if result.is_err() {
            fs::remove_file(&temporary).unwrap_or_default();
        }
        result.map_err(|source| CacheError {
            path: self.path(),
            source,
        })
    }

    fn replace(&self, entry: &Entry, temporary: &Path) -> io::Result<()> {
        create_private_directory(&self.directory)?;
        let mut file = create_private_file(temporary)?;
        serde_json::to_writer(&mut file, entry)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(temporary, self.path())?;
        // The rename itself is durable once the directory is; not every system can do that.
        if let Ok(directory) = File::open(&self.directory) {
            directory.sync_all().unwrap_or_default();
        }
        Ok(())
    }

    /// Removes the file. `false`: there was none.
    ///
    /// # Errors
    /// When it is there and cannot be removed.
    pub fn clear(&self) -> Result<bool, CacheError> {
        match fs::remove_file(self.path()) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(CacheError {
                path: self.path(),
                source,
            }),
        }
    }

    /// The permission bits, where the system has them.
    pub fn mode(&self) -> Option<u32> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            Some(fs::metadata(self.path()).ok()?.mode() & 0o777)
        }
        #[cfg(not(unix))]
        {
            None
        }
    }
}

/// The format is looked at before the contents, so that another one is named as the reason.
fn read(bytes: &[u8]) -> Result<Entry, String> {
    let mut file: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    match file.get("format").and_then(Value::as_u64) {
        Some(1) => take_offers_out(&mut file),
        Some(format) if format == u64::from(FORMAT) => {}
        Some(format) => return Err(format!("format {format}; this program reads {FORMAT}")),
        None => return Err("it says no format".into()),
    }
    serde_json::from_value(file).map_err(|error| error.to_string())
}

/// Format 1 kept the offers inside the negotiation.
fn take_offers_out(file: &mut Value) {
    file["format"] = FORMAT.into();
    let part = file.pointer("/snapshot/negotiation").cloned();
    let Some(mut part) = part.filter(Value::is_object) else {
        return;
    };
    if let Some(negotiation) = part.get_mut("value").and_then(Value::as_object_mut) {
        negotiation.retain(|name, _| matches!(name.as_str(), "id" | "currency" | "offers"));
    }
    if let Some(snapshot) = file.get_mut("snapshot").and_then(Value::as_object_mut) {
        snapshot.insert("offers".into(), part);
    }
}

fn create_private_directory(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn create_private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
