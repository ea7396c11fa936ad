//! `scenario.strategies` and `scenario.baseline`.

use crate::kernel::text::acts;
use crate::scenario::diagnose::fix_word;
use crate::scenario::keys::ranges::STRATEGIES;
use crate::scenario::library::Library;
use crate::scenario::read::Section;
use crate::scenario::tree::{Branch, Item, Place, Value, quoted};
use crate::scenario::values::duration;
use crate::scenario::whole::Variant;
use crate::strategy::{Param, RosterEntry, Strategy, Typed};

/// The variants, and the place of the baseline among them.
pub fn read(t: &mut Section<'_>, library: &Library) -> (Vec<Variant>, usize) {
    let mut variants: Vec<(Variant, Place)> = Vec::new();
    let Some(item) = t.take("strategies") else {
        return (Vec::new(), 0);
    };
    let entries = match item.value {
        Value::List(items) => items,
        // One name alone, as `--set strategies=withdraw` has it.
        Value::Text(_) | Value::Table(_) => vec![item.clone()],
        _ => {
            let message = format!(
                "`scenario.strategies` takes a list of names or tables, not {}",
                item.value.kind()
            );
            t.ledger.wrong(
                &item.place,
                message,
                "such as `strategies = [\"withdraw\", { name = \"naive\", label = \"control\" }]`",
            );
            return (Vec::new(), 0);
        }
    };
    if entries.is_empty() {
        t.wrong(
            "strategies",
            "there is no strategy to run",
            format!("name at least one of {}", roster(library).join(", ")),
        );
    }
    if entries.len() > STRATEGIES {
        let message = format!("{} strategies are more than {STRATEGIES}", entries.len());
        t.wrong(
            "strategies",
            message,
            "name fewer: all are compared with each other; a sweep takes more",
        );
        return (Vec::new(), 0);
    }
    for entry in entries {
        let Some(variant) = variant(t, &entry, library) else {
            continue;
        };
        if variants
            .iter()
            .any(|(other, _)| other.label.eq_ignore_ascii_case(&variant.label))
        {
            let message = format!("two strategies are labelled `{}`", variant.label);
            t.ledger
                .wrong(&entry.place, message, "give one of them another `label = \"…\"`");
        }
        variants.push((variant, entry.place));
    }
    let variants: Vec<Variant> = variants.into_iter().map(|(variant, _)| variant).collect();
    t.enter("strategies", effective(&variants), None);
    let baseline = baseline(t, &variants);
    (variants, baseline)
}

fn roster(library: &Library) -> Vec<&'static str> {
    library.roster.iter().map(|entry| entry.name).collect()
}

/// One strategy: a name, or a table with a name, a label and parameters.
fn variant(t: &Section<'_>, item: &Item, library: &Library) -> Option<Variant> {
    let none = Branch::new();
    let (name, place, branch) = match &item.value {
        Value::Text(name) => (name.clone(), &item.place, &none),
        Value::Table(branch) => match branch.get("name") {
            Some((
                _,
                Item {
                    value: Value::Text(name),
                    place,
                },
            )) => (name.clone(), place, branch),
            _ => {
                let fix = format!("add `name = …`: one of {}", roster(library).join(", "));
                t.ledger.wrong(&item.place, "this strategy lacks its `name`", fix);
                return None;
            }
        },
        other => {
            let message = format!("a strategy is a name or a table, not {}", other.kind());
            t.ledger.wrong(
                &item.place,
                message,
                format!("known are {}", roster(library).join(", ")),
            );
            return None;
        }
    };
    let Some(entry) = library.strategy(&name) else {
        t.ledger.wrong(
            place,
            format!("there is no strategy `{name}`"),
            fix_word(&name, roster(library)),
        );
        return None;
    };
    let mut strategy = (entry.plain)();
    set(t, entry.name, &mut *strategy, branch);
    let label = label(t, entry, branch)?;
    idle(t, entry, &mut *strategy, &label);
    for param in strategy
        .params()
        .iter()
        .filter(|param| param.assumed && !branch.contains_key(param.name))
    {
        let key = format!("scenario.strategies.{}.{}", label, param.name);
        t.ledger.suppose(key, param.toml());
    }
    let shown = strategy
        .params()
        .iter()
        .map(|p| (p.name.to_owned(), p.toml()))
        .collect();
    Some(Variant {
        label,
        name: entry.name,
        params: shown,
        strategy: strategy.into(),
    })
}

/// Warns of parameters that belong to another mechanism than the one in force, and are set.
fn idle(t: &Section<'_>, entry: &RosterEntry, strategy: &mut dyn Strategy, label: &str) {
    let mut plain = (entry.plain)();
    let (plain, own) = (plain.params(), strategy.params());
    let Some(mechanism) = own.iter().find(|param| param.name == "mechanism").map(Param::toml) else {
        return;
    };
    for (param, default) in own.iter().zip(&plain) {
        let Some(under) = param.under.filter(|under| quoted(under) != mechanism) else {
            continue;
        };
        if param.toml() != default.toml() {
            t.ledger.warn(format!(
                "`{}` of strategy `{label}` does nothing: it counts under mechanism = \"{under}\", and it is {mechanism}",
                param.name,
            ));
        }
    }
}

fn label(t: &Section<'_>, entry: &RosterEntry, branch: &Branch) -> Option<String> {
    let Some((_, item)) = branch.get("label") else {
        return Some(entry.name.to_owned());
    };
    match &item.value {
        Value::Text(text) if names_a_folder(text) => Some(text.clone()),
        _ => {
            t.ledger.wrong(
                &item.place,
                "a label is text of at most 100 bytes without slashes that begins with a letter or digit",
                "it names a folder of the results; `plots`, `summary.json`, `metrics.csv` and the like are taken",
            );
            None
        }
    }
}

/// What results hold beside the strategies' folders.
const TAKEN: [&str; 5] = ["plots", "summary.json", "metrics.csv", "scenario.toml", "manifest.json"];

/// Whether a label can name a folder beside the other results, on any system.
fn names_a_folder(label: &str) -> bool {
    label.starts_with(char::is_alphanumeric)
        && !label.ends_with([' ', '.'])
        && label.len() <= 100
        && !label.contains(['/', '\\'])
        && !label.chars().any(acts)
        && !TAKEN.iter().any(|taken| label.eq_ignore_ascii_case(taken))
}

/// Sets the strategy's parameters; every wrong one is noted.
fn set(t: &Section<'_>, name: &str, strategy: &mut dyn Strategy, branch: &Branch) {
    let mut params = strategy.params();
    for (key, (key_place, item)) in branch {
        if key == "name" || key == "label" {
            continue;
        }
        let Some(param) = params.iter_mut().find(|param| param.name == key) else {
            let message = format!("strategy `{name}` has no parameter `{key}`");
            let known = params.iter().map(|param| param.name).chain(["label"]);
            t.ledger.wrong(key_place, message, fix_word(key, known));
            continue;
        };
        let typed = match &item.value {
            Value::Text(text) => Typed::Text(text, duration(text).ok()),
            Value::Flag(flag) => Typed::Flag(*flag),
            value => value.number().map_or(Typed::Other, Typed::Number),
        };
        if param.set(typed) {
            continue;
        }
        let (wants, words) = (param.wants(), param.words());
        let message = format!("`{key}` of `{name}` takes {wants}, not {}", item.value.inline());
        let fix = match &item.value {
            Value::Text(text) if !words.is_empty() => fix_word(text, words),
            _ => format!("give {wants}"),
        };
        t.ledger.wrong(&item.place, message, fix);
    }
}

/// The strategies with every parameter, in TOML.
fn effective(variants: &[Variant]) -> String {
    let one = |v: &Variant| {
        let params: Vec<String> = v
            .params
            .iter()
            .map(|(key, value)| format!(", {key} = {value}"))
            .collect();
        format!(
            "{{ name = {}, label = {}{} }}",
            quoted(v.name),
            quoted(&v.label),
            params.concat()
        )
    };
    let all: Vec<String> = variants.iter().map(one).collect();
    if all.is_empty() {
        "[]".to_owned()
    } else {
        format!("[\n  {},\n]", all.join(",\n  "))
    }
}

/// The variant that the others are compared with.
fn baseline(t: &mut Section<'_>, variants: &[Variant]) -> usize {
    let labels: Vec<&str> = variants.iter().map(|v| v.label.as_str()).collect();
    if t.has("baseline") {
        let Some(label) = t.text("baseline") else { return 0 };
        if let Some(at) = labels.iter().position(|l| *l == label) {
            return at;
        }
        t.wrong(
            "baseline",
            format!("the baseline `{label}` is not among the strategies"),
            fix_word(&label, labels.iter().copied()),
        );
        return 0;
    }
    let at = variants.iter().position(|v| v.name == "withdraw").unwrap_or(0);
    if let Some(label) = labels.get(at) {
        t.enter(
            "baseline",
            quoted(label),
            Some("withdraw, which is Ironic today, else the first"),
        );
    }
    at
}
