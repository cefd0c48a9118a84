//! What belongs to mcpwatch itself: configuration, state, journal, templates, agent. Looks at no client's file.

use super::Findings;
use crate::cli::diff::counted;
use crate::cli::session::Session;
use crate::compose;
use crate::host::lock::AgentLock;
use crate::host::private_dir::PrivateDir;
use crate::journal::{Journal, Verification};
use std::path::Path;

/// So many events are looked at: what takes a moment.
const LOOKED_AT: u32 = 100_000;

/// This program.
pub(super) fn version(findings: &mut Findings) {
    let (os, architecture) = (std::env::consts::OS, std::env::consts::ARCH);
    findings.ok("version", format!("mcpwatch {} on {os} {architecture}", env!("CARGO_PKG_VERSION")));
}

/// Everything of ours.
pub(super) fn look(session: &Session<'_>, findings: &mut Findings) {
    configuration(session, findings);
    state(session, findings);
    journal(session, findings);
    templates(session, findings);
    rules(session, findings);
    agent(session, findings);
}

fn configuration(session: &Session<'_>, findings: &mut Findings) {
    match (&session.setup.config_file, compose::usual_config()) {
        (Some(file), _) => findings.ok("configuration", file.display().to_string()),
        (None, Some(usual)) => {
            findings.ok("configuration", format!("the defaults hold, there is no {}", usual.display()));
        }
        (None, None) => findings.ok("configuration", "the defaults hold"),
    }
}

fn state(session: &Session<'_>, findings: &mut Findings) {
    let dir = session.setup.state.display();
    match PrivateDir::verify(&session.setup.state) {
        Ok(Some(_)) => findings.ok("state directory", format!("{dir}, closed to others")),
        Ok(None) => {
            let capture = format!("mcpwatch{} baseline capture", session.repeated(None));
            findings.warn("state directory", format!("{dir} is not there yet"), capture);
        }
        Err(refusal) => findings.fail("state directory", refusal.to_string(), None),
    }
}

fn journal(session: &Session<'_>, findings: &mut Findings) {
    const NAME: &str = "journal and key";
    let journal = match session.setup.journal() {
        Ok(Some(journal)) => journal,
        Ok(None) => return findings.ok(NAME, "none yet"),
        Err(error) => return findings.fail(NAME, error.to_string(), None),
    };
    match journal.check_soundness().and_then(|()| journal.count()) {
        Ok(count) => {
            findings.ok(NAME, format!("{} is sound, {}", journal.path().display(), events(count)));
            chain(&journal, count, session, findings);
        }
        Err(error) => findings.fail(NAME, error.to_string(), None),
    }
    set_aside(session, findings);
}

/// Whether the chain is whole, as far as that can be told in a moment.
fn chain(journal: &Journal, count: u64, session: &Session<'_>, findings: &mut Findings) {
    const NAME: &str = "chain";
    let verify = format!("mcpwatch{} verify", session.repeated(None));
    match journal.verify_newest(LOOKED_AT) {
        Ok(Verification::Whole(whole)) if whole.events < count => {
            let message = format!(
                "the newest {} of {count} are as mcpwatch stored them; {verify} looks at all",
                events(whole.events)
            );
            findings.ok(NAME, message);
        }
        Ok(Verification::Whole(_)) => findings.ok(NAME, "every event is as mcpwatch stored it"),
        Ok(Verification::Broken(broken)) => {
            let at = broken.sequence.map(|sequence| format!("event {sequence}: ")).unwrap_or_default();
            findings.fail(NAME, format!("the journal was changed: {at}{}", broken.fault), Some(verify));
        }
        Err(error) => findings.fail(NAME, error.to_string(), Some(verify)),
    }
}

/// What the agent or a person set aside and nobody has taken away yet.
fn set_aside(session: &Session<'_>, findings: &mut Findings) {
    let count = Journal::set_aside(&session.setup.state);
    if count > 0 {
        let message = format!(
            "{} in the place of this one or before it, set aside in {}",
            counted(count, "other journal"),
            session.setup.state.display()
        );
        let look = format!("mcpwatch{} events --kind journal-replaced", session.repeated(None));
        findings.warn("set aside", message, format!("{look}; then move them away"));
    }
}

fn events(count: u64) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), "event")
}

fn templates(session: &Session<'_>, findings: &mut Findings) {
    const NAME: &str = "templates";
    let dirs: Vec<String> = session.setup.template_dirs.iter().map(|dir| dir.display().to_string()).collect();
    let in_force = session.setup.journal().and_then(|journal| session.setup.templates_with(journal.as_ref()));
    let rejected = in_force.as_ref().map(|in_force| in_force.rejected.clone()).unwrap_or_default();
    rejected.into_iter().for_each(|rejected| findings.fail(NAME, rejected.why, None));
    match in_force.map(|in_force| in_force.templates) {
        Ok(templates) if templates.is_empty() && dirs.is_empty() => {
            findings.ok(NAME, "none; what was approved here is the baseline");
        }
        Ok(templates) if templates.is_empty() => {
            let remedy = format!("put *.json files into {}", dirs.join(", "));
            findings.warn(NAME, format!("there is none in {}", dirs.join(", ")), remedy);
        }
        Ok(templates) => {
            let names: Vec<_> = templates
                .iter()
                .map(|template| match template.version {
                    Some(version) => format!("{} version {version}", template.name),
                    None => template.name.clone(),
                })
                .collect();
            findings.ok(NAME, format!("{} from {}", names.join(", "), dirs.join(", ")));
        }
        Err(error) => {
            let text = error.to_string();
            text.lines().for_each(|line| findings.fail(NAME, line, None));
        }
    }
}

fn rules(session: &Session<'_>, findings: &mut Findings) {
    const NAME: &str = "rules";
    let rules = session.setup.rules.load();
    for problem in rules.problems() {
        findings.fail(NAME, format!("not in force: {problem}"), None);
    }
    let exceptions = match rules.exceptions().len() {
        0 => String::new(),
        count => format!(", {}", counted(count, "exception")),
    };
    if rules.rules().is_empty() {
        let remedy =
            "set shipped_rules = true in the configuration, or put *.yml files into a directory for rules";
        findings.warn(NAME, "there is none: drifts keep the levels of their kinds", remedy);
    } else {
        findings.ok(NAME, format!("{} in force{exceptions}", counted(rules.rules().len(), "rule")));
    }
}

fn agent(session: &Session<'_>, findings: &mut Findings) {
    match AgentLock::holder(&session.setup.state) {
        Some(said) => {
            let pid = said.get("pid").map(ToString::to_string).unwrap_or_default();
            findings.ok("agent", format!("running, process {pid}"));
            let degraded = said.get("degraded").and_then(serde_json::Value::as_array);
            authors(&said, findings);
            for why in degraded.into_iter().flatten().filter_map(|why| why.as_str()) {
                findings.warn("sensors", why, "mcpwatch events --kind sensor-degraded");
            }
        }
        None => {
            let remedy = format!("mcpwatch{} watch", session.repeated(None));
            findings.warn("agent", "not running: changes are found when somebody looks", remedy);
        }
    }
}

/// Whether the agent can tell who changes a file.
fn authors(said: &serde_json::Map<String, serde_json::Value>, findings: &mut Findings) {
    const NAME: &str = "authors";
    let sensors = said.get("sensors").and_then(serde_json::Value::as_array);
    let has = |name: &str| sensors.into_iter().flatten().any(|sensor| sensor.as_str() == Some(name));
    let missing: Vec<&str> = [("fanotify", "CAP_SYS_ADMIN"), ("processes", "CAP_NET_ADMIN")]
        .into_iter()
        .filter(|(sensor, _)| !has(sensor))
        .map(|(_, capability)| capability)
        .collect();
    if missing.is_empty() {
        findings.ok(NAME, "who changes a file is told by the kernel");
    } else {
        let message = "who changes a file is not told by the kernel: what package managers leave behind is all there is";
        findings.warn(NAME, message, format!("run the agent as root, or with {}", missing.join(" and ")));
    }
}

/// A number that the kernel tells in a file of its own.
pub(super) fn kernel_number(session: &Session<'_>, file: &str) -> Option<u64> {
    let bytes = session.setup.files().read(Path::new(file), 64).ok()?.bytes;
    String::from_utf8(bytes).ok()?.trim().parse().ok()
}
