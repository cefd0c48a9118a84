//! What belongs to the client: homes, its files, and whether they can be watched. Judges no drift.

use super::Findings;
use super::installation::kernel_number;
use crate::cli::diff::counted;
use crate::cli::paths;
use crate::cli::session::{Checked, Session};
use crate::host::accounts;
use crate::model::inventory::SurfaceReading;
use crate::model::surface::SurfaceState;
use std::collections::BTreeSet;
use std::path::Path;

/// The group may write.
const GROUP_WRITES: u32 = 0o020;

/// Everything of the client's.
pub(super) fn look(session: &Session<'_>, findings: &mut Findings) {
    managed(session, findings);
    // What cannot be put together was said above.
    let Ok(reading) = session.setup.reading() else { return };
    let Ok(homes) = session.check(&reading, reading.journal.as_ref()) else { return };
    for checked in &homes {
        home(checked, session, findings);
        for reading in &checked.report.inventory.surfaces {
            surface(reading, checked, findings);
        }
    }
    watches(&homes, session, findings);
}

fn managed(session: &Session<'_>, findings: &mut Findings) {
    let dirs: BTreeSet<&Path> =
        session.setup.homes.iter().map(|home| home.layout.managed.as_path()).collect();
    for dir in dirs {
        let found =
            if session.setup.files().exists(dir) { "is there" } else { "is not there: nothing is managed" };
        findings.ok("managed directory", format!("{} {found}", dir.display()));
    }
}

fn home(checked: &Checked<'_>, session: &Session<'_>, findings: &mut Findings) {
    let dir = checked.home.dir();
    if !session.setup.files().exists(dir) {
        let remedy = "name a directory that is there with --home, or in the configuration".to_owned();
        return findings.fail("home", format!("{} is not there", dir.display()), Some(remedy));
    }
    let inventory = &checked.report.inventory;
    let read = inventory.surfaces.iter().filter(|reading| reading.state == SurfaceState::Read).count();
    let counts = [
        counted(read, "surface"),
        counted(inventory.servers.len(), "server"),
        counted(inventory.settings.len(), "setting"),
    ];
    let message = format!("{}: {}", dir.display(), counts.join(", "));
    if checked.baseline.is_empty() {
        let capture = format!("mcpwatch{} baseline capture", session.repeated(Some(checked.home)));
        findings.warn("home", format!("{message}; nothing is approved yet"), capture);
    } else {
        findings.ok("home", message);
    }
}

fn surface(reading: &SurfaceReading, checked: &Checked<'_>, findings: &mut Findings) {
    let file = paths::short(&reading.surface.file, checked.home.dir());
    match &reading.state {
        SurfaceState::Unreadable(why) => findings.fail("surface", why.clone(), None),
        SurfaceState::Unparsable(why) => {
            findings.warn(
                "surface",
                format!("the client would not take {file}: {why}"),
                format!("edit {file}"),
            );
        }
        SurfaceState::Read | SurfaceState::Missing => {}
    }
    let Some(facts) = &reading.facts else { return };
    if let Some(target) = &facts.link_target {
        findings.ok("link", format!("{file} leads to {}, which is watched too", target.display()));
    }
    if facts.mode & GROUP_WRITES != 0 && accounts::is_private_group(facts.group, facts.owner) {
        let message = format!(
            "{file} may be written by its group, which has no other member: this is silent elsewhere"
        );
        findings.warn("permissions", message, format!("chmod g-w {}", paths::quoted(&file)));
    }
}

/// Whether the kernel gives as many watches as are needed: one a directory.
fn watches(homes: &[Checked<'_>], session: &Session<'_>, findings: &mut Findings) {
    const NAME: &str = "file notifications";
    let surfaces = homes.iter().flat_map(|checked| &checked.report.inventory.surfaces);
    let directories: BTreeSet<&Path> = surfaces.filter_map(|reading| reading.surface.file.parent()).collect();
    let limit = |name: &str| kernel_number(session, &format!("/proc/sys/fs/inotify/{name}"));
    let (Some(most), Some(instances)) = (limit("max_user_watches"), limit("max_user_instances")) else {
        return;
    };
    let needed = directories.len() as u64;
    let message = format!("{needed} of {most} watches needed, {instances} instances allowed");
    if needed.saturating_mul(2) > most {
        let wanted = needed.saturating_mul(8).max(65_536);
        findings.warn(NAME, message, format!("sudo sysctl fs.inotify.max_user_watches={wanted}"));
    } else if instances < 16 {
        findings.warn(NAME, message, "sudo sysctl fs.inotify.max_user_instances=128");
    } else {
        findings.ok(NAME, message);
    }
}
