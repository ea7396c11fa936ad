//! The name that somebody probably meant.

/// The known name nearest to `typed`, if one is near enough to be worth a guess.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let score = |name: &str| match name.to_lowercase() {
        // A beginning or a part of a name is meant more often than another name of similar letters.
        name if name.contains(&typed) && !typed.is_empty() => 0.9,
        name => strsim::normalized_damerau_levenshtein(&typed, &name),
    };
    let mut best: Option<(f64, &str)> = None;
    for name in known {
        let scored = score(name);
        if scored >= 0.5 && best.is_none_or(|(highest, _)| scored > highest) {
            best = Some((scored, name));
        }
    }
    best.map(|(_, name)| name)
}

/// `; did you mean NAME?`, or nothing.
pub fn guess<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(typed, known).map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_of_the_finger_and_parts_of_a_name_are_understood() {
        let known = ["naive", "withdraw", "hidden-via-extra-spec", "tenant-reservation"];
        for (typed, meant) in [
            ("widthraw", Some("withdraw")),
            ("Naive", Some("naive")),
            ("hidden", Some("hidden-via-extra-spec")),
            ("tenant-reservations", Some("tenant-reservation")),
            ("zzz", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, known), meant, "{typed}");
        }
    }
}
