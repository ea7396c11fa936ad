//! Names out of foreign files: people's are hashed, and all are fit for the neutral files.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::kernel::text::{acts, commands};

/// The tenant where a file names none.
pub(crate) const UNKNOWN: &str = "unknown";

/// How names of people and projects are written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct People {
    /// As they are, instead of as hashes.
    pub keep: bool,
}

impl People {
    /// A tenant's name.
    pub(crate) fn tenant(self, name: &str) -> String {
        self.written('t', name)
    }

    /// A user's name; nothing for none.
    pub(crate) fn user(self, name: &str) -> String {
        if name.is_empty() {
            return String::new();
        }
        self.written('u', name)
    }

    /// The first 40 bits of the name's SHA-256: the same name is the same hash in every import.
    fn written(self, mark: char, name: &str) -> String {
        if name.is_empty() || name == UNKNOWN {
            return UNKNOWN.to_owned();
        }
        if self.keep {
            return clean(name);
        }
        let hash = Sha256::digest(name.as_bytes());
        let digits: String = hash.iter().take(5).map(|byte| format!("{byte:02x}")).collect();
        format!("{mark}-{digits}")
    }
}

/// The name without blanks around it, and with `_` for what acts on who shows it.
pub(crate) fn clean(name: &str) -> String {
    let plain: String = name.trim().chars().map(|c| if acts(c) { '_' } else { c }).collect();
    if plain.contains("::") || plain.split_whitespace().any(commands) {
        return plain.replace("::", "__").replace("##[", "#_[");
    }
    plain
}

/// A file as remarks name it: its name alone.
pub(crate) fn shown(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| clean(&name.to_string_lossy()))
}

/// The same as one word without what parts names in the neutral files: a class, a trait, a group.
pub(crate) fn word(name: &str) -> String {
    let clean = clean(name);
    clean
        .chars()
        .map(|c| {
            if c.is_whitespace() || matches!(c, '|' | ':') {
                '_'
            } else {
                c
            }
        })
        .collect()
}

/// A resource class as Nova and Placement write it: `CUSTOM_`, upper case, `_` for every other character.
pub(crate) fn placement(class: &str) -> String {
    let upper = class.to_uppercase();
    let plain: String = upper
        .chars()
        .map(|c| {
            if c.is_ascii_uppercase() || c.is_ascii_digit() {
                c
            } else {
                '_'
            }
        })
        .collect();
    format!("CUSTOM_{}", plain.strip_prefix("CUSTOM_").unwrap_or(&plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_hashed_unless_they_may_be_told() {
        let hashed = People::default();
        assert_eq!(hashed.tenant("alice"), "t-2bd806c97f");
        assert_eq!(hashed.user("alice"), "u-2bd806c97f");
        assert_eq!((hashed.tenant("").as_str(), hashed.user("").as_str()), ("unknown", ""));
        let kept = People { keep: true };
        assert_eq!(kept.tenant(" al\u{1b}ice::x "), "al_ice__x");
    }

    #[test]
    fn classes_have_placements_form() {
        assert_eq!(placement("bm.large-2"), "CUSTOM_BM_LARGE_2");
        assert_eq!(placement("CUSTOM_GOLD"), "CUSTOM_GOLD");
        assert_eq!(word("a b|c:d"), "a_b_c_d");
    }
}
