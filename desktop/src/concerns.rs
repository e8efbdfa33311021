//! What is not as it should be, in the order of importance.

use crate::{api::operations, app::State, error::GatewayError, format, sync::Phase};

/// The one line under the title: the most important thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner {
    pub severe: bool,
    pub text: String,
    /// How many more there are; the health screen has them all.
    pub more: usize,
}

/// All that is not as it should be, the most important first: (severe, text).
pub fn concerns(state: &State) -> Vec<(bool, String)> {
    let mut concerns = Vec::new();
    if let Phase::Offline { error, retry_in } = &state.phase {
        let shown = match state.snapshot.newest_receipt() {
            Some(at) => format!("data from {} ago", format::age(at, state.now)),
            None => "nothing is cached".into(),
        };
        let wait = retry_in.as_secs_f32().ceil();
        concerns.push((
            true,
            format!("OFFLINE, {shown}: {error}. Asking again every {wait} s, or with r"),
        ));
    }
    let (mismatches, refusals): (Vec<_>, Vec<_>) = state
        .problems
        .iter()
        .partition(|(_, error)| error.is_schema_mismatch());
    let built = operations::schema_version();
    let served = state.served_schema().unwrap_or("unknown");
    for (_, error) in mismatches {
        let detail = error
            .to_string()
            .replacen("schema mismatch", "SCHEMA MISMATCH", 1);
        concerns.push((
            true,
            format!("{detail} (built for {built}, served {served})"),
        ));
    }
    for (area, error) in refusals {
        let word = area.word();
        concerns.push((
            true,
            match state.snapshot.received_at(*area) {
                Some(at) => format!(
                    "OLD {word}, from {} ago: {error}",
                    format::age(at, state.now)
                ),
                None => format!("NOT SHOWN {word}: {error}"),
            },
        ));
    }
    if let Some(health) = state.snapshot.health() {
        if let Some(banner) = &health.banner {
            concerns.push((
                false,
                format!("{} {}", health.status.wire(), banner.message),
            ));
        }
        if served != built
            && !state
                .problems
                .values()
                .any(GatewayError::is_schema_mismatch)
        {
            concerns.push((
                false,
                format!("SCHEMA DIFFERS built for {built}, served {served}; all that is asked for is still there"),
            ));
        }
    }
    if let Some(note) = &state.cache_note {
        concerns.push((false, format!("CACHE {note}")));
    }
    concerns
}

pub fn banner(state: &State) -> Option<Banner> {
    let concerns = concerns(state);
    let more = concerns.len().saturating_sub(1);
    let (severe, text) = concerns.into_iter().next()?;
    Some(Banner { severe, text, more })
}
