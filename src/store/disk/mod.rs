//! Folders and files on disk: everything that the program writes goes through here.
//!
//! A folder that was written has a *manifest* (`manifest.txt`), which names each file of ours with its length and its
//! SHA-256. Only those may be replaced or removed; whatever else lies in the folder, and a file of ours that has been
//! edited since, is the user's. A [`target::Target`] is a folder that is going to be written: it is looked at, locked and proved
//! writable before anything is simulated, and takes its new contents all at once.
//!
//! How the contents change is decided when they are there:
//! - Where all that the folder holds is ours and unchanged, the new folder is filled beside it, synced, and the two names
//!   are exchanged in one call of the system. There is no moment without a complete folder.
//! - Where something stays (the user's files, the shards of a sweep), or the folder cannot be renamed (a mount point, a
//!   parent that may not be written), the files are filled into a hidden folder inside it, and a journal says what is to
//!   be put where. From the moment when the journal is there, the next start finishes what a kill has left.
//!
//! Temporary names are random, and their owner holds an advisory lock on them: what nobody holds is of a dead process and
//! is cleaned by the next start. This room knows nothing of what is in the files.

pub mod error;
mod exchange;
mod hidden;
mod journal;
pub mod manifest;
pub mod os;
pub mod sealed;
pub mod slot;
mod survey;
pub mod target;

#[cfg(test)]
mod tests;
