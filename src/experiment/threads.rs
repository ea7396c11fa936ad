//! How many threads are started.

use super::run::ExperimentError;

/// More threads than this help nobody.
const MOST: usize = 512;

/// The threads for so many cells: as asked for, else one per processor, and never more than there are cells.
#[must_use]
pub fn workers(asked: Option<usize>, cells: usize) -> usize {
    let processors = || std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    asked
        .filter(|&asked| asked > 0)
        .unwrap_or_else(processors)
        .min(cells)
        .clamp(1, MOST)
}

/// A pool of that many.
pub(super) fn pool(asked: Option<usize>, cells: usize) -> Result<rayon::ThreadPool, ExperimentError> {
    let threads = workers(asked, cells);
    let built = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    built.map_err(|error| ExperimentError::Threads {
        threads,
        message: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::workers;

    #[test]
    fn threads_are_bounded_by_the_cells() {
        assert_eq!(workers(Some(20_000), 4), 4);
        assert_eq!(workers(Some(3), 400), 3);
        assert_eq!(workers(Some(usize::MAX), usize::MAX), 512);
        assert_eq!((workers(Some(0), 1), workers(None, 0)), (1, 1));
    }
}
