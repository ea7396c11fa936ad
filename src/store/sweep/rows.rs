//! The rows of a sweep's long table: a cell's values, each on a line with its point and strategy.

use crate::cells::columns::Column;
use crate::cells::engine::CellEnd;
use crate::cells::selector::Columns;
use crate::cells::table::Valued;
use crate::judge::sweep::SweepManifest;
use crate::kernel::number::fixed;
use crate::store::error::FolderError;
use crate::store::tables;

/// Makes and reads the rows of one sweep.
#[derive(Debug)]
pub struct Rows<'a> {
    manifest: &'a SweepManifest,
    coordinates: Vec<Vec<String>>,
    columns: Columns,
}

impl<'a> Rows<'a> {
    /// Of this sweep.
    #[must_use]
    pub fn new(manifest: &'a SweepManifest) -> Rows<'a> {
        let points = manifest.points();
        Rows {
            manifest,
            columns: manifest.columns(),
            coordinates: points.iter().map(|point| manifest.coordinates(point)).collect(),
        }
    }

    /// All cells.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.coordinates.len() * self.manifest.cells_of_a_point()
    }

    /// The names of the columns.
    #[must_use]
    pub fn header(&self) -> Vec<String> {
        let keys = self.manifest.design.axes.iter().map(|axis| axis.key.clone());
        let rest = ["strategy", "replication", "metric", "value", "unit", "error"];
        let first = std::iter::once("point".to_owned());
        first.chain(keys).chain(rest.map(str::to_owned)).collect()
    }

    /// The rows of a cell as lines: one for each metric that has a value, or the error of a broken cell.
    ///
    /// # Errors
    /// When the CSV writer fails.
    pub fn lines(&self, cell: usize, course: &CellEnd) -> Result<String, FolderError> {
        let job = self.manifest.job(cell);
        let label = self.manifest.strategies.get(job.variant).cloned().unwrap_or_default();
        let mut first = vec![job.point.to_string()];
        first.extend(self.coordinates.get(job.point).into_iter().flatten().cloned());
        first.extend([label, job.replication.to_string()]);
        let known = self.columns.iter().zip(course.values());
        let known = known.filter_map(|(column, value)| Some((column, value.filter(|value| value.is_finite())?)));
        let figure = |(column, value): (&Column, f64)| [column.name, &fixed(value), column.unit, ""].map(str::to_owned);
        let mut rows: Vec<[String; 4]> = known.map(figure).collect();
        if rows.is_empty() {
            let error = match course {
                CellEnd::Values(_) => "no metric has a value".to_owned(),
                CellEnd::Broken(what) => what.replace(|c: char| c.is_control(), " "),
            };
            rows.push([String::new(), String::new(), String::new(), error]);
        }
        tables::lines(rows.into_iter().map(|rest| first.iter().cloned().chain(rest).collect()))
    }

    /// Reads lines back: the courses of the cells that follow each other in them, from `first` on.
    ///
    /// # Errors
    /// What is wrong, and where: a line that is not as it was written, or cells that are not in their order.
    pub fn read(&self, first: usize, lines: &str, mut each: impl FnMut(usize, CellEnd)) -> Result<(), String> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(lines.as_bytes());
        let axes = self.manifest.design.axes.len();
        let (mut cell, mut open): (usize, Option<CellEnd>) = (first, None);
        for record in reader.records() {
            let record = record.map_err(|error| error.to_string())?;
            let field = |at: usize| record.get(at).unwrap_or_default();
            let is = |cell: usize| {
                let job = self.manifest.job(cell);
                field(0) == job.point.to_string()
                    && self
                        .manifest
                        .strategies
                        .get(job.variant)
                        .is_some_and(|label| label == field(axes + 1))
                    && field(axes + 2) == job.replication.to_string()
            };
            if open.is_some() && !is(cell) {
                each(cell, open.take().unwrap_or(CellEnd::Broken(String::new())));
                cell += 1;
            }
            if !is(cell) {
                return Err(format!("the rows of cell {cell} are missing"));
            }
            let [metric, value, error] = [3, 4, 6].map(|at| field(axes + at));
            if !error.is_empty() {
                open = Some(CellEnd::Broken(error.to_owned()));
                continue;
            }
            let placed = self.columns.placed(metric);
            let (place, _) = placed.ok_or_else(|| format!("there is no metric `{metric}`"))?;
            let value: f64 = value.parse().map_err(|_| format!("`{value}` is no number"))?;
            match open.get_or_insert_with(|| CellEnd::Values(self.columns.empty_row())) {
                CellEnd::Values(values) => values[place] = Some(value),
                CellEnd::Broken(_) => return Err(format!("cell {cell} has values after an error")),
            }
        }
        if let Some(course) = open {
            each(cell, course);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::cells::points::design::DesignKind;
    use crate::judge::sweeps::{course, manifest};
    use crate::store::sweep::rows::*;

    #[test]
    fn rows_read_as_they_were_written() {
        let manifest = manifest(&["a.x=1,\"2,5\"", "a.y=0..1"], DesignKind::Grid);
        let rows = Rows::new(&manifest);
        let given: Vec<CellEnd> = (3..9)
            .map(|cell| match cell {
                5 => CellEnd::Broken("broken law `a, b`:\nat 3 h".to_owned()),
                _ => course(&manifest, cell),
            })
            .collect();
        let mut text = String::new();
        for (cell, course) in (3..).zip(&given) {
            text += &rows.lines(cell, course).expect("lines");
        }
        let mut back = Vec::new();
        rows.read(3, &text, |cell, course| back.push((cell, course)))
            .expect("read");
        assert_eq!(
            back.iter().map(|(cell, _)| *cell).collect::<Vec<_>>(),
            (3..9).collect::<Vec<_>>()
        );
        assert_eq!(back[2].1, CellEnd::Broken("broken law `a, b`: at 3 h".to_owned()));
        for at in [0, 1, 3, 4, 5] {
            assert_eq!(back[at].1, given[at]);
        }
        assert!(rows.read(2, &text, |_, _| ()).is_err());
        let width = rows.header().len();
        assert!(text.lines().all(|line| line.matches(',').count() + 1 >= width));
    }
}
