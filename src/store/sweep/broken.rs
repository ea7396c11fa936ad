//! The cells of a shard that broke an invariant: their rows hold an error and no figure.

use super::rows::Rows;
use super::{Sweep, shards};
use crate::cells::engine::CellEnd;
use crate::store::error::FolderError;

/// The cells of a whole shard that broke, each with what it said; none where there is no whole shard.
///
/// # Errors
/// When the file system refuses, or the shard is not as it was written.
pub fn broken(sweep: &Sweep, shard: u32) -> Result<Vec<(usize, String)>, FolderError> {
    let rows = Rows::new(&sweep.manifest);
    let first = sweep.manifest.shard(shard, rows.cells()).start;
    let body = shards::read(sweep, shard)?.unwrap_or_default();
    let mut broken = Vec::new();
    let each = |cell, course| {
        if let CellEnd::Broken(what) = course {
            broken.push((cell, what));
        }
    };
    let read = rows.read(first, &body, each);
    read.map_err(|what| FolderError::Results(format!("shard {shard} is not as it was written: {what}")))?;
    Ok(broken)
}
