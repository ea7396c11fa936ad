//! What a filter is: a line of the list in `filters`.

use super::settings::FilterSettings;
use super::terms::{FilterAnswer, Host, RequestSpec};

/// A filter's line in the list.
#[derive(Debug)]
pub struct Filter {
    /// Nova's name for it.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// Its answer.
    pub run: fn(&Host, &RequestSpec, &FilterSettings) -> FilterAnswer,
    /// Whether it may raise on a host that differs from this one in its name, its failed builds and
    /// its instances alone. A yes too many costs time; a no must be true.
    pub may_raise: fn(&Host, &RequestSpec, &FilterSettings) -> bool,
    /// Whether it is asked for the first machine of a request alone (`run_filter_once_per_request`).
    pub once: bool,
}

/// Of a filter that raises on no host.
pub(super) fn never(_: &Host, _: &RequestSpec, _: &FilterSettings) -> bool {
    false
}
