//! What a results folder holds that can be made again from the rest of it: the figures and the page.

use std::path::{Path, PathBuf};

use super::disk::manifest::MANIFEST;
use super::disk::target::{FolderScope, Target, Wish};
use super::error::FolderError;
use super::kind::FolderKind;

/// The page.
pub(super) const REPORT: &str = "report.html";
/// The folder of the figures.
pub(super) const PLOTS: &str = "plots";

/// A figure's name and bytes.
pub type FigureFile = (String, Vec<u8>);

/// Figures and page as they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DrawnFiles {
    /// The figures.
    pub figures: Vec<FigureFile>,
    /// The page.
    pub page: Vec<u8>,
}

impl DrawnFiles {
    /// The files with their paths inside of a folder.
    pub(super) fn files(self) -> impl Iterator<Item = (PathBuf, Vec<u8>)> {
        let figures = self.figures.into_iter();
        let figures = figures.map(|(name, bytes)| (Path::new(PLOTS).join(name), bytes));
        figures.chain([(PathBuf::from(REPORT), self.page)])
    }
}

/// Whether a file of a folder cannot be made again from the others.
pub(super) fn lasting(file: &str) -> bool {
    file != REPORT && !Path::new(file).starts_with(PLOTS)
}

/// Puts figures that have been drawn again in their places at once; gives the files. `mark` says what they are of.
///
/// # Errors
/// When a figure has been edited since it was drawn last, or the file system refuses.
pub fn redraw(
    (kind, mark): (FolderKind, &str),
    figures: Vec<FigureFile>,
    folder: &Path,
    replace: bool,
) -> Result<Vec<PathBuf>, FolderError> {
    let drawn = figures.into_iter();
    let drawn = drawn.map(|(name, bytes)| (format!("{PLOTS}/{name}"), bytes)).collect();
    put((kind.writer(), mark), drawn, folder, replace)
}

/// Puts a page that has been made again in its place; gives its path. `mark` says what it is of.
///
/// # Errors
/// When the page has been edited since it was made last, or the file system refuses.
pub fn rewrite(
    (kind, mark): (FolderKind, &str),
    page: Vec<u8>,
    folder: &Path,
    replace: bool,
) -> Result<Vec<PathBuf>, FolderError> {
    put((kind.writer(), mark), vec![(REPORT.to_owned(), page)], folder, replace)
}

/// Puts files that can be made again in their places, under the writer's name and with what they are of.
pub(super) fn put(
    (writer, mark): (&'static str, &str),
    drawn: Vec<(String, Vec<u8>)>,
    folder: &Path,
    replace: bool,
) -> Result<Vec<PathBuf>, FolderError> {
    let wish = Wish {
        writer,
        scope: FolderScope::Names(drawn.iter().map(|(name, _)| name.clone()).collect()),
        replace,
        wait: false,
    };
    let target = Target::open(folder, wish)?;
    let files: Vec<_> = drawn.into_iter().map(|(name, bytes)| (name.into(), bytes)).collect();
    let mut written = target.write(&files, mark)?;
    written.retain(|file| !file.ends_with(MANIFEST));
    Ok(written)
}
