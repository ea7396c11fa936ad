//! Parameters of strategies: named, typed, with defaults, checked before a strategy is built.

use indexmap::IndexMap;

use crate::kernel::Span;

/// What a parameter's value may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ParamKind {
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A share from 0 to 1.
    Share,
    /// Yes or no.
    Flag,
    /// A span of time, as text with a unit (`"2h"`).
    Span,
    /// A span of time, or this word.
    SpanOr(&'static str),
}

/// A parameter of a strategy.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its key in scenario files.
    pub name: &'static str,
    /// What it may be.
    pub kind: ParamKind,
    /// Its default.
    pub default: Value,
    /// What it means.
    pub doc: &'static str,
}

/// A parameter's value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A word of a choice.
    Word(&'static str),
    /// A share.
    Share(f64),
    /// Yes or no.
    Flag(bool),
    /// A span.
    Span(Span),
}

/// A value as it was typed in a scenario file.
#[derive(Clone, Debug, PartialEq)]
pub enum Typed {
    /// Text.
    Text(String),
    /// A number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
}

/// Why a parameter was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ParamError {
    /// There is no such parameter.
    #[error("strategy `{strategy}` has no parameter `{name}`")]
    Unknown {
        /// The strategy.
        strategy: String,
        /// The unknown name.
        name: String,
        /// What there is.
        known: Vec<&'static str>,
    },
    /// The value is not of the parameter's kind.
    #[error("`{name}` takes {wants}")]
    Value {
        /// The parameter.
        name: String,
        /// What it takes.
        wants: String,
        /// The words it may be, if it is a choice.
        known: Vec<&'static str>,
    },
}

/// A strategy's parameters, every one of them set.
#[derive(Clone, Debug, PartialEq)]
pub struct Params(IndexMap<&'static str, Value>);

impl ParamKind {
    /// What the parameter takes, in words.
    #[must_use]
    pub fn wants(&self) -> String {
        match self {
            ParamKind::Choice(words) => format!("one of {}", words.join(", ")),
            ParamKind::Share => "a share from 0 to 1".to_owned(),
            ParamKind::Flag => "true or false".to_owned(),
            ParamKind::Span => "a time with its unit, such as \"2h\"".to_owned(),
            ParamKind::SpanOr(word) => format!("a time with its unit, such as \"168h\", or \"{word}\""),
        }
    }

    fn accept(&self, typed: &Typed, span: &dyn Fn(&str) -> Option<Span>) -> Option<Value> {
        match (self, typed) {
            (ParamKind::Choice(words), Typed::Text(text)) => words.iter().find(|w| *w == text).map(|w| Value::Word(w)),
            (ParamKind::Share, Typed::Number(n)) if (0.0..=1.0).contains(n) => Some(Value::Share(*n)),
            (ParamKind::Flag, Typed::Flag(flag)) => Some(Value::Flag(*flag)),
            (ParamKind::SpanOr(word), Typed::Text(text)) if text == word => Some(Value::Word(word)),
            (ParamKind::Span | ParamKind::SpanOr(_), Typed::Text(text)) => span(text).map(Value::Span),
            _ => None,
        }
    }
}

impl Params {
    /// The defaults of these parameters.
    #[must_use]
    pub fn defaults(params: &[Param]) -> Params {
        Params(params.iter().map(|p| (p.name, p.default)).collect())
    }

    /// Sets a parameter; `span` reads a span of time.
    ///
    /// # Errors
    /// When the strategy has no such parameter, or the value is not of its kind.
    pub fn set(
        &mut self,
        entry: &super::Entry,
        name: &str,
        typed: &Typed,
        span: &dyn Fn(&str) -> Option<Span>,
    ) -> Result<(), ParamError> {
        let Some(param) = entry.params.iter().find(|p| p.name == name) else {
            let known = entry.params.iter().map(|p| p.name).collect();
            return Err(ParamError::Unknown {
                strategy: entry.name.to_owned(),
                name: name.to_owned(),
                known,
            });
        };
        let Some(value) = param.kind.accept(typed, span) else {
            let known = if let ParamKind::Choice(words) = param.kind {
                words.to_vec()
            } else {
                Vec::new()
            };
            return Err(ParamError::Value {
                name: name.to_owned(),
                wants: param.kind.wants(),
                known,
            });
        };
        self.0.insert(param.name, value);
        Ok(())
    }

    /// The parameters in the roster's order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Value)> + '_ {
        self.0.iter().map(|(name, value)| (*name, *value))
    }

    /// A word.
    #[must_use]
    pub fn word(&self, name: &str) -> &'static str {
        if let Some(Value::Word(word)) = self.0.get(name) {
            word
        } else {
            ""
        }
    }

    /// A share.
    #[must_use]
    pub fn share(&self, name: &str) -> f64 {
        if let Some(Value::Share(share)) = self.0.get(name) {
            *share
        } else {
            0.0
        }
    }

    /// Yes or no.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some(Value::Flag(true)))
    }

    /// A span, if one is set.
    #[must_use]
    pub fn span(&self, name: &str) -> Option<Span> {
        if let Some(Value::Span(span)) = self.0.get(name) {
            Some(*span)
        } else {
            None
        }
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Word(word) => write!(f, "\"{word}\""),
            Value::Share(share) => write!(f, "{share}"),
            Value::Flag(flag) => write!(f, "{flag}"),
            Value::Span(span) => write!(f, "\"{span}\""),
        }
    }
}
