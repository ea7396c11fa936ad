//! Labels of rows and panels: each can be read, and no two of a figure look the same.
//!
//! What is too long loses its middle, for names of one scenario mostly differ at either end. Where two would
//! then look alike, what all of those begin with is dropped, and if even that does not part them they are
//! numbered by their rows.

use super::canvas::wrap;
use super::letters;

/// The lines of each label: at most `most` of this width.
#[must_use]
pub fn telling(labels: &[&str], em: f64, room: f64, most: usize) -> Vec<Vec<String>> {
    let labels: Vec<String> = labels.iter().map(|label| letters::readable(label)).collect();
    let mut lines: Vec<Vec<String>> = labels.iter().map(|label| cut(label, em, room, most)).collect();
    for group in alike(&lines) {
        let own: Vec<&str> = group.iter().map(|&at| labels[at].as_str()).collect();
        let same = common(&own);
        for at in group {
            // A few letters of what they share stay, so that the cut is seen.
            let from: String = labels[at].chars().skip(same.saturating_sub(4)).collect();
            lines[at] = cut(&format!("…{from}"), em, room, most);
        }
    }
    for group in alike(&lines) {
        for at in group {
            lines[at] = cut(&format!("({}) {}", at + 1, labels[at]), em, room, most);
        }
    }
    lines
}

/// The places of those that look alike, group by group.
fn alike(lines: &[Vec<String>]) -> Vec<Vec<usize>> {
    let mut groups: std::collections::BTreeMap<&[String], Vec<usize>> = std::collections::BTreeMap::new();
    for (at, lines) in lines.iter().enumerate() {
        groups.entry(lines).or_default().push(at);
    }
    groups.into_values().filter(|group| group.len() > 1).collect()
}

/// With how many letters all of these begin.
fn common(labels: &[&str]) -> usize {
    let Some(first) = labels.first() else { return 0 };
    let agree = |(at, letter): &(usize, char)| labels.iter().all(|label| label.chars().nth(*at) == Some(*letter));
    first.chars().enumerate().take_while(agree).count()
}

/// The lines of a label, whole if they hold it, else without as much of its middle as need be.
fn cut(label: &str, em: f64, room: f64, most: usize) -> Vec<String> {
    let letters: Vec<char> = label.chars().collect();
    let bare = |text: &str| -> String { text.chars().filter(|letter| !letter.is_whitespace()).collect() };
    let mut kept = letters.len();
    loop {
        let text = without_middle(&letters, kept);
        let lines = wrap(&text, em, room, most);
        if kept <= 2 || bare(&lines.concat()) == bare(&text) {
            return lines;
        }
        kept -= 1;
    }
}

/// So many letters of a text, from both ends of it.
fn without_middle(letters: &[char], kept: usize) -> String {
    if kept >= letters.len() {
        return letters.iter().collect();
    }
    let head = kept.div_ceil(2);
    let tail = &letters[letters.len() - (kept - head)..];
    letters[..head].iter().chain(['…'].iter()).chain(tail).collect()
}

#[cfg(test)]
mod tests {
    use super::super::canvas::width;
    use super::*;

    fn told(labels: &[&str], room: f64, most: usize) -> Vec<String> {
        let lines = telling(labels, 10.0, room, most);
        for line in lines.iter().flatten() {
            assert!(width(line, 10.0) <= room, "{line}");
        }
        assert!(
            lines
                .iter()
                .all(|lines| lines.len() <= most && !lines.concat().is_empty())
        );
        lines.into_iter().map(|lines| lines.concat()).collect()
    }

    #[test]
    fn labels_differ_wherever_their_texts_do() {
        let long = "withdraw: Ironic's flag set by hand, deploys outside of Nova by the night shift";
        let ends = [format!("{long} (route expose)"), format!("{long} (route out-of-band)")];
        let begins = [format!("a {long}"), format!("b {long}")];
        let middle = [
            format!("{long} 1 {long}"),
            format!("{long} 2 {long}"),
            format!("{long} 3 {long}"),
        ];
        let solid = ["x".repeat(90) + "1", "x".repeat(90) + "2"];
        let far = [
            format!("{long}{long}1{long}{long}"),
            format!("{long}{long}2{long}{long}"),
        ];
        for set in [&ends[..], &begins, &middle, &solid, &far] {
            for (room, most) in [(150.0, 2), (150.0, 3), (400.0, 1), (60.0, 1)] {
                let set: Vec<&str> = set.iter().map(String::as_str).collect();
                let told = told(&set, room, most);
                let differ: std::collections::BTreeSet<&String> = told.iter().collect();
                assert_eq!(differ.len(), set.len(), "{told:?}");
            }
        }
        assert!(told(&[&ends[0], &ends[1]], 400.0, 1)[0].ends_with("(route expose)"));
    }

    #[test]
    fn what_fits_stays_as_it_is_and_what_the_font_lacks_is_spelt() {
        assert_eq!(told(&["naive", "withdraw"], 150.0, 2), ["naive", "withdraw"]);
        assert_eq!(told(&["日本", "日中"], 150.0, 2), ["<65e5><672c>", "<65e5><4e2d>"]);
        let cut = &told(&["compute_haswell_ib-0123"], 80.0, 1)[0];
        assert!(
            cut.starts_with("comp") && cut.ends_with("23") && cut.contains('…'),
            "{cut}"
        );
    }
}
