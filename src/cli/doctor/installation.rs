//! What belongs to mcpwatch itself: configuration, state, journal, templates, agent. Looks at no client's file.

use super::Findings;
use crate::cli::diff::counted;
use crate::cli::session::Session;
use crate::compose;
use crate::host::lock::AgentLock;
use crate::host::private_dir::PrivateDir;
use std::path::Path;

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
    let sound = session.setup.journal().and_then(|journal| {
        let Some(journal) = journal else { return Ok(None) };
        journal.check_soundness()?;
        Ok(Some((journal.path().to_path_buf(), journal.count()?)))
    });
    match sound {
        Ok(Some((path, count))) => {
            let events = counted(usize::try_from(count).unwrap_or(usize::MAX), "event");
            findings.ok(NAME, format!("{} is sound, {events}", path.display()));
        }
        Ok(None) => findings.ok(NAME, "none yet"),
        Err(error) => findings.fail(NAME, error.to_string(), None),
    }
}

fn templates(session: &Session<'_>, findings: &mut Findings) {
    const NAME: &str = "templates";
    let dirs: Vec<String> = session.setup.template_dirs.iter().map(|dir| dir.display().to_string()).collect();
    match session.setup.templates() {
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

fn agent(session: &Session<'_>, findings: &mut Findings) {
    match AgentLock::holder(&session.setup.state) {
        Some(said) => {
            let pid = said.get("pid").map(ToString::to_string).unwrap_or_default();
            findings.ok("agent", format!("running, process {pid}"));
            let degraded = said.get("degraded").and_then(serde_json::Value::as_array);
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

/// A number that the kernel tells in a file of its own.
pub(super) fn kernel_number(session: &Session<'_>, file: &str) -> Option<u64> {
    let bytes = session.setup.files().read(Path::new(file), 64).ok()?.bytes;
    String::from_utf8(bytes).ok()?.trim().parse().ok()
}
