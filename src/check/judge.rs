//! An inventory held against a baseline: every subject once, with everything that is to be said about it.

use super::shadows::Shadows;
use super::world::World;
use crate::baseline::{Baseline, Verdicts};
use crate::drift::{
    FileRules, Known, LintContext, exposed_secrets, judge_allowed, judge_expected_setting, judge_file,
    judge_managed, judge_missing_server, judge_missing_setting, judge_required, judge_server, judge_setting,
    judge_target, lint_server, lint_setting, lint_shadow, moved_hook, raise_trust, stands_in, target_content,
};
use crate::model::approval::Approval;
use crate::model::drift::{Drift, Judgement, Source};
use crate::model::entry::Entry;
use crate::model::inventory::{Inventory, Server};
use crate::model::subject::Subject;
use crate::model::surface::{Client, Format, Scope, Surface, SurfaceState};
use crate::model::text::Text;
use crate::model::value::Value;
use crate::model::variables::{Variables, names};
use crate::model::verdict::{ContentVerdict, ServerVerdict};
use crate::surface::claude_code::is_stand_in;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// Judges everything. Without any baseline only the lint speaks.
pub fn judge(inventory: &Inventory, baseline: &Baseline, world: &World<'_>) -> Vec<Judgement> {
    let hosts = known_hosts(baseline, world);
    let known = Known::new(hosts.iter().map(String::as_str));
    let absent = Absent::of(inventory, world);
    let steers = steering_variables(inventory);
    let verdicts = baseline.verdicts();

    let mut judgements = servers(inventory, &verdicts, &known, world);
    judgements.extend(missing(baseline, inventory, &absent, &steers));
    judgements.extend(settings(inventory, &verdicts, &steers));
    judgements.extend(expected_settings(inventory, baseline, &steers));
    judgements.extend(files(inventory, baseline, &verdicts, world));
    judgements.extend(inventory.targets.iter().map(|target| {
        let subject = Subject::Target(target.file.clone());
        judge_target(target, &verdicts.content(&subject, &target_content(target)))
    }));
    judgements.extend(exposed_secrets(inventory));
    raise_trust(&mut judgements, world.exists);

    for judgement in &mut judgements {
        judgement.drifts.retain(|drift| !is_accepted(drift, &verdicts));
        merge_findings(&mut judgement.drifts);
        if baseline.is_empty() {
            judgement.drifts.retain(|drift| drift.source == Source::Lint);
        }
        judgement.drifts.sort_by(|a, b| b.level.cmp(&a.level).then_with(|| a.kind.cmp(&b.kind)));
    }
    judgements.retain(|judgement| !judgement.drifts.is_empty());
    judgements.sort_by(|a, b| {
        b.level()
            .cmp(&a.level())
            .then_with(|| a.surface.file.cmp(&b.surface.file))
            .then_with(|| a.subject.cmp(&b.subject))
    });
    judgements
}

/// What an approval of a finding keeps.
pub(super) fn finding_content(drift: &Drift) -> Value {
    drift.observed.clone().map_or(Value::Null, Value::Text)
}

fn is_accepted(drift: &Drift, verdicts: &Verdicts<'_>) -> bool {
    drift.source == Source::Lint
        && drift.finding.as_ref().is_some_and(|finding| {
            matches!(verdicts.content(finding, &finding_content(drift)), ContentVerdict::Approved { .. })
        })
}

/// What the lint found and the baseline says too is said once; approving it still approves the finding.
fn merge_findings(drifts: &mut Vec<Drift>) {
    let (findings, mut said): (Vec<_>, Vec<_>) =
        drifts.drain(..).partition(|drift| drift.source == Source::Lint);
    for finding in findings {
        let same = |drift: &&mut Drift| {
            drift.source != Source::Lint && drift.kind == finding.kind && drift.field == finding.field
        };
        match said.iter_mut().find(same) {
            Some(same) => {
                same.level = same.level.max(finding.level);
                same.finding = finding.finding;
            }
            None => said.push(finding),
        }
    }
    *drifts = said;
}

fn servers(
    inventory: &Inventory,
    verdicts: &Verdicts<'_>,
    known: &Known<'_>,
    world: &World<'_>,
) -> Vec<Judgement> {
    let judged: Vec<(&Server, ServerVerdict<'_>)> = inventory
        .servers
        .iter()
        .filter(|server| server.surface.scope != Scope::Managed)
        .map(|server| (server, verdicts.server(server)))
        .collect();
    let in_order = Shadows::of(
        judged.iter().filter(|(server, verdict)| is_in_order(server, verdict)).map(|(server, _)| *server),
    );
    let all = Shadows::of(judged.iter().map(|(server, _)| *server));
    let context = LintContext { known, vendors: world.vendors };
    judged
        .into_iter()
        .map(|(server, verdict)| {
            let hidden = if is_in_order(server, &verdict) { None } else { in_order.hidden_by(server) };
            // The same words under the same name change nothing, wherever they stand.
            if hidden.is_none() && matches!(verdict, ServerVerdict::Unknown) && in_order.says_the_same(server)
            {
                let approved = judge_server(server, &verdict, None, known);
                return Judgement { drifts: Vec::new(), ..approved };
            }
            let mut judgement = judge_server(server, &verdict, hidden, known);
            match &verdict {
                ServerVerdict::Named { .. } => return judgement,
                ServerVerdict::Allowed { pattern, .. } => {
                    if let Some((approval, expected)) = verdicts.approval_of(server) {
                        judgement.drifts.extend(judge_allowed(server, pattern, approval, &expected, known));
                        judgement.expected = Some(expected.to_value());
                    }
                    return judgement;
                }
                _ => {}
            }
            judgement.drifts.extend(lint_server(server, &context));
            judgement.drifts.extend(lint_shadow(server, all.hidden_by(server)));
            judgement
        })
        .collect()
}

fn is_in_order(server: &Server, verdict: &ServerVerdict<'_>) -> bool {
    match verdict {
        ServerVerdict::Approved { .. } | ServerVerdict::Allowed { .. } => true,
        ServerVerdict::Named { expected, .. } => **expected == server.entry,
        _ => false,
    }
}

/// Which files say nothing now, so that what they used to say is not called removed.
struct Absent<'a> {
    unread: BTreeSet<&'a Path>,
    world: &'a World<'a>,
}

impl<'a> Absent<'a> {
    fn of(inventory: &'a Inventory, world: &'a World<'a>) -> Self {
        let unread = inventory
            .surfaces
            .iter()
            .filter(|reading| reading.state != SurfaceState::Read)
            .map(|reading| reading.surface.file.as_path())
            .collect();
        Self { unread, world }
    }

    /// Whether a missing subject of `approval` is worth a word: its file is there and was read, and its
    /// project still exists.
    fn is_removal(&self, approval: &Approval, project: Option<&PathBuf>) -> bool {
        !self.unread.contains(approval.file.as_path())
            && project.is_none_or(|project| (self.world.exists)(project))
            && approval.content != Value::Null
    }
}

fn missing(
    baseline: &Baseline,
    inventory: &Inventory,
    absent: &Absent<'_>,
    steers: &BTreeSet<String>,
) -> Vec<Judgement> {
    let surfaces: HashMap<&Path, &Surface> =
        inventory.surfaces.iter().map(|reading| (reading.surface.file.as_path(), &reading.surface)).collect();
    // A plugin's directory moves with every version.
    let plugins: BTreeSet<&str> = inventory
        .servers
        .iter()
        .filter(|server| server.surface.scope == Scope::Plugin)
        .map(|server| server.name.as_str())
        .collect();
    let there: BTreeSet<Subject> = inventory
        .servers
        .iter()
        .map(Subject::server)
        .chain(inventory.settings.iter().map(Subject::setting))
        .collect();
    let mut found: Vec<Judgement> = baseline
        .approvals
        .iter()
        .filter(|approval| !there.contains(&approval.subject))
        .filter_map(|approval| match &approval.subject {
            Subject::Server { name, scope: Scope::Plugin, .. } if plugins.contains(name.as_str()) => None,
            Subject::Server { name, project, scope } if absent.is_removal(approval, project.as_ref()) => {
                Some(judge_missing_server(approval, name, surface_of(approval, *scope, project.as_ref())))
            }
            Subject::Setting { key, project, .. } if absent.is_removal(approval, project.as_ref()) => {
                let surface = surface_of(approval, Scope::User, project.as_ref());
                let surface = surfaces.get(approval.file.as_path()).map_or(surface, |known| (*known).clone());
                judge_missing_setting(approval, key, surface, steers)
            }
            _ => None,
        })
        .collect();
    for (template, name) in baseline.required() {
        let surface = inventory
            .surfaces
            .iter()
            .map(|reading| &reading.surface)
            .find(|surface| surface.format == Format::ClaudeJson)
            .cloned()
            .unwrap_or_else(|| blank_surface(template.file.clone(), Scope::User, None));
        found.extend(judge_required(template, name, inventory, surface));
    }
    found
}

fn surface_of(approval: &Approval, scope: Scope, project: Option<&PathBuf>) -> Surface {
    blank_surface(approval.file.clone(), scope, project)
}

fn blank_surface(file: PathBuf, scope: Scope, project: Option<&PathBuf>) -> Surface {
    let format = match scope {
        Scope::Project => Format::McpJson,
        Scope::Managed => Format::ManagedMcp,
        Scope::Plugin => Format::PluginServers,
        Scope::User | Scope::Local => Format::ClaudeJson,
    };
    Surface { file, scope, format, project: project.cloned(), plugin: None, client: Client::ClaudeCode }
}

fn settings(inventory: &Inventory, verdicts: &Verdicts<'_>, steers: &BTreeSet<String>) -> Vec<Judgement> {
    inventory
        .settings
        .iter()
        .filter(|setting| setting.surface.scope != Scope::Managed)
        .map(|setting| {
            let mut verdict = verdicts.setting(setting);
            let moved = matches!(verdict, ContentVerdict::Unknown).then(|| verdicts.moved(setting)).flatten();
            if let Some(approval) = moved {
                verdict = ContentVerdict::Differs { approval };
            }
            let mut judgement = judge_setting(setting, &verdict, steers);
            judgement.drifts.extend(
                moved
                    .filter(|approval| approval.content == setting.value)
                    .map(|approval| moved_hook(setting, approval)),
            );
            if !matches!(verdict, ContentVerdict::Ruled { .. }) {
                judgement.drifts.extend(lint_setting(setting));
            }
            judgement
        })
        .collect()
}

/// What templates expect of the settings, and no file has.
fn expected_settings(
    inventory: &Inventory,
    baseline: &Baseline,
    steers: &BTreeSet<String>,
) -> Vec<Judgement> {
    let there: BTreeSet<&str> = inventory.settings.iter().map(|setting| setting.key.as_str()).collect();
    let user = inventory
        .surfaces
        .iter()
        .map(|reading| &reading.surface)
        .find(|surface| surface.format == Format::Settings && surface.scope == Scope::User);
    baseline
        .settings_expected()
        .into_iter()
        .filter(|one| !there.contains(one.key))
        .filter_map(|one| {
            let surface = user.cloned().unwrap_or_else(|| Surface {
                format: Format::Settings,
                ..blank_surface(one.template.file.clone(), Scope::User, None)
            });
            judge_expected_setting(one.template, one.key, one.expected, surface, steers)
        })
        .collect()
}

fn files(
    inventory: &Inventory,
    baseline: &Baseline,
    verdicts: &Verdicts<'_>,
    world: &World<'_>,
) -> Vec<Judgement> {
    let rules = FileRules { owner: world.owner, is_private_group: world.is_private_group };
    let protecting = protecting_files(baseline);
    let mut found = Vec::new();
    for reading in &inventory.surfaces {
        let subject = Subject::File(reading.surface.file.clone());
        let approval = match verdicts.content(&subject, &Value::Null) {
            ContentVerdict::Differs { approval } => Some(approval),
            _ => None, // that it is not there was approved, or nothing was
        };
        let managed = reading.surface.scope == Scope::Managed;
        let rules = FileRules { owner: rules.owner.filter(|_| !managed), ..rules };
        let protects = protecting.contains(reading.surface.file.as_path());
        let mut judgement = judge_file(reading, approval, protects, &rules);
        let in_use = reading.state != SurfaceState::Missing
            && reading.facts.as_ref().is_none_or(|facts| facts.size > 0);
        if is_stand_in(&reading.surface) && in_use {
            judgement.drifts.push(stands_in(reading));
        }
        found.push(judgement);
        if managed && !matches!(reading.state, SurfaceState::Unreadable(_) | SurfaceState::Unparsable(_)) {
            let subject = Subject::Managed(reading.surface.file.clone());
            let content = reading.content.clone().unwrap_or(Value::Null);
            found.push(judge_managed(reading, &verdicts.content(&subject, &content)));
        }
    }
    found
}

/// Files in which hooks or denials stand that were approved: without the file they are gone.
fn protecting_files(baseline: &Baseline) -> BTreeSet<&Path> {
    let protects = |key: &str| {
        key.starts_with("hooks.")
            || matches!(key, "permissions.deny" | "permissions.ask" | "deniedMcpServers")
    };
    baseline
        .approvals
        .iter()
        .filter_map(|approval| match &approval.subject {
            Subject::Setting { file, key, .. } if protects(key) && approval.content != Value::Null => {
                Some(file.as_path())
            }
            _ => None,
        })
        .collect()
}

fn known_hosts(baseline: &Baseline, world: &World<'_>) -> BTreeSet<String> {
    let nothing = Variables::default();
    let of_entry =
        |entry: &Entry| entry.effective(&nothing).endpoints().into_iter().map(|endpoint| endpoint.host);
    let templates =
        baseline.templates.iter().flat_map(|template| template.servers.values()).flat_map(of_entry);
    let approved = baseline.approvals.iter().filter_map(|approval| {
        let url = approval.content.get("url").and_then(Value::as_text).map(Text::reveal)?;
        crate::model::endpoint::Endpoint::parse(&url).map(|endpoint| endpoint.host)
    });
    let vendors = world.vendors.iter().flat_map(|vendor| vendor.hosts.iter().cloned());
    templates.chain(approved).chain(vendors).collect()
}

/// The variables that decide where a server is or what it runs.
fn steering_variables(inventory: &Inventory) -> BTreeSet<String> {
    inventory
        .servers
        .iter()
        .flat_map(|server| {
            let entry = &server.entry;
            entry.text("url").into_iter().chain(entry.text("command")).chain(entry.arguments())
        })
        .flat_map(|text| names(&text.reveal()))
        .collect()
}
