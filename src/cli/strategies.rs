//! `strategies`: the roster as a manual page.

use super::failure::Failure;
use super::manual::{INDENT, block};
use super::print;
use crate::strategy::{Entry, Param, ROSTER};

/// Prints every strategy with its parameters and their defaults.
pub fn strategies() -> Result<(), Failure> {
    let pages: Vec<String> = ROSTER.into_iter().map(entry).collect();
    print::answer(&pages.join("\n"))
}

fn entry(entry: &Entry) -> String {
    let params: String = entry.params.iter().map(param).collect();
    format!("{}\n{}{params}", entry.name, block(entry.summary, INDENT))
}

/// A parameter as it stands in a scenario file, what it means, and what else it takes.
fn param(param: &Param) -> String {
    let deeper = INDENT.repeat(2);
    let meaning = block(&format!("{}; takes {}", param.doc, param.kind.wants()), &deeper);
    format!("{INDENT}{} = {}\n{meaning}", param.name, param.default)
}

#[cfg(test)]
mod tests {
    use super::entry;
    use crate::strategy::withdraw;

    #[test]
    fn a_page_has_a_line_for_every_parameter_as_a_file_would_set_it() {
        let page = entry(&withdraw::ENTRY);
        assert!(page.starts_with("withdraw\n    "), "{page}");
        for param in withdraw::ENTRY.params {
            assert!(
                page.contains(&format!("\n    {} = {}\n", param.name, param.default)),
                "{page}"
            );
        }
    }
}
