//! What a process has used so far, from /proc: processor time and resident memory.

use std::fs::{read_dir, read_to_string};
use std::time::{Duration, Instant};

const PAGE_BYTES: u64 = 4096;

/// Processor time of a process (all its present threads), in seconds. Zero when it cannot be read.
fn cpu_seconds(process: &str) -> f64 {
    let Ok(threads) = read_dir(format!("/proc/{process}/task")) else {
        return 0.0;
    };
    let nanoseconds: u64 = threads
        .flatten()
        .filter_map(|thread| read_to_string(thread.path().join("schedstat")).ok())
        .filter_map(|stat| stat.split_whitespace().next()?.parse::<u64>().ok())
        .sum();
    nanoseconds as f64 / 1e9
}

/// Resident memory of a process in bytes. Zero when it cannot be read.
pub fn resident_bytes(pid: u32) -> u64 {
    let statm = read_to_string(format!("/proc/{pid}/statm")).unwrap_or_default();
    let pages = statm
        .split_whitespace()
        .nth(1)
        .and_then(|f| f.parse::<u64>().ok());
    pages.unwrap_or_default() * PAGE_BYTES
}

/// Processor time of this process and of the server since a moment.
pub struct Usage {
    server: u32,
    started: Instant,
    own_before: f64,
    server_before: f64,
}

/// Shares of one core over `seconds`.
pub struct Shares {
    pub seconds: f64,
    pub load: f64,
    pub server: f64,
}

impl Usage {
    pub fn from_now(server: u32) -> Self {
        Self {
            server,
            started: Instant::now(),
            own_before: cpu_seconds("self"),
            server_before: cpu_seconds(&server.to_string()),
        }
    }

    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    pub fn shares(&self) -> Shares {
        let seconds = self.elapsed().as_secs_f64();
        Shares {
            seconds,
            load: (cpu_seconds("self") - self.own_before) / seconds,
            server: (cpu_seconds(&self.server.to_string()) - self.server_before) / seconds,
        }
    }
}

/// Percentile of measurements in microseconds, as milliseconds. Sorts them.
pub fn percentile(micros: &mut [u32], share: f64) -> Option<f64> {
    micros.sort_unstable();
    let last = micros.len().checked_sub(1)?;
    let index = (last as f64 * share).ceil() as usize;
    Some(f64::from(micros[index.min(last)]) / 1000.0)
}

pub fn micros(duration: Duration) -> u32 {
    u32::try_from(duration.as_micros()).unwrap_or(u32::MAX)
}
