//! The fields of our own, under `mcpwatch`, but for those that say who did it. Must not know what sets them.

use super::Shape::{Boolean, Date, Keyword, Keywords, Long};
use super::{Field, Origin, Section, field};

pub(super) const SECTIONS: &[Section] = &[
    Section { title: "Whose configuration", places: &["mcpwatch"], origin: Origin::Event, fields: ABOUT },
    Section { title: "The drift", places: &["mcpwatch.drift"], origin: Origin::Event, fields: DRIFT },
    Section {
        title: "What came before",
        places: &["mcpwatch.history"],
        origin: Origin::Event,
        fields: HISTORY,
    },
    Section { title: "Approvals", places: &["mcpwatch.approval"], origin: Origin::Event, fields: APPROVAL },
    Section { title: "Answers", places: &["mcpwatch.response"], origin: Origin::Event, fields: RESPONSE },
    Section { title: "The agent itself", places: &["mcpwatch"], origin: Origin::Event, fields: AGENT },
];

const ABOUT: &[Field] = &[
    field("home", Keyword, "where it is about a home", "the home's directory"),
    field("client", Keyword, "drift, approval", "the client: `claude-code`"),
    field("scope", Keyword, "drift, approval", "`user`, `local`, `project`, `managed` or `plugin`"),
    field("project", Keyword, "where the entry counts in one project only", "the project's directory"),
    field("server", Keyword, "where it is about a server", "the server's name"),
];

const DRIFT: &[Field] = &[
    field("id", Keyword, "drift, `drift-ended`", "the same for as long as the drift stands"),
    field(
        "state",
        Keyword,
        "drift",
        "a digest of what is told of it: another one is another state of the same drift",
    ),
    field("kind", Keyword, "`drift-ended`", "the kind of the drift that ended"),
    field("level", Keyword, "drift, `drift-ended`", "the level before rules"),
    field(
        "field",
        Keyword,
        "where one component differs",
        "the component: `url.host`, `hooks.SessionStart`, …",
    ),
    field("expected", Keyword, "where something was expected", "the value of the baseline, secrets masked"),
    field("observed", Keyword, "where something is there", "the value that is there, secrets masked"),
    field("source", Keyword, "drift", "`template`, `approval` or `lint`"),
    field("baseline", Keyword, "where a baseline says so", "the template's name or the approval's number"),
    field(
        "login",
        Keyword,
        "where the client has a login for a server whose endpoint moved",
        "`former-endpoint`: it was made at the one that should be there; `current-endpoint`: at the one that is",
    ),
    field("changed", Boolean, "a drift that stood became another", "`true`"),
    field("since", Date, "where it stood before", "since when it stands or stood"),
    field("event", Keyword, "`drift-ended`", "the `event.id` that told it first"),
    field(
        "passing",
        Boolean,
        "a drift that was undone at once",
        "`true`: it stood for less than a save may take",
    ),
];

const HISTORY: &[Field] = &[
    field(
        "reverts",
        Long,
        "drift of what was put right within `install_window`",
        "how often it was put right in that time",
    ),
    field("since_revert_seconds", Long, "as `reverts`", "how long ago it was put right last"),
    field(
        "package_changes",
        Long,
        "drift, where an install is at least likely, and its package changed something else within `install_window`",
        "how many other servers and settings that package changed",
    ),
    field("events", Keywords, "as the above", "the `event.id` of what it belongs with, the newest eight"),
];

const APPROVAL: &[Field] = &[
    field("id", Keywords, "`server-approved`, `approval-withdrawn`", "the approvals' numbers"),
    field("by", Keyword, "`baseline-captured` and the two above", "who typed it"),
    field("uid", Keyword, "`baseline-captured` and the two above", "the number of that account"),
    field("drifts", Keywords, "`server-approved`", "kind and component of each drift that was approved"),
    field("reason", Keyword, "where one was given", "why"),
    field("expires", Date, "where an end was given", "until when it holds"),
    field("event", Keyword, "where an event was approved", "that event's id"),
    field("count", Long, "`baseline-captured`", "how much was approved"),
];

const RESPONSE: &[Field] = &[
    field("action", Keyword, "an answer to a drift, the end that it brought", "`revert`"),
    field(
        "outcome",
        Keyword,
        "an answer to a drift, the end that it brought",
        "`reverted`, `refused` or `contested`",
    ),
    field("reason", Keyword, "`revert-refused`", "why nothing was done, and what to do"),
    field("ground", Keyword, "`config-reverted`", "`template NAME`, `approval ID` or `no approval`"),
    field("kinds", Keywords, "an answer to a drift", "the kinds of the drifts that it answers"),
    field("drifts", Keywords, "an answer to a drift", "the ids of those drifts"),
    field("bytes_changed", Long, "`config-reverted`", "how many bytes of the file are gone or new"),
    field("stood", Long, "where it is known", "nanoseconds that the drift had stood"),
    field("by", Keyword, "`revert` by hand", "who typed it"),
    field(
        "sessions.pid",
        Long,
        "`config-reverted`, where the client was started while it stood",
        "the process that has the old entry in memory: end it and start it again",
    ),
    field("sessions.start", Date, "with `sessions.pid`", "when that process was started"),
    field("sessions.id", Keyword, "where the client says so", "the session that it has open"),
    field("sessions.directory", Keyword, "where it is known", "the directory that it works in"),
];

const AGENT: &[Field] = &[
    field(
        "unread.versions",
        Long,
        "`change-unread`",
        "how many versions of a file were gone before they could be read",
    ),
    field("sink.name", Keyword, "`sink-failing`, `sink-restored`, `sink-refused`", "which sink"),
    field("sink.refused", Long, "`sink-refused`", "how many events it refused"),
    field("sink.first", Long, "`sink-refused`", "the number of the first that may be one of them"),
    field("sink.last", Long, "`sink-refused`", "the number of the last that may be one of them"),
    field("journal.head.sequence", Long, "`journal-replaced`", "the number of the last event that was there"),
    field("journal.head.hash", Keyword, "`journal-replaced`", "its hash"),
    field("journal.moved_to", Keyword, "`journal-replaced` by a move", "where the journal had been moved to"),
    field("journal.by", Keyword, "`journal-replaced` by `verify --set-aside`", "who typed it"),
    field(
        "journal.broken.sequence",
        Long,
        "`journal-replaced` by `verify --set-aside`",
        "the first event that is not as it was stored",
    ),
    field(
        "journal.broken.fault",
        Keyword,
        "`journal-replaced` by `verify --set-aside`",
        "what is wrong with it",
    ),
    field(
        "journal.set_aside.path",
        Keyword,
        "`journal-replaced` where something was set aside",
        "where it was put",
    ),
    field(
        "journal.set_aside.is",
        Keyword,
        "`journal-replaced` where something was set aside",
        "`earlier`, `parted`, `stranger` or `broken`",
    ),
    field(
        "journal.set_aside.head.sequence",
        Long,
        "`journal-replaced` where something was set aside",
        "the number of its last event",
    ),
    field(
        "journal.set_aside.head.hash",
        Keyword,
        "`journal-replaced` where something was set aside",
        "that event's hash",
    ),
];
