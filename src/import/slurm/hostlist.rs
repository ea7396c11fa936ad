//! Slurm's lists of hosts: `n[01-06,09],g[1-2],cpn-f13-03-[01-02]`.

/// So many names may a list have.
const MOST: usize = 1_000_000;

/// So long may a name be, as host names are.
const LONGEST: usize = 255;

/// The names of a list; or what is wrong with it.
pub(crate) fn expand(list: &str) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    for item in items(list)? {
        one(item.trim(), String::new(), &mut names)?;
    }
    Ok(names)
}

/// What commas outside of brackets part.
fn items(list: &str) -> Result<Vec<&str>, String> {
    let (mut items, mut from, mut deep) = (Vec::new(), 0, 0_i32);
    for (at, letter) in list.char_indices() {
        match letter {
            '[' => deep += 1,
            ']' => deep -= 1,
            ',' if deep == 0 => {
                items.push(&list[from..at]);
                from = at + 1;
            }
            _ => {}
        }
        if !(0..=1).contains(&deep) {
            return Err("its brackets do not match".to_owned());
        }
    }
    if deep != 0 {
        return Err("a bracket is not closed".to_owned());
    }
    items.push(&list[from..]);
    Ok(items.into_iter().filter(|item| !item.trim().is_empty()).collect())
}

/// The names of an item behind what is there of them already.
fn one(item: &str, before: String, names: &mut Vec<String>) -> Result<(), String> {
    let plain = item.find('[').unwrap_or(item.len());
    if before.len() + plain > LONGEST {
        return Err("it has a name of more than 255 bytes".to_owned());
    }
    let Some((plain, rest)) = item.split_once('[') else {
        if names.len() == MOST {
            return Err("it has more than a million names".to_owned());
        }
        names.push(before + item);
        return Ok(());
    };
    let Some((ranges, rest)) = rest.split_once(']') else {
        return Err("a bracket is not closed".to_owned());
    };
    let before = before + plain;
    for range in ranges.split(',') {
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        let number = |text: &str| {
            text.parse::<u64>()
                .map_err(|_| format!("`{range}` is no range of numbers"))
        };
        let (first, last) = (number(from)?, number(to)?);
        if first > last || last - first >= MOST as u64 || from.len() > 20 {
            return Err(format!("`{range}` is no range of at most a million names"));
        }
        for number in first..=last {
            one(rest, format!("{before}{number:0width$}", width = from.len()), names)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::expand;

    #[test]
    fn lists_are_expanded_with_their_zeros() {
        for (list, names) in [
            ("n01", vec!["n01"]),
            ("n[01-03,09],g[1-2]", vec!["n01", "n02", "n03", "n09", "g1", "g2"]),
            ("cpn-f13-03-[09-10]", vec!["cpn-f13-03-09", "cpn-f13-03-10"]),
            ("r[1-2]n[1-2]", vec!["r1n1", "r1n2", "r2n1", "r2n2"]),
            ("N1-ib,n2", vec!["N1-ib", "n2"]),
            ("", vec![]),
        ] {
            assert_eq!(expand(list).expect(list), names, "{list}");
        }
        let (long, deep) = ("n".repeat(300), "a[1]".repeat(100_000));
        for list in [
            "n[1-",
            "n1]",
            "n[a-b]",
            "n[3-1]",
            "n[1-99999999999]",
            "a[1-999999][1-999999]",
            "n[[1]]",
            &long,
            &deep,
        ] {
            assert!(expand(list).is_err(), "{list}");
        }
    }
}
