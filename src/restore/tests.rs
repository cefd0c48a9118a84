//! What is planned, and what comes of it on real files.
#![allow(clippy::disallowed_methods, reason = "these tests look at what was done on the disk")]

use super::*;
use crate::baseline::Baseline;
use crate::host::accounts::own_uid;
use crate::host::clock::SystemClock;
use crate::model::approval::Approval;
use crate::model::drift::{Drift, Source};
use crate::model::inventory::{Inventory, SurfaceReading};
use crate::model::kind::DriftKind;
use crate::model::subject::Subject;
use crate::model::surface::{Client, FileFacts, Format, Scope, SurfaceState};
use crate::surface::claude_code::extract;
use std::fs;
use std::path::{Path, PathBuf};

const GOOD: &str = r#"{"mcpServers":{"linear":{"type":"http","url":"https://mcp.linear.app/mcp"}},"n":1}"#;
const HOOK: &str =
    r#"{"hooks":{"SessionStart":[{"hooks":[{"type":"command","command":"node setup.mjs"}]}]}}"#;

struct Scratch {
    _root: tempfile::TempDir,
    dir: PathBuf,
    inventory: Inventory,
    judgements: Vec<Judgement>,
    baseline: Baseline,
}

impl Scratch {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let dir = fs::canonicalize(root.path()).unwrap();
        Self {
            _root: root,
            dir,
            inventory: Inventory::default(),
            judgements: Vec::new(),
            baseline: Baseline::default(),
        }
    }

    /// Writes a file that holds one server or setting, which differs from what was approved, or was not approved.
    fn tampered(&mut self, name: &str, format: Format, approved: Option<&str>, text: &str, by: &str) {
        let file = self.dir.join(name);
        fs::write(&file, text).unwrap();
        let surface = Surface {
            file: file.as_path().into(),
            scope: Scope::User,
            format,
            project: None,
            plugin: None,
            client: Client::ClaudeCode,
        };
        let one = |text: &str| {
            let found = extract(&surface, text).unwrap();
            match (found.servers.first(), found.settings.first()) {
                (Some(server), _) => {
                    let (scope, project) = (server.scope, server.project.clone());
                    let subject = Subject::Server { scope, project, name: server.name.clone() };
                    (subject, server.entry.to_value(), server.raw.clone())
                }
                (None, Some(setting)) => (Subject::setting(setting), setting.value.clone(), Secret::new("")),
                (None, None) => unreachable!(),
            }
        };
        let (subject, observed, _) = one(text);
        let expected = approved.map(|approved| {
            let (_, content, raw) = one(approved);
            self.baseline.approvals.push(Approval {
                id: 7 + self.baseline.approvals.len() as i64,
                home: self.dir.as_path().into(),
                subject: subject.clone(),
                content: content.clone(),
                raw,
                file: file.as_path().into(),
                by: by.into(),
                uid: Some(if by == "root" { 0 } else { 1000 }),
                at: "".into(),
                reason: None,
                expires: None,
                event: None,
            });
            content
        });
        let facts = FileFacts {
            owner: own_uid(),
            group: 0,
            mode: 0o600,
            hard_links: 1,
            identity: (0, 0),
            size: 0,
            modified: 0,
            changed: 0,
            link_target: None,
        };
        self.inventory.surfaces.push(SurfaceReading {
            surface: surface.clone(),
            state: SurfaceState::Read,
            facts: Some(facts),
            duplicates: Vec::new(),
            content: None,
        });
        let is_server = matches!(subject, Subject::Server { .. });
        let kind = match (is_server, approved) {
            (true, Some(_)) => DriftKind::EndpointHostChanged,
            (true, None) => DriftKind::ServerAdded,
            (false, _) => DriftKind::HookChanged,
        };
        let baseline = approved.map(|_| (6 + self.baseline.approvals.len()).to_string());
        self.judgements.push(Judgement {
            subject,
            surface,
            project: None,
            server: None,
            line: None,
            expected,
            observed: Some(observed),
            raw: Secret::new(""),
            drifts: vec![drift(kind, baseline)],
            ruled_by: None,
        });
    }

    fn plan(&self, trust: Trust) -> Plan {
        let Self { judgements, inventory, baseline, .. } = self;
        plan(judgements, Scene { all: judgements, inventory, baseline, trust })
    }

    fn carry_out(&self) -> Vec<Result<Mended, String>> {
        let plan = self.plan(Trust::All);
        assert_eq!(plan.refused, []);
        plan.mends.iter().map(|one| mend(&Order::new(one, own_uid(), 1 << 20), &SystemClock)).collect()
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.dir.join(name)).unwrap()
    }
}

fn drift(kind: DriftKind, baseline: Option<String>) -> Drift {
    Drift {
        kind,
        level: kind.default_level(),
        field: None,
        expected: None,
        observed: None,
        source: Source::Approval,
        baseline,
        summary: String::new(),
        finding: None,
    }
}

#[test]
fn hooks_go_before_servers_and_everything_is_as_it_was() {
    let mut scratch = Scratch::new();
    let evil = GOOD.replace("mcp.linear.app", "127.0.0.1:80").replace("\"n\":1", "\"n\":2");
    scratch.tampered(".claude.json", Format::ClaudeJson, Some(GOOD), &evil, "root");
    scratch.tampered("settings.json", Format::Settings, None, HOOK, "root");
    let plan = scratch.plan(Trust::Administrators);
    let files: Vec<_> = plan.mends.iter().map(|mend| mend.surface.file.file_name().unwrap()).collect();
    assert_eq!(files, ["settings.json", ".claude.json"]);
    assert_eq!(plan.mends[1].edits[0].ground, Ground::Approval(7));
    let done = scratch.carry_out();
    assert!(done.iter().all(|mended| mended.as_ref().unwrap().changed > 0), "{done:?}");
    assert_eq!(scratch.text(".claude.json"), GOOD.replace("\"n\":1", "\"n\":2"));
    assert_eq!(scratch.text("settings.json"), "{\"hooks\":{}}");
    assert!(scratch.carry_out().iter().all(|mended| *mended == Ok(Mended::default())));
    assert_eq!(fs::read_dir(&scratch.dir).unwrap().count(), 2, "neither lock nor draft is left");
}

#[test]
fn a_setting_is_put_back_from_what_was_kept_of_it() {
    let mut scratch = Scratch::new();
    let evil = HOOK.replace("setup.mjs", "evil.mjs");
    scratch.tampered("settings.json", Format::Settings, Some(HOOK), &evil, "alice");
    assert_eq!(scratch.carry_out()[0].as_ref().unwrap().overtaken, 0);
    let [now, then] = [scratch.text("settings.json"), HOOK.to_owned()]
        .map(|text| serde_json::from_str::<serde_json::Value>(&text).unwrap());
    assert_eq!(now, then);
}

#[test]
fn root_does_not_put_back_what_an_account_approved_for_itself() {
    let mut scratch = Scratch::new();
    scratch.tampered(
        ".claude.json",
        Format::ClaudeJson,
        Some(GOOD),
        &GOOD.replace("linear.app", "x"),
        "alice",
    );
    let refused = scratch.plan(Trust::Administrators).refused;
    assert!(refused[0].why.contains("alice"), "{refused:?}");
    assert_eq!(scratch.plan(Trust::All).refused, []);
    let mut refused_to = |by: &str, uid| {
        let approval = &mut scratch.baseline.approvals[0];
        (approval.by, approval.uid) = (by.into(), uid);
        !scratch.plan(Trust::Administrators).refused.is_empty()
    };
    assert!(!refused_to("alice (uid 1000, as root)", Some(0)));
    assert!(refused_to("root (uid 0)", Some(1000)), "a name is only a name");
    assert!(refused_to("root (uid 0)", None), "nobody knows");
}

#[test]
fn what_cannot_be_put_back_is_refused_with_words() {
    let mut scratch = Scratch::new();
    scratch.tampered(
        ".claude.json",
        Format::ClaudeJson,
        Some(GOOD),
        &GOOD.replace("linear.app", "x"),
        "root",
    );
    let words = |scratch: &Scratch| {
        scratch.plan(Trust::All).refused.first().map(|refused| refused.why.clone()).unwrap()
    };
    scratch.judgements[0].drifts[0].source = Source::Lint;
    assert!(words(&scratch).contains("approve"));
    scratch.judgements[0].drifts[0].source = Source::Approval;
    scratch.baseline.approvals[0].raw = Secret::new("{\"url\":\"https://evil.test\"}");
    assert!(words(&scratch).contains("does not read back"));
    scratch.baseline.approvals[0].raw = Secret::new("");
    assert_eq!(scratch.plan(Trust::All).refused, [], "its content says the same");
    scratch.inventory.surfaces[0].state = SurfaceState::Unparsable("line 1".into());
    assert!(words(&scratch).contains("line 1"));
    scratch.inventory.surfaces[0].state = SurfaceState::Read;
    let mut file = scratch.judgements[0].clone();
    file.subject = Subject::File(file.surface.file.to_path_buf());
    file.drifts = vec![drift(DriftKind::ConfigReplaced, None)];
    scratch.judgements.push(file);
    assert_eq!(scratch.plan(Trust::All).refused.len(), 2);
    for subject in [Subject::Managed("/m".into()), Subject::Target("/t".into())] {
        scratch.judgements[0].subject = subject;
        assert!(!words(&scratch).is_empty());
    }
}

#[test]
fn a_link_stays_and_one_that_appeared_is_not_followed() {
    let mut scratch = Scratch::new();
    scratch.tampered("real.json", Format::ClaudeJson, Some(GOOD), &GOOD.replace("linear.app", "x"), "root");
    let link = scratch.dir.join(".claude.json");
    std::os::unix::fs::symlink("real.json", &link).unwrap();
    let surface = |judgement: &mut Judgement| judgement.surface.file = link.as_path().into();
    scratch.judgements.iter_mut().for_each(surface);
    scratch.inventory.surfaces[0].surface.file = link.as_path().into();
    assert!(scratch.carry_out()[0].as_ref().unwrap_err().contains("symbolic link"));
    if let Some(facts) = &mut scratch.inventory.surfaces[0].facts {
        facts.link_target = Some(scratch.dir.join("real.json"));
    }
    assert!(scratch.carry_out()[0].is_ok());
    assert_eq!(scratch.text("real.json"), GOOD);
    assert_eq!(fs::read_link(&link).unwrap(), Path::new("real.json"));
}

#[test]
fn an_order_says_itself_to_another_process_and_nothing_to_a_log() {
    let mut scratch = Scratch::new();
    let secret = GOOD.replace("/mcp\"", "/mcp?key=CANARY\"");
    scratch.tampered(".claude.json", Format::ClaudeJson, Some(&secret), GOOD, "root");
    let order = Order::new(&scratch.plan(Trust::All).mends[0], 0, 9);
    let text = serde_json::to_string(&order).unwrap();
    assert_eq!(serde_json::from_str::<Order>(&text).unwrap(), order);
    assert!(
        text.contains("CANARY") && !format!("{order:?} {:?}", scratch.plan(Trust::All)).contains("CANARY")
    );
}
