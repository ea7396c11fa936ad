//! The page `report.html`: one file that opens anywhere, offline, with everything that a run, a sweep or a plan has to say.
//!
//! A page is a list of `Part`s in a frame. A part is one function that gives its data, and one template under `parts/` that
//! writes it. Nothing in a page runs but the one script, nothing is fetched, and its policy says so. Names are text wherever
//! they stand: templates escape, the script writes them as text, data blocks hold no `<`.

mod capacity;
mod forest;
mod json;
mod run;
mod svg;
mod tables;
mod timeline;
mod view;
mod waits;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Output, State, UndefinedBehavior, Value};
use serde::Serialize;

use super::error::DrawError;
pub use run::page;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The templates, by name.
const TEMPLATES: &[(&str, &str)] = &[
    ("page", include_str!("page.html")),
    ("grid", include_str!("parts/grid.html")),
    ("keys", include_str!("parts/keys.html")),
    ("answer", include_str!("parts/answer.html")),
    ("comparison", include_str!("parts/comparison.html")),
    ("forest", include_str!("parts/forest.html")),
    ("groups", include_str!("parts/groups.html")),
    ("figures", include_str!("parts/figures.html")),
    ("nodes", include_str!("parts/nodes.html")),
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
