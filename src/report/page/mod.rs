//! The page `report.html`: one file that opens anywhere, offline, with everything that a run, a sweep or a plan has to say.
//!
//! A page is a list of `Part`s in a frame. A part is one function that gives its data, and one template under `parts/` that
//! writes it. Nothing in a page runs but the one script, nothing is fetched, and its policy says so. Names are text wherever
//! they stand: templates escape, the script writes them as text, data blocks hold no `<`.

mod bars;
mod campaigns;
mod capacity;
mod compare;
mod curves;
mod decisions;
mod forest;
mod json;
mod plan;
mod robust;
mod run;
mod search;
mod svg;
mod sweep;
mod tables;
mod timeline;
mod varied;
mod view;
mod waits;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Output, State, UndefinedBehavior, Value};
use serde::Serialize;

use super::error::DrawError;
pub use compare::compare;
pub use plan::plan;
pub use robust::robust;
pub use run::page;
pub use sweep::{SweepSeen, sweep};
use view::{Block, Key};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What the text of a scenario is called that is printed whole.
const EFFECTIVE: &str = "The scenario, with every default filled in";

/// The templates, by name.
const TEMPLATES: &[(&str, &str)] = &[
    ("page", include_str!("page.html")),
    ("grid", include_str!("parts/grid.html")),
    ("keys", include_str!("parts/keys.html")),
    ("answer", include_str!("parts/answer.html")),
    ("comparison", include_str!("parts/comparison.html")),
    ("forest", include_str!("parts/forest.html")),
    ("groups", include_str!("parts/groups.html")),
    ("blocks", include_str!("parts/blocks.html")),
    ("figures", include_str!("parts/figures.html")),
    ("nodes", include_str!("parts/nodes.html")),
    ("decisions", include_str!("parts/decisions.html")),
    ("facts", include_str!("parts/facts.html")),
    ("list", include_str!("parts/list.html")),
    ("provenance", include_str!("parts/provenance.html")),
];

/// A section of the page.
#[derive(Debug, Serialize)]
struct Part {
    /// Its own name in the page, for links.
    id: &'static str,
    title: String,
    /// The template that writes it.
    template: &'static str,
    data: Value,
}

impl Part {
    fn new(id: &'static str, title: impl Into<String>, template: &'static str, data: impl Serialize) -> Part {
        Part {
            id,
            title: title.into(),
            template,
            data: value(data),
        }
    }
}

/// Something for a template.
fn value(of: impl Serialize) -> Value {
    Value::from(Serde(of))
}

/// The answer, the most telling sentence first; `partial` is whether an experiment was interrupted.
fn answered(said: Vec<String>, partial: bool) -> Part {
    Part::new("answer", "Answer", "answer", minijinja::context! { said, partial })
}

/// Names with what is said of each.
fn facts(id: &'static str, title: &str, facts: Vec<(String, String)>) -> Part {
    Part::new(id, title, "facts", minijinja::context! { facts => named(facts) })
}

/// Facts as their template has them.
fn named(facts: Vec<(String, String)>) -> Vec<Value> {
    let fact = |(name, text): (String, String)| minijinja::context! { name, text };
    facts.into_iter().map(fact).collect()
}

/// Headings with their figures and tables, below one legend.
fn blocks(id: &'static str, title: impl Into<String>, keys: Vec<Key>, blocks: Vec<Block>) -> Part {
    let data = minijinja::context! { keys => value(keys), blocks => value(blocks) };
    Part::new(id, title, "blocks", data)
}

/// What is to be known when reading it.
fn assumed(sentences: &[String]) -> Part {
    Part::new(
        "assumptions",
        "What to know when reading this",
        "list",
        minijinja::context! { items => value(sentences) },
    )
}

/// What made it, and the text of the scenario below its heading.
fn made_by(facts: Vec<(String, String)>, heading: &str, scenario: &str) -> Part {
    Part::new(
        "provenance",
        "What made this",
        "provenance",
        minijinja::context! { facts => named(facts), heading, scenario },
    )
}

/// What the frame says around the parts.
#[derive(Debug, Serialize)]
struct Frame {
    heading: String,
    /// The question, paragraph by paragraph.
    question: Vec<String>,
    version: String,
    mark: String,
    parts: Vec<Part>,
}

impl Frame {
    /// The frame of a folder's page.
    fn of((heading, question): (&str, &str), version: &str, mark: &str, parts: Vec<Part>) -> Frame {
        let question = question.split("\n\n").filter(|text| !text.is_empty());
        Frame {
            heading: heading.to_owned(),
            question: question.map(str::to_owned).collect(),
            version: version.to_owned(),
            mark: mark.to_owned(),
            parts,
        }
    }
}

/// The page's bytes; `data` is JSON for the script.
fn written(frame: &Frame, data: &str) -> Result<Vec<u8>, DrawError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_formatter(format);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.map_err(failed)?);
    for (name, text) in TEMPLATES {
        environment.add_template(name, text).map_err(failed)?;
    }
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
        json::source(SCRIPT),
        json::source(STYLE)
    );
    let page = minijinja::context! {
        frame => value(frame),
        policy => policy,
        style => Value::from_safe_string(STYLE.to_owned()),
        script => Value::from_safe_string(SCRIPT.to_owned()),
        data => Value::from_safe_string(json::block(data)),
    };
    let text = environment
        .get_template("page")
        .and_then(|template| template.render(page))
        .map_err(failed)?;
    Ok(text.into_bytes())
}

/// Writes a value into a template: escaped by the one function for that, unless it is markup of ours.
fn format(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), minijinja::Error> {
    let text = value.to_string();
    let written = match value.is_safe() {
        true => out.write_str(&text),
        false => out.write_str(&svg::escaped(&text)),
    };
    written.map_err(minijinja::Error::from)
}

fn failed(error: minijinja::Error) -> DrawError {
    DrawError {
        figure: "report.html".to_owned(),
        what: format!("{error:#}"),
    }
}

#[cfg(test)]
mod tests;
