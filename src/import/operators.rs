//! What operators have of their clouds and clusters, into the neutral files and a scenario: the sources together, in an order
//! in which each finds what the others told.

use std::path::{Path, PathBuf};

use super::foreign::docs::Form;
use super::foreign::draft::Draft;
use super::foreign::finish::{ForeignImport, finish};
use super::foreign::kinds::Kinds;
use super::foreign::moment::Zone;
use super::foreign::names::shown;
use super::foreign::open;
use super::foreign::options::ForeignOptions;
use super::foreign::shape::{SOURCES, Shape, recognise};
use super::foreign::wrong::ForeignError;
use super::ironic::snapshots::NodeList;
use super::slurm::nodes::ClassFrom;
use super::{blazar, fta, ironic, nova, slurm, swf};
use crate::kernel::text::quoted;

/// So many bytes of a file are looked at to see what it is.
const HEAD: usize = 1 << 16;

/// The source that is found by looking at the file.
pub const AUTO: &str = "auto";

/// A file to be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignFile {
    /// Whose export it is, one of [`sources`].
    pub source: String,
    /// The file, or a folder of files.
    pub path: PathBuf,
}

/// What a file or a folder may be said to be.
pub fn sources() -> impl Iterator<Item = &'static str> {
    SOURCES.into_iter().chain([AUTO])
}

/// A file and what it is.
struct Known {
    path: PathBuf,
    shape: Shape,
    told: String,
}

/// What was found, and the files of folders that nobody knows.
#[derive(Default)]
struct Looked {
    known: Vec<Known>,
    left_out: Vec<String>,
}

/// Imports the files together.
///
/// # Errors
/// When a file cannot be read, is not what it is said to be, or is damaged; when the options do not fit; when nothing is left.
pub fn import(files: &[ForeignFile], options: &ForeignOptions) -> Result<ForeignImport, ForeignError> {
    let mut looked = Looked::default();
    for file in files {
        look(file, &mut looked)?;
    }
    let Looked { known, left_out } = looked;
    let zone = options.zone.as_deref().map(|name| {
        Zone::find(name).ok_or_else(|| {
            ForeignError::Use(format!(
                "--tz {}: there is no such time zone; give a name such as Europe/Berlin, UTC, or an offset such as +01:00",
                quoted(name)
            ))
        })
    });
    let kinds = options
        .kinds
        .as_deref()
        .map_or_else(|| Ok(Kinds::standard()), Kinds::read)?;
    let mut draft = Draft::new(options, kinds, zone.transpose()?);
    for source in SOURCES {
        if known.iter().any(|file| file.shape.source() == source) {
            draft.sources.push(source);
        }
    }
    all(&known, &mut draft)?;
    if let Some(least) = options.min_spell {
        draft.min_spell = least;
    }
    finish(draft, known.into_iter().map(|file| file.told).chain(left_out).collect())
}

/// Reads all files, the fleet before the demand.
fn all(known: &[Known], draft: &mut Draft<'_>) -> Result<(), ForeignError> {
    let of = |shape: Shape| -> Vec<&Path> {
        let same = known.iter().filter(|file| file.shape == shape);
        same.map(|file| file.path.as_path()).collect()
    };
    let any = |shape: Shape| known.iter().any(|file| file.shape == shape);
    if any(Shape::IronicNotifications) {
        ironic::notifications::import(&of(Shape::IronicNotifications), draft)?;
        draft.provisioned = true;
    }
    let lists: Vec<NodeList> = known
        .iter()
        .filter_map(|file| match file.shape {
            Shape::IronicNodes(form) => Some(NodeList {
                path: file.path.clone(),
                form,
            }),
            _ => None,
        })
        .collect();
    if !lists.is_empty() {
        ironic::snapshots::import(&lists, draft)?;
        draft.provisioned = true;
    }
    for file in known {
        if let Shape::NovaFlavors(form) = file.shape {
            nova::flavors::import(&file.path, form, draft)?;
        }
    }
    if any(Shape::NovaServers) {
        nova::servers::import(&of(Shape::NovaServers), draft)?;
    }
    let usage: Vec<(&Path, Form)> = known
        .iter()
        .filter_map(|file| match file.shape {
            Shape::NovaUsage(form) => Some((file.path.as_path(), form)),
            _ => None,
        })
        .collect();
    if !usage.is_empty() {
        nova::usage::import(&usage, draft)?;
    }
    ironic::occupants::import(draft);
    let has = |source: &str| known.iter().any(|file| file.shape.source() == source);
    if has("blazar") {
        let (leases, allocations) = (of(Shape::BlazarLeases), of(Shape::BlazarAllocations));
        blazar::import(&leases, &allocations, &of(Shape::BlazarHosts), draft)?;
    }
    if has("slurm") {
        slurm_files(&of, draft)?;
    }
    if has("fta") {
        fta::import(&of(Shape::FtaEvents), &of(Shape::FtaNodes), draft)?;
    }
    if has("swf") {
        swf::import(&of(Shape::Swf), &of(Shape::SwfMachines), draft)?;
    }
    Ok(())
}

/// Reads Slurm's files: nodes, then what became of them, then the jobs on them.
fn slurm_files<'k>(of: &dyn Fn(Shape) -> Vec<&'k Path>, draft: &mut Draft<'_>) -> Result<(), ForeignError> {
    let events = of(Shape::SlurmEvents);
    let class_from = ClassFrom::of(draft.options.naming.class_from.as_deref())?;
    let nodes = slurm::nodes::import(&of(Shape::SlurmNodes), &class_from, !events.is_empty(), draft)?;
    slurm::events::import(&events, draft)?;
    slurm::reservations::of_scontrol(&of(Shape::SlurmReservations), draft)?;
    slurm::reservations::of_sreport(&of(Shape::SlurmReport), draft)?;
    slurm::jobs::import(&of(Shape::SlurmJobs), &nodes, draft)
}

/// What a file is, or what the files of a folder are. A folder may have others, which are left out and told.
fn look(file: &ForeignFile, looked: &mut Looked) -> Result<(), ForeignError> {
    if !file.path.is_dir() {
        looked.known.push(one(file, &file.path)??);
        return Ok(());
    }
    let failed = |source| ForeignError::Io {
        path: file.path.clone(),
        source,
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(&file.path).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_file() && !hidden {
            paths.push(path);
        }
    }
    paths.sort();
    let (before, mut last) = (looked.known.len(), None);
    for path in &paths {
        match one(file, path)? {
            Ok(known) => looked.known.push(known),
            Err(why) => {
                // What is in it is nobody's business.
                let told = format!("{}: left out, it is none of the files that are read", shown(path));
                looked.left_out.push(told);
                last = Some(why);
            }
        }
    }
    if looked.known.len() > before {
        return Ok(());
    }
    Err(last.unwrap_or_else(|| {
        ForeignError::Use(format!(
            "{}: the folder has no file; name the files",
            file.path.display()
        ))
    }))
}

/// What a file is; within, why nobody knows it.
fn one(file: &ForeignFile, path: &Path) -> Result<Result<Known, ForeignError>, ForeignError> {
    let name = path.display().to_string();
    let head = open::beginning(path, HEAD)?;
    let (shape, why) = match recognise(&name, &head) {
        Ok(known) => known,
        Err((what, mend)) => return Ok(Err(ForeignError::at(&name, 1, "", what, &mend))),
    };
    if file.source != AUTO && file.source != shape.source() {
        let what = format!("this is {} ({why}) and no export of {}", shape.told(), file.source);
        let mend = format!("give it as {}={name}", shape.source());
        return Err(ForeignError::at(&name, 1, "", what, &mend));
    }
    Ok(Ok(Known {
        told: format!("{}: {}, for {why}", shown(path), shape.told()),
        path: path.to_owned(),
        shape,
    }))
}
