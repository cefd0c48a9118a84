//! Servers whose approval was given in another directory: the same words may run another file here.

use crate::baseline::Verdicts;
use crate::drift::{other_target, target_content};
use crate::model::approval::Approval;
use crate::model::drift::Drift;
use crate::model::inventory::{Inventory, Server, Target};
use crate::model::subject::Subject;
use crate::model::verdict::ContentVerdict;
use std::collections::HashMap;
use std::path::Path;

/// The files inside projects that servers run, by who runs them.
pub(super) struct Worktrees<'i>(HashMap<(&'i str, &'i Path), Vec<&'i Target>>);

impl<'i> Worktrees<'i> {
    pub(super) fn of(inventory: &'i Inventory) -> Self {
        let mut targets: HashMap<_, Vec<&Target>> = HashMap::new();
        for target in inventory.targets.iter().filter(|target| target.inside_project && target.by_server) {
            let run_by = (target.run_by.as_str(), target.surface.file.as_ref());
            targets.entry(run_by).or_default().push(target);
        }
        Self(targets)
    }

    /// The files that `server` runs and that are not what was approved where `approval` was given.
    pub(super) fn differing(
        &self,
        server: &Server,
        approval: &Approval,
        verdicts: &Verdicts<'_>,
    ) -> Vec<Drift> {
        let (Some(here), Subject::Server { project: Some(there), .. }) = (&server.project, &approval.subject)
        else {
            return Vec::new();
        };
        if here == there {
            return Vec::new();
        }
        let run_by = format!("server {}", server.name);
        let targets = self.0.get(&(run_by.as_str(), server.surface.file.as_ref())).into_iter().flatten();
        targets
            .filter(|target| target.content.is_some() && is_other(target, here, there, verdicts))
            .map(|target| other_target(server, target, approval))
            .collect()
    }
}

fn is_other(target: &Target, here: &Path, there: &Path, verdicts: &Verdicts<'_>) -> bool {
    let Ok(inside) = target.file.strip_prefix(here) else { return false };
    let is_unknown = |file: &Path| {
        let verdict = verdicts.content(&Subject::Target(file.to_owned()), &target_content(target));
        !matches!(verdict, ContentVerdict::Approved { .. })
    };
    // What was approved here and changed since is said of the file itself.
    let unheard_of = matches!(
        verdicts.content(&Subject::Target(target.file.clone()), &target_content(target)),
        ContentVerdict::Unknown
    );
    unheard_of && is_unknown(&there.join(inside))
}
