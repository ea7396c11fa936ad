//! Parameters of strategies. A strategy's parameters are fields of its struct; a [`Param`] is one of them with its name and
//! its meaning. What a parameter may be, its default, how it is read and how it is printed all come from the field.

use crate::kernel::Span;

/// A parameter of a strategy.
pub struct Param<'a> {
    /// Its key in scenario files.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// The field that holds it.
    pub field: Field<'a>,
    /// Whether its default is an assumption: a figure that no data supports.
    pub assumed: bool,
    /// The one value of `mechanism` under which it does something; none: it always does.
    pub under: Option<&'static str>,
}

/// The field of a strategy that holds a parameter.
pub enum Field<'a> {
    /// One of some words.
    Choice(Box<dyn Words + 'a>),
    /// A share from 0 to 1.
    Share(&'a mut f64),
    /// Yes or no.
    Flag(&'a mut bool),
    /// A span of time, as text with a unit (`"2h"`).
    Span(&'a mut Span),
    /// A span of time, or this word for none.
    SpanOr(&'static str, &'a mut Option<Span>),
}

/// A field whose values have words.
pub trait Words {
    /// All words.
    fn words(&self) -> Vec<&'static str>;

    /// The word of the field's value.
    fn word(&self) -> &'static str;

    /// Gives the field the value of a word; false if there is no such word.
    fn put(&mut self, word: &str) -> bool;
}

/// A value as it was typed in a scenario file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Typed<'a> {
    /// Text, and the span of time that it says, if it says one.
    Text(&'a str, Option<Span>),
    /// A number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// Anything else: it suits no parameter.
    Other,
}

struct Worded<'a, T: 'static> {
    field: &'a mut T,
    words: &'static [(&'static str, T)],
}

impl<T: Copy + PartialEq> Words for Worded<'_, T> {
    fn words(&self) -> Vec<&'static str> {
        self.words.iter().map(|(word, _)| *word).collect()
    }

    fn word(&self) -> &'static str {
        let found = self.words.iter().find(|(_, value)| value == self.field);
        found.expect("each value that a parameter takes has a word").0
    }

    fn put(&mut self, word: &str) -> bool {
        let found = self.words.iter().find(|(known, _)| *known == word);
        if let Some((_, value)) = found {
            *self.field = *value;
        }
        found.is_some()
    }
}

impl<'a> Param<'a> {
    fn of(name: &'static str, doc: &'static str, field: Field<'a>) -> Param<'a> {
        Param {
            name,
            doc,
            field,
            assumed: false,
            under: None,
        }
    }

    /// The same, which does something under this mechanism alone.
    #[must_use]
    pub fn under(mut self, mechanism: &'static str) -> Param<'a> {
        self.under = Some(mechanism);
        self
    }

    /// The same, whose default is a figure that no data supports.
    #[must_use]
    pub fn assumed(mut self) -> Param<'a> {
        self.assumed = true;
        self
    }

    /// A parameter that is one of some words.
    pub fn choice<T: Copy + PartialEq>(
        name: &'static str,
        field: &'a mut T,
        words: &'static [(&'static str, T)],
        doc: &'static str,
    ) -> Param<'a> {
        let field = Field::Choice(Box::new(Worded { field, words }));
        Param::of(name, doc, field)
    }

    /// A parameter that is a share from 0 to 1.
    pub fn share(name: &'static str, field: &'a mut f64, doc: &'static str) -> Param<'a> {
        Param::of(name, doc, Field::Share(field))
    }

    /// A parameter that is true or false.
    pub fn flag(name: &'static str, field: &'a mut bool, doc: &'static str) -> Param<'a> {
        Param::of(name, doc, Field::Flag(field))
    }

    /// A parameter that is a span of time.
    pub fn span(name: &'static str, field: &'a mut Span, doc: &'static str) -> Param<'a> {
        Param::of(name, doc, Field::Span(field))
    }

    /// A parameter that is a span of time, or `word` for none.
    pub fn span_or(
        name: &'static str,
        word: &'static str,
        field: &'a mut Option<Span>,
        doc: &'static str,
    ) -> Param<'a> {
        Param::of(name, doc, Field::SpanOr(word, field))
    }

    /// Gives the parameter a value; false if the parameter does not take it.
    #[must_use]
    pub fn set(&mut self, typed: Typed<'_>) -> bool {
        match (&mut self.field, typed) {
            (Field::Choice(field), Typed::Text(word, _)) => return field.put(word),
            (Field::Share(field), Typed::Number(share)) if (0.0..=1.0).contains(&share) => **field = share,
            (Field::Flag(field), Typed::Flag(flag)) => **field = flag,
            (Field::Span(field), Typed::Text(_, Some(span))) => **field = span,
            (Field::SpanOr(word, field), Typed::Text(text, _)) if *word == text => **field = None,
            (Field::SpanOr(_, field), Typed::Text(_, Some(span))) if span > Span::ZERO => **field = Some(span),
            _ => return false,
        }
        true
    }

    /// What the parameter takes, in words.
    #[must_use]
    pub fn wants(&self) -> String {
        match &self.field {
            Field::Choice(_) => format!("one of {}", self.words().join(", ")),
            Field::Share(_) => "a share from 0 to 1".to_owned(),
            Field::Flag(_) => "true or false".to_owned(),
            Field::Span(_) => "a time with its unit, such as \"2h\"".to_owned(),
            Field::SpanOr(word, _) => {
                format!("a time with its unit and longer than 0, such as \"168h\", or \"{word}\"")
            }
        }
    }

    /// The words of which it takes one; none if it takes no words.
    #[must_use]
    pub fn words(&self) -> Vec<&'static str> {
        match &self.field {
            Field::Choice(field) => field.words(),
            _ => Vec::new(),
        }
    }

    /// Its value in TOML.
    #[must_use]
    pub fn toml(&self) -> String {
        match &self.field {
            Field::Choice(field) => format!("\"{}\"", field.word()),
            Field::Share(share) => share.to_string(),
            Field::Flag(flag) => flag.to_string(),
            Field::Span(span) => format!("\"{span}\""),
            Field::SpanOr(word, None) => format!("\"{word}\""),
            Field::SpanOr(_, Some(span)) => format!("\"{span}\""),
        }
    }
}
