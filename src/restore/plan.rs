//! Judgements → what is done to which file, and what is not done and why. Pure: reads no file.

use super::wanted::{prove, wanted};
use super::{Edit, Mend, Plan, Refused, Trust};
use crate::baseline::Baseline;
use crate::model::drift::{Judgement, Source};
use crate::model::inventory::Inventory;
use crate::model::kind::DriftKind;
use crate::model::setting::SettingKind;
use crate::model::subject::Subject;
use crate::model::surface::{Scope, SurfaceState};
use crate::surface::claude_code::address;

/// What a plan is made of, beside the judgements.
#[derive(Clone, Copy)]
pub struct Scene<'s> {
    /// Everything that was judged of the home.
    pub all: &'s [Judgement],
    /// What is there.
    pub inventory: &'s Inventory,
    /// What should be there.
    pub baseline: &'s Baseline,
    /// Whose word is enough.
    pub trust: Trust,
}

/// Plans how to put these right.
pub fn plan<'j>(chosen: impl IntoIterator<Item = &'j Judgement>, scene: Scene<'_>) -> Plan {
    let mut plan = Plan::default();
    for judgement in chosen {
        match scene.step(judgement) {
            Ok(step) => plan.add(judgement, step, scene.is_linked(judgement)),
            Err(why) => plan.refused.push(Refused { judgement: judgement.clone(), why }),
        }
    }
    plan.mends.sort_by_key(|mend| mend.judgements().map(rank).min());
    plan
}

/// What is done about one judgement.
enum Step {
    Change(Box<Edit>),
    Close,
}

impl Plan {
    fn add(&mut self, judgement: &Judgement, step: Step, is_linked: bool) {
        let surface = &judgement.surface;
        let known = self.mends.iter().position(|mend| mend.surface.file == surface.file);
        let at = known.unwrap_or_else(|| {
            self.mends.push(Mend { surface: surface.clone(), edits: Vec::new(), opened: None, is_linked });
            self.mends.len() - 1
        });
        let Some(mend) = self.mends.get_mut(at) else { return };
        match step {
            Step::Change(edit) => mend.edits.push(*edit),
            Step::Close => mend.opened = Some(judgement.clone()),
        }
    }
}

/// What goes first: a hook could undo what is put right after it.
fn rank(judgement: &Judgement) -> u8 {
    match &judgement.subject {
        Subject::Setting { key, .. } => match SettingKind::of_key(key) {
            Some(SettingKind::Hook) => 0,
            Some(SettingKind::Helper | SettingKind::StatusLine) => 1,
            Some(SettingKind::Variable) => 2,
            _ => 3,
        },
        _ => 4,
    }
}

impl Scene<'_> {
    fn step(&self, judgement: &Judgement) -> Result<Step, String> {
        match &judgement.subject {
            Subject::Server { .. } | Subject::Setting { .. } => self.change(judgement),
            Subject::File(_) => file(judgement),
            Subject::Managed(_) => Err(MANAGED.to_owned()),
            Subject::Target(_) => {
                Err("of a program only a fingerprint is kept: look at it, and put it back \
                from where it came"
                    .to_owned())
            }
            Subject::Finding { .. } => {
                Err("it looks wrong by itself, and nothing else was approved that could \
                be put back: approve it, or change it by hand"
                    .to_owned())
            }
        }
    }

    fn change(&self, judgement: &Judgement) -> Result<Step, String> {
        let surface = &judgement.surface;
        match surface.scope {
            Scope::Managed => return Err(MANAGED.to_owned()),
            Scope::Plugin => {
                return Err("it comes with a plugin: update or remove the plugin with the client".to_owned());
            }
            Scope::User | Scope::Local | Scope::Project => {}
        }
        self.require_readable(judgement)?;
        let is_there = |subject: &Subject| {
            self.inventory.servers.iter().any(|server| Subject::server(server) == *subject)
        };
        if judgement.observed.is_none() && is_there(&judgement.subject) {
            return Err("it is there and the client does not start it: switch it on in /mcp".to_owned());
        }
        let wanted = wanted(judgement, self.baseline, self.trust)?;
        let path = address(&judgement.subject, surface);
        let path = path.ok_or_else(|| "nothing in that file can be put back on its own".to_owned())?;
        prove(judgement, surface, &path, &wanted)?;
        Ok(Step::Change(Box::new(Edit {
            judgement: judgement.clone(),
            path: path.into_iter().map(str::to_owned).collect(),
            wanted: wanted.text,
            ground: wanted.ground,
        })))
    }

    fn is_linked(&self, judgement: &Judgement) -> bool {
        let mut facts = self.inventory.surfaces.iter().filter_map(|reading| {
            (reading.surface.file == judgement.surface.file).then_some(reading.facts.as_ref()).flatten()
        });
        facts.next().is_some_and(|facts| facts.link_target.is_some())
    }

    /// The file must be one that was read, and the file that it was.
    fn require_readable(&self, judgement: &Judgement) -> Result<(), String> {
        let file = &judgement.surface.file;
        let reading = self.inventory.surfaces.iter().find(|reading| reading.surface.file == *file);
        match reading.map(|reading| &reading.state) {
            Some(SurfaceState::Read) => {}
            Some(SurfaceState::Unparsable(why)) => {
                return Err(format!("the file cannot be understood, so nothing in it is changed: {why}"));
            }
            Some(SurfaceState::Unreadable(why)) => return Err(format!("the file cannot be read: {why}")),
            Some(SurfaceState::Missing) | None => return Err("the file is not there".to_owned()),
        }
        let is_replaced = |other: &Judgement| {
            other.surface.file == *file
                && other.drifts.iter().any(|drift| drift.kind == DriftKind::ConfigReplaced)
        };
        if self.all.iter().any(is_replaced) {
            return Err(
                "the file is no longer the one that was approved (config-replaced), and what lies there \
                now may be somebody else's: put the file itself right first"
                    .to_owned(),
            );
        }
        Ok(())
    }
}

const MANAGED: &str = "it is the administrator's own file: put it back from where it is managed";

/// What can be done about a file itself: take from others what they may write.
fn file(judgement: &Judgement) -> Result<Step, String> {
    let kinds = || judgement.drifts.iter().map(|drift| drift.kind);
    if kinds().all(|kind| kind == DriftKind::ConfigPermissions) && judgement.surface.scope != Scope::Managed {
        return Ok(Step::Close);
    }
    let words = kinds().find_map(|kind| match kind {
        DriftKind::ConfigReplaced => Some(
            "it is no longer the file that was approved: look at what lies there, and put the file back \
             (a symbolic link that is meant is approved with: mcpwatch approve)",
        ),
        DriftKind::ConfigUnreadable => Some("what cannot be read is not changed: see why, and make it readable"),
        DriftKind::ConfigUnparsable => Some(
            "the client keeps copies of its own file in ~/.claude/backups: put one back, or mend the line that is named",
        ),
        DriftKind::ConfigMissing => Some("the entries were kept and the rest of the file was not: put it back from a copy"),
        DriftKind::DuplicateKey => {
            Some("which of the two is meant is for a person to say: remove the other one, or approve it")
        }
        _ => None,
    });
    let lint_only = judgement.drifts.iter().all(|drift| drift.source == Source::Lint);
    Err(words
        .unwrap_or(if lint_only { "nothing was approved that could be put back" } else { MANAGED })
        .to_owned())
}
