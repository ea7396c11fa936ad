//! A plan that has been found, with what was asked.

use super::quest::{Answer, Quest};
use super::search::{Ruling, SearchEnd};

/// A plan that has been found.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The program's version.
    pub version: String,
    /// The scenario's name.
    pub scenario: String,
    /// Its question.
    pub question: String,
    /// Its digest, at its own value of the key.
    pub digest: String,
    /// The scenario at its own value of the key with every default filled in, as it may be read again.
    pub effective: String,
    /// The master seed.
    pub seed: u64,
    /// The key that was looked for.
    pub key: String,
    /// Its range, as typed.
    pub range: String,
    /// The range's values, rising.
    pub values: Vec<String>,
    /// The strategies' labels.
    pub strategies: Vec<String>,
    /// What was asked.
    pub quest: Quest,
    /// The answers, by strategy.
    pub answers: Vec<Answer>,
    /// What to know when reading them: sentences.
    pub assumptions: Vec<String>,
}

impl Planned {
    /// The value that answers for a strategy; none where there is no answer.
    #[must_use]
    pub fn value(&self, answer: &Answer) -> Option<&str> {
        let place = match answer.finding {
            SearchEnd::Border { holds, .. } => holds,
            SearchEnd::Everywhere if self.quest.largest => self.values.len().checked_sub(1)?,
            SearchEnd::Everywhere => 0,
            SearchEnd::Nowhere | SearchEnd::NotMonotone { .. } => return None,
        };
        self.values.get(place).map(String::as_str)
    }

    /// The strategies without an answer.
    #[must_use]
    pub fn unanswered(&self) -> Vec<&str> {
        let pairs = self.strategies.iter().zip(&self.answers);
        let without = pairs.filter(|(_, answer)| self.value(answer).is_none());
        without.map(|(label, _)| label.as_str()).collect()
    }

    /// What is looked for: `smallest` or `largest`.
    #[must_use]
    pub fn which(&self) -> &'static str {
        if self.quest.largest { "largest" } else { "smallest" }
    }

    /// The place of the value at which the objective is easiest to meet.
    #[must_use]
    pub fn easiest(&self) -> usize {
        if self.quest.largest {
            0
        } else {
            self.values.len().saturating_sub(1)
        }
    }

    /// The value at a place; nothing where there is none.
    #[must_use]
    pub fn at(&self, place: usize) -> &str {
        self.values.get(place).map_or("", String::as_str)
    }
}

/// A ruling's word in files.
#[must_use]
pub fn ruling_word(ruling: Ruling) -> &'static str {
    match ruling {
        Ruling::Holds => "holds",
        Ruling::Fails => "fails",
        Ruling::Open => "open",
    }
}

/// The ruling of which this is the word.
#[must_use]
pub fn ruling_of(word: &str) -> Option<Ruling> {
    let all = [Ruling::Holds, Ruling::Fails, Ruling::Open];
    all.into_iter().find(|ruling| ruling_word(*ruling) == word)
}

/// What made the files.
#[must_use]
pub fn provenance(planned: &Planned) -> String {
    let clean = |text: &str| text.replace(|c: char| c.is_control(), " ");
    format!(
        "sickbay {} plan of scenario {} digest {} seed {}",
        clean(&planned.version),
        clean(&planned.scenario),
        planned.digest,
        planned.seed
    )
}

#[cfg(test)]
pub(crate) mod tests;
