//! The closed list of the fields that our documents have: a rule that asks for another would never match, and
//! nobody would notice. Must not know what the fields mean.

use super::problem::nearest;

/// Fields that stand for themselves.
const PLAIN: &[&str] = &[
    "@timestamp",
    "ecs.version",
    "event.action",
    "event.category",
    "event.created",
    "event.dataset",
    "event.duration",
    "event.end",
    "event.id",
    "event.kind",
    "event.module",
    "event.start",
    "event.type",
    "file.ctime",
    "file.directory",
    "file.gid",
    "file.hash.sha256",
    "file.inode",
    "file.mode",
    "file.mtime",
    "file.name",
    "file.owner",
    "file.path",
    "file.size",
    "file.target_path",
    "file.uid",
    "host.architecture",
    "host.hostname",
    "host.id",
    "host.name",
    "host.os.kernel",
    "host.os.type",
    "mcpwatch.agent",
    "mcpwatch.approval.by",
    "mcpwatch.approval.count",
    "mcpwatch.approval.drifts",
    "mcpwatch.approval.event",
    "mcpwatch.approval.expires",
    "mcpwatch.approval.id",
    "mcpwatch.approval.reason",
    "mcpwatch.approval.uid",
    "mcpwatch.client",
    "mcpwatch.drift.baseline",
    "mcpwatch.drift.changed",
    "mcpwatch.drift.event",
    "mcpwatch.drift.expected",
    "mcpwatch.drift.field",
    "mcpwatch.drift.id",
    "mcpwatch.drift.kind",
    "mcpwatch.drift.level",
    "mcpwatch.drift.observed",
    "mcpwatch.drift.passing",
    "mcpwatch.drift.since",
    "mcpwatch.drift.source",
    "mcpwatch.drift.state",
    "mcpwatch.home",
    "mcpwatch.journal.broken",
    "mcpwatch.journal.by",
    "mcpwatch.journal.head",
    "mcpwatch.journal.moved_to",
    "mcpwatch.journal.set_aside",
    "mcpwatch.project",
    "mcpwatch.provenance.actor",
    "mcpwatch.provenance.broker",
    "mcpwatch.provenance.confidence",
    "mcpwatch.provenance.deed",
    "mcpwatch.provenance.line",
    "mcpwatch.provenance.method",
    "mcpwatch.provenance.remarks",
    "mcpwatch.scope",
    "mcpwatch.server",
    "mcpwatch.unread.versions",
    "message",
    "package.checksum",
    "package.name",
    "package.path",
    "package.reference",
    "package.type",
    "package.version",
    "tags",
    "url.domain",
    "url.original",
    "url.path",
    "url.port",
    "url.scheme",
    "user.id",
    "user.name",
];

/// What is said of each of some things: where these stand, and what stands below.
const REPEATED: &[(&[&str], &[&str])] = &[
    (
        &["process", "process.parent", "mcpwatch.provenance.ancestors", "mcpwatch.provenance.other_writers"],
        &[
            "args",
            "args_count",
            "command_line",
            "end",
            "entity_id",
            "executable",
            "exit_code",
            "interactive",
            "name",
            "pid",
            "real_user.id",
            "start",
            "user.id",
            "working_directory",
        ],
    ),
    (&["mcpwatch.provenance.other_writers"], &["deed", "method", "when"]),
    (
        &["mcpwatch.install", "mcpwatch.provenance.install", "mcpwatch.provenance.candidates"],
        &[
            "command_line",
            "ended",
            "entity_id",
            "has_install_scripts",
            "manager",
            "packages.has_install_scripts",
            "packages.integrity",
            "packages.name",
            "packages.path",
            "packages.resolved",
            "packages.version",
            "receipt",
            "source",
            "started",
            "user",
            "working_directory",
        ],
    ),
    (
        &["mcpwatch.install.hooks", "mcpwatch.provenance.install"],
        &[
            "hook_entity_id",
            "lifecycle",
            "own_script",
            "package.has_install_scripts",
            "package.integrity",
            "package.name",
            "package.path",
            "package.resolved",
            "package.version",
            "package_is_consumer",
        ],
    ),
    (&["mcpwatch.provenance.install"], &["confidence", "evidence"]),
    (&["mcpwatch.provenance.candidates"], &["distance_seconds", "reasons"]),
];

/// Fields that rules set. They are there in the SIEM, and not yet when a rule is evaluated here.
const SET_BY_RULES: &[&str] = &[
    "event.severity",
    "mcpwatch.exceptions",
    "mcpwatch.level",
    "mcpwatch.rules",
    "rule.description",
    "rule.id",
    "rule.name",
    "rule.reference",
    "rule.ruleset",
    "threat.framework",
    "threat.technique.id",
];

/// Fields that come with being recorded.
const SET_BY_THE_JOURNAL: &[&str] = &["event.sequence", "mcpwatch.chain.hash", "mcpwatch.chain.previous"];

/// Every field that a rule can ask for.
pub fn all() -> impl Iterator<Item = String> {
    let repeated = REPEATED.iter().flat_map(|(places, names)| {
        places.iter().flat_map(move |place| names.iter().map(move |name| format!("{place}.{name}")))
    });
    PLAIN.iter().map(|&name| name.to_owned()).chain(repeated)
}

/// Whether our documents may have that field when a rule asks for it.
pub fn is_known(field: &str) -> bool {
    let is_repeated = |(places, names): &(&[&str], &[&str])| {
        places.iter().any(|place| {
            let below = field.strip_prefix(place).and_then(|rest| rest.strip_prefix('.'));
            below.is_some_and(|name| names.contains(&name))
        })
    };
    PLAIN.contains(&field) || REPEATED.iter().any(is_repeated)
}

/// Whether a finished document may have that field.
pub fn may_stand_in_a_document(field: &str) -> bool {
    is_known(field) || SET_BY_RULES.contains(&field) || SET_BY_THE_JOURNAL.contains(&field)
}

/// What is wrong with asking for that field; `None` when nothing is.
pub(super) fn fault(field: &str) -> Option<String> {
    if is_known(field) {
        return None;
    }
    if SET_BY_RULES.contains(&field) {
        let instead = match field {
            "event.severity" | "mcpwatch.level" => {
                "; ask for \"mcpwatch.drift.level\", the level before them"
            }
            _ => "",
        };
        return Some(format!("\"{field}\" is set by rules, so that none can ask for it{instead}"));
    }
    let all: Vec<String> = all().collect();
    Some(match nearest(field, all.iter().map(String::as_str)) {
        Some(near) => format!("there is no field \"{field}\"; did you mean \"{near}\"?"),
        None => format!("there is no field \"{field}\"; docs/rules.md lists those that there are"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_met_with_the_nearest() {
        assert!(all().all(|field| is_known(&field)));
        assert!(fault("process.args").is_none());
        assert!(fault("proces.args").is_some_and(|why| why.contains("\"process.args\"")));
        assert!(
            fault("mcpwatch.provenance.install.confidense").is_some_and(|why| why.contains(".confidence\""))
        );
        assert!(fault("rule.id").is_some_and(|why| why.contains("set by rules")));
        assert!(fault("Image").is_some_and(|why| why.contains("docs/rules.md")));
    }
}
