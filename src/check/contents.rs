//! The digests of the files that commands run, each computed once for as long as the file stays what it was.
//! Must not know who runs them.

use crate::host::files::Files;
use crate::model::digest::Digest;
use crate::model::inventory::Target;
use crate::model::surface::FileFacts;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// What is known of the files that commands run.
#[derive(Debug, Default)]
pub(super) struct TargetContents(BTreeMap<Arc<Path>, Known>);

/// `None` when it is not there or cannot be read.
type Known = Option<(FileFacts, Option<Digest>)>;

impl TargetContents {
    /// Every file.
    pub(super) fn files(&self) -> impl Iterator<Item = &Arc<Path>> {
        self.0.keys()
    }

    /// How many files.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Looks at one of them again; says whether its content is another. A file that nothing runs is no change.
    pub(super) fn refresh(&mut self, files: &dyn Files, cap: u64, file: &Path) -> bool {
        let Some(known) = self.0.get_mut(file) else { return false };
        let now = look(files, cap, file, known);
        let digest = |known: &Known| known.as_ref().and_then(|(_, digest)| *digest);
        let is_other = digest(&now) != digest(known);
        *known = now;
        is_other
    }

    /// Gives each target its content, and forgets every file that is none any more. What `is_known` names is
    /// not looked at again.
    pub(super) fn fill(
        &mut self,
        files: &dyn Files,
        cap: u64,
        targets: &mut [Target],
        is_known: &dyn Fn(&Path) -> bool,
    ) {
        let mut before = std::mem::take(&mut self.0);
        for target in targets {
            let known = match self.0.remove(target.file.as_path()) {
                Some(seen) => seen,
                None => match before.remove(target.file.as_path()) {
                    Some(known) if is_known(&target.file) => known,
                    known => look(files, cap, &target.file, &known.flatten()),
                },
            };
            target.content = known.as_ref().and_then(|(_, digest)| *digest);
            self.0.insert(target.file.as_path().into(), known);
        }
    }
}

fn look(files: &dyn Files, cap: u64, file: &Path, known: &Known) -> Known {
    let facts = files.facts(file).ok()?;
    match known {
        Some((before, digest)) if *before == facts => Some((facts, *digest)),
        _ => {
            let contents = files.read(file, cap).ok();
            Some((facts, contents.map(|contents| Digest::of(&contents.bytes))))
        }
    }
}
