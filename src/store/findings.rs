//! What `compare` has found, read back from its `compare.json`, and what its page is called.

use std::path::{Path, PathBuf};

use super::disk::os::read_text;
use super::disk::sealed::verify;
use super::error::{FolderError, at};
use super::field::{Field, document};
use super::kind::{FolderKind, kind};
use crate::cells::selector::Selector;
use crate::judge::finding::{Checked, Difference, Figures, Finding, Judgement, Side};
use crate::stats::compare::Good;

/// The command, and the name under which a folder's manifest lists its files.
pub const COMPARE: &str = FolderKind::Compare.writer();
/// The file that is read back.
const JSON: &str = "compare.json";

/// What the page of `compare` is called in a folder: findings may lie beside another command's results, whose page keeps its
/// name.
#[must_use]
pub fn page_name(folder: &Path) -> &'static str {
    match kind(folder) {
        Ok(FolderKind::Compare) | Err(_) => super::again::REPORT,
        Ok(_) => "compare.html",
    }
}

/// Whether `compare` has written to the folder at all.
#[must_use]
pub fn is_there(folder: &Path) -> bool {
    verify(folder, COMPARE, JSON, |_| false).is_ok()
}

/// Reads the findings that `compare` wrote to a folder.
///
/// # Errors
/// When the file is missing or is not as it was written; the error names the file and the line or key.
pub fn read(folder: &Path) -> Result<Vec<Checked>, FolderError> {
    verify(folder, COMPARE, JSON, |file| file == JSON)?;
    let path = folder.join(JSON);
    let text = read_text(&path).map_err(at(&path))?;
    parse(&text, &path).map_err(|why| why.outdated(COMPARE))
}

/// Puts a page of the findings that has been made again in its place; gives its path.
///
/// # Errors
/// When the page has been edited since it was made last, or the file system refuses.
pub fn rewrite(page: Vec<u8>, folder: &Path, replace: bool) -> Result<Vec<PathBuf>, FolderError> {
    let part = verify(folder, COMPARE, JSON, |_| false)?;
    let name = page_name(folder).to_owned();
    super::again::put((COMPARE, &part.mark), vec![(name, page)], folder, replace)
}

/// The findings of a JSON text; errors name the file.
///
/// # Errors
/// As [`read`].
pub fn parse(text: &str, path: &Path) -> Result<Vec<Checked>, FolderError> {
    document(text, path, |top| {
        top.key("scenarios")?.items()?.map(|one| checked(&one)).collect()
    })
}

fn checked(field: &Field<'_>) -> Result<Checked, String> {
    let findings = field.key("findings")?;
    let findings = findings.items()?.map(|one| finding(&one));
    Ok(Checked {
        scenario: field.key("scenario")?.text()?,
        file: field.key("file")?.text()?,
        old: field.maybe("old").map(|old| side(&old)).transpose()?,
        new: side(&field.key("new")?)?,
        notes: field.key("notes")?.texts()?,
        findings: findings.collect::<Result<_, String>>()?,
    })
}

fn side(field: &Field<'_>) -> Result<Side, String> {
    Ok(Side {
        name: field.key("name")?.text()?,
        version: field.key("version")?.text()?,
        digest: field.key("scenario_digest")?.text()?,
        seed: field.key("seed")?.whole()?,
        replications: field.key("replications")?.count()?,
    })
}

fn finding(field: &Field<'_>) -> Result<Finding, String> {
    let what = field.key("what")?.text()?;
    let word = field.key("verdict")?;
    let said = word.text()?;
    let verdict = Judgement::ALL.into_iter().find(|judgement| judgement.word() == said);
    Ok(Finding {
        strategy: field.key("strategy")?.text()?,
        verdict: word.wants(verdict, "the word of a verdict")?,
        fails: field.key("fails")?.flag()?,
        said: field.key("said")?.text()?,
        lines: field.maybe("lines").map_or(Ok(Vec::new()), |lines| lines.texts())?,
        figures: field.maybe("unit").map(|_| figures(field, &what)).transpose()?,
        place: None,
        what,
    })
}

fn figures(field: &Field<'_>, metric: &str) -> Result<Figures, String> {
    // A metric that this version does not have has no good side that is known.
    let column = Selector::parse(metric).ok().map(|selector| selector.column());
    let maybe = |key: &str| field.maybe(key).map(|value| value.float()).transpose();
    let diff = match maybe("diff")? {
        None => None,
        Some(mean) => Some(Difference {
            mean,
            lo: field.key("lo")?.float()?,
            hi: field.key("hi")?.float()?,
            n: field.key("n")?.count()?,
            paired: field.key("paired")?.flag()?,
        }),
    };
    Ok(Figures {
        unit: column.map_or("", |column| column.unit),
        good: column.map_or(Good::Neither, |column| column.good),
        old: maybe("old")?,
        new: maybe("new")?,
        diff,
        tolerance: field.key("tolerance")?.float()?,
    })
}
