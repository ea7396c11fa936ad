//! The operators of extra specs (`scheduler/filters/extra_specs_ops.py`).

/// Python's `float(text)`.
///
/// # Errors
/// `ValueError`, when the text is no number.
pub fn number(text: &str) -> Result<f64, &'static str> {
    let bare = text.trim();
    // Python lets single underscores stand between digits, and knows no lone sign or point.
    let joined = bare
        .as_bytes()
        .windows(3)
        .all(|around| around[1] != b'_' || (around[0].is_ascii_digit() && around[2].is_ascii_digit()));
    if !joined || bare.starts_with('_') || bare.ends_with('_') {
        return Err("ValueError");
    }
    bare.replace('_', "").parse().map_err(|_| "ValueError")
}

/// Whether `have` satisfies the requirement `want`: an operator and a value, or, where the first
/// word is no operator, the whole text. `=` means at least; `<in>` is a part of the text.
///
/// # Errors
/// The Python exception that Nova raises: the whole request then fails.
pub fn matches(have: &str, want: &str) -> Result<bool, &'static str> {
    let mut words = want.split_whitespace();
    let operator = words.next().unwrap_or("");
    let rest: Vec<&str> = words.collect();
    let numbers = |holds: fn(f64, f64) -> bool| -> Result<bool, &'static str> {
        match rest.first() {
            Some(value) => Ok(holds(number(have)?, number(value)?)),
            None => Ok(false),
        }
    };
    let texts = |holds: fn(&str, &str) -> bool| Ok(rest.first().is_some_and(|value| holds(have, value)));
    match operator {
        "=" | ">=" => numbers(|a, b| a >= b),
        "==" => numbers(|a, b| a == b),
        "!=" => numbers(|a, b| a != b),
        "<=" => numbers(|a, b| a <= b),
        "s==" => texts(|a, b| a == b),
        "s!=" => texts(|a, b| a != b),
        "s<" => texts(|a, b| a < b),
        "s<=" => texts(|a, b| a <= b),
        "s>" => texts(|a, b| a > b),
        "s>=" => texts(|a, b| a >= b),
        "<in>" => texts(|a, b| a.contains(b)),
        "<all-in>" => Ok(!rest.is_empty() && rest.iter().all(|word| have.contains(word))),
        // v1 <or> v2 <or> v3: every second word; Nova pops from an empty list where there is none.
        "<or>" if rest.is_empty() => Err("IndexError"),
        "<or>" => Ok(rest.iter().step_by(2).any(|word| *word == have)),
        _ => Ok(have == want),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operators_are_those_of_nova() {
        assert_eq!(matches("4", "= 3"), Ok(true), "`=` means at least");
        assert_eq!(matches("4", "== 3"), Ok(false));
        assert_eq!(matches("true", "!= true"), Err("ValueError"), "`!=` is numeric");
        assert_eq!(matches("true", "s!= true"), Ok(false));
        assert_eq!(matches("b", "<or> a <or> b"), Ok(true));
        assert_eq!(matches("avx sse", "<all-in> sse avx"), Ok(true));
        assert_eq!(matches("avx", "<in> v"), Ok(true));
        assert_eq!(matches("4", ">="), Ok(false), "an operator without a value");
        assert_eq!(matches("a b", "a b"), Ok(true), "no operator: the whole text");
        assert_eq!(matches("x", "<or>"), Err("IndexError"));
    }

    #[test]
    fn numbers_are_read_as_python_reads_them() {
        assert_eq!(number(" 1e3 "), Ok(1000.0));
        assert_eq!(number("1_000"), Ok(1000.0));
        assert_eq!(number("_1"), Err("ValueError"));
        assert_eq!(number(""), Err("ValueError"));
        assert!(number("nan").is_ok_and(f64::is_nan));
    }
}
