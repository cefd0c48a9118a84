//! The fields that have their names and types from the Elastic Common Schema. Must not know what sets them.

use super::Shape::{Date, Keyword, Keywords, Long, Text};
use super::{Field, Origin, Section, field};

/// Where a field is always there.
const ALWAYS: &str = "always";

/// Where it belongs to a file that was looked at.
const FACTS: &str = "drift, where the file could be looked at";

pub(super) const SECTIONS: &[Section] = &[
    Section { title: "The event", places: &[], origin: Origin::Event, fields: EVENT },
    Section { title: "Its place in the journal", places: &[], origin: Origin::Journal, fields: JOURNAL },
    Section { title: "What rules make of it", places: &[], origin: Origin::Rules, fields: RULES },
    Section { title: "The machine and the account", places: &[], origin: Origin::Event, fields: HOST },
    Section { title: "The file", places: &[], origin: Origin::Event, fields: FILE },
    Section { title: "The endpoint", places: &[], origin: Origin::Event, fields: URL },
    Section { title: "The package", places: &[], origin: Origin::Event, fields: PACKAGE },
];

const EVENT: &[Field] = &[
    field("@timestamp", Date, ALWAYS, "when it was seen: UTC, microseconds"),
    field("ecs.version", Keyword, ALWAYS, "the version of ECS that the names are taken from"),
    field("message", Text, ALWAYS, "one sentence for a person, without secrets"),
    field("event.id", Keyword, ALWAYS, "a UUIDv7: the same however often the event is delivered"),
    field("event.kind", Keyword, ALWAYS, "`alert` for what to look at, `event` or `state` for the rest"),
    field("event.action", Keyword, ALWAYS, "the drift kind, or what the agent did: see below"),
    field("event.category", Keywords, ALWAYS, "ECS categories"),
    field("event.type", Keywords, ALWAYS, "ECS types"),
    field("event.dataset", Keyword, ALWAYS, "`mcpwatch.drift` or `mcpwatch.agent`"),
    field("event.module", Keyword, ALWAYS, "`mcpwatch`"),
    field("event.created", Date, ALWAYS, "the same as `@timestamp`"),
    field("event.start", Date, "`agent-gap`", "since when nobody watched"),
    field("event.end", Date, "`agent-gap`", "until when"),
    field(
        "event.duration",
        Long,
        "a drift that was undone at once",
        "nanoseconds that it stood; of a revert, that it took",
    ),
    field(
        "event.reason",
        Keyword,
        "`credentials-lost`, `credentials-damaged`",
        "`logout`: what a logout leaves",
    ),
    field("event.outcome", Keyword, "an answer to a drift", "`success` or `failure`"),
    field("tags", Keywords, "where a rule matches, or the event was told unrecorded", "the rules' tags"),
];

const JOURNAL: &[Field] = &[
    field(
        "event.sequence",
        Long,
        "once recorded",
        "its number: later events have higher ones, none is used twice",
    ),
    field(
        "mcpwatch.chain.previous",
        Keyword,
        "once recorded",
        "the hash of the event before it, in hexadecimal",
    ),
    field(
        "mcpwatch.chain.hash",
        Keyword,
        "once recorded",
        "its own hash: HMAC-SHA-256 under the installation's key",
    ),
];

const RULES: &[Field] = &[
    field("event.severity", Long, ALWAYS, "the level as a number: 10, 21, 47, 73 or 99"),
    field(
        "mcpwatch.level",
        Keyword,
        ALWAYS,
        "`informational`, `low`, `medium`, `high` or `critical`, after rules and authorship",
    ),
    field("rule.id", Keyword, "where a rule matches", "the strongest rule's UUID"),
    field("rule.name", Keyword, "where a rule matches", "its title"),
    field("rule.ruleset", Keyword, "where a rule matches", "its file's name, as `rules explain` takes it"),
    field("rule.description", Keyword, "where that rule has one", "its description"),
    field("rule.reference", Keyword, "where that rule has one", "its first reference"),
    field(
        "mcpwatch.rules",
        Keywords,
        "where a rule matches",
        "the ids of all rules that match, the strongest first",
    ),
    field("mcpwatch.exceptions", Keywords, "where an exception struck a rule", "the exceptions' ids"),
    field("threat.framework", Keyword, "where a rule names a technique", "`MITRE ATT&CK`"),
    field("threat.technique.id", Keywords, "where a rule names a technique", "the techniques' ids"),
];

const HOST: &[Field] = &[
    field("host.name", Keyword, ALWAYS, "the machine's name on the network"),
    field("host.hostname", Keyword, ALWAYS, "the same"),
    field("host.id", Keyword, "where the machine has one", "the id it was given when it was installed"),
    field("host.architecture", Keyword, ALWAYS, "`x86_64`, `aarch64`, …"),
    field("host.os.type", Keyword, ALWAYS, "`linux` or `macos`"),
    field("host.os.kernel", Keyword, ALWAYS, "the kernel's release"),
    field("user.id", Keyword, "where it is about a home", "the number of the account whose home it is"),
    field("user.name", Keyword, "where it is about a home", "its name"),
];

const FILE: &[Field] = &[
    field("file.path", Keyword, "where it is about a file", "the file"),
    field("file.name", Keyword, "drift", "its name"),
    field("file.directory", Keyword, "drift", "its directory"),
    field("file.owner", Keyword, FACTS, "its owner's name"),
    field("file.uid", Keyword, FACTS, "its owner's number"),
    field("file.gid", Keyword, FACTS, "its group's number"),
    field("file.mode", Keyword, FACTS, "its mode, four octal digits"),
    field("file.inode", Keyword, FACTS, "its number in the file system"),
    field("file.size", Long, FACTS, "bytes"),
    field("file.mtime", Date, FACTS, "when its content changed"),
    field("file.ctime", Date, FACTS, "when its content or its inode changed"),
    field("file.target_path", Keyword, "drift, where the file is a link", "where the link leads"),
    field("file.hash.sha256", Keyword, "drift, where the file was read whole", "the digest of its bytes"),
];

const URL: &[Field] = &[
    field(
        "url.original",
        Keyword,
        "drift of a server with a URL",
        "the URL as written, userinfo and query values masked",
    ),
    field("url.scheme", Keyword, "drift, where the endpoint is known", "the scheme that the client uses"),
    field(
        "url.domain",
        Keyword,
        "drift, where the endpoint is known",
        "the host that the client contacts, variables expanded",
    ),
    field("url.port", Long, "drift, where a port is known", "the port"),
    field(
        "url.path",
        Keyword,
        "drift, where no variable fills in the endpoint",
        "the path and what is shown of the query",
    ),
];

const PACKAGE: &[Field] = &[
    field(
        "package.name",
        Keyword,
        "an install is at least likely to have done it, or `install-seen` of one package",
        "the package whose step ran",
    ),
    field("package.version", Keyword, "where known", "its version"),
    field("package.type", Keyword, "as `package.name`", "its kind: `npm`, `pypi`, `deb`, …"),
    field("package.checksum", Keyword, "where the manager keeps one", "the checksum it was fetched with"),
    field("package.path", Keyword, "where known", "where it lies"),
    field("package.reference", Keyword, "where known", "where it was fetched from, userinfo masked"),
];
