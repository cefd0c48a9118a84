//! Who opened a file that holds credentials, when that was the doing of an install. Must not know what is in it.

use super::{Attribution, when};
use crate::model::provenance::{Actor, Confidence, Provenance};
use crate::model::touch::Touch;
use crate::provenance::{Facts, Through, Writer, judge, runs_manager};

impl Attribution {
    /// Judges an opening; nothing where nobody knows who it was, or where it was no install's doing. Manifests that
    /// hang are done without, since one thread asks for everybody.
    pub fn opening(&self, touch: &Touch) -> Option<Provenance> {
        self.lineage.as_ref().ok()?;
        let (ancestry, identity, method) = self.ancestry(touch, false);
        // Nearly always: the client, an editor, a backup. What follows takes a thread.
        if !ancestry.processes.iter().any(|process| runs_manager(process)) {
            return None;
        }
        let manifests = self.manifests_in_time(&ancestry);
        let when = when(touch, self.moment());
        let deed = Some(touch.deed);
        let writer = Writer { ancestry, deed, when, method, identity, through: Through::Path };
        let judged = judge(&Facts {
            writers: &[writer],
            changed: when.unwrap_or_else(|| self.clock.now()),
            user: None,
            project: None,
            installs: &[],
            at_work: &[],
            window: self.window,
            handovers: &[],
            is_client: &|_| false,
            manifest: &|directory| manifests.get(directory).cloned().flatten(),
        });
        let is_by_install =
            judged.actor == Actor::Install && judged.install_confidence() >= Confidence::Likely;
        is_by_install.then_some(judged)
    }
}
