//! Who wrote files that nobody asked for: most programs write a file under another name first and give it its name by a
//! rename, and then who renamed it is one question and who wrote it another. Knows nothing of paths.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// More files than this are forgotten, the oldest first.
const MOST_FILES: usize = 1024;
/// More writers of one file are not told apart; the latest are.
const MOST_WRITERS: usize = 4;

/// The writers of each file of late.
#[derive(Debug)]
pub(super) struct Temporaries<F, W> {
    writers: HashMap<F, Vec<W>>,
    order: VecDeque<F>,
}

impl<F, W> Default for Temporaries<F, W> {
    fn default() -> Self {
        Self { writers: HashMap::new(), order: VecDeque::new() }
    }
}

impl<F: Copy + Eq + Hash, W: Copy + Eq> Temporaries<F, W> {
    /// That file was made or written by that one.
    pub(super) fn wrote(&mut self, file: F, writer: W) {
        let writers = self.writers.entry(file).or_default();
        if writers.is_empty() {
            self.order.push_back(file);
        }
        writers.retain(|known| *known != writer);
        if writers.len() >= MOST_WRITERS {
            writers.remove(0);
        }
        writers.push(writer);
        if self.order.len() > MOST_FILES
            && let Some(oldest) = self.order.pop_front()
        {
            self.writers.remove(&oldest);
        }
    }

    /// Who made or wrote that file, as far as it is remembered.
    pub(super) fn of(&self, file: F) -> &[W] {
        self.writers.get(&file).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_files_and_their_latest_writers_are_remembered() {
        let mut known = Temporaries::default();
        for writer in [1, 2, 3, 1, 4, 5] {
            known.wrote(0, writer);
        }
        assert_eq!(known.of(0), [3, 1, 4, 5]);
        assert!(known.of(1).is_empty());
        for file in 1..10 * MOST_FILES {
            known.wrote(file, 1);
        }
        assert!(
            known.of(0).is_empty() && known.writers.len() == MOST_FILES && known.order.len() == MOST_FILES
        );
        assert_eq!(known.of(10 * MOST_FILES - 1), [1]);
    }
}
