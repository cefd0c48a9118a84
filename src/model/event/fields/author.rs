//! The fields that say who did it, and those of package installs. Must not know what sets them.

use super::Shape::{Boolean, Date, Keyword, Keywords, Long};
use super::{Field, Origin, Section, field};

/// Where installs stand.
const INSTALLS: &[&str] =
    &["mcpwatch.install", "mcpwatch.provenance.install", "mcpwatch.provenance.candidates"];

pub(super) const SECTIONS: &[Section] = &[
    Section {
        title: "Who did it",
        places: &["mcpwatch.provenance"],
        origin: Origin::Event,
        fields: PROVENANCE,
    },
    Section {
        title: "Processes",
        places: &[
            "process",
            "process.parent",
            "mcpwatch.provenance.ancestors",
            "mcpwatch.provenance.other_writers",
        ],
        origin: Origin::Event,
        fields: PROCESS,
    },
    Section {
        title: "Others who wrote",
        places: &["mcpwatch.provenance.other_writers"],
        origin: Origin::Event,
        fields: OTHER_WRITER,
    },
    Section { title: "Package installs", places: INSTALLS, origin: Origin::Event, fields: INSTALL },
    Section {
        title: "The step of an install",
        places: &["mcpwatch.install.hooks", "mcpwatch.provenance.install"],
        origin: Origin::Event,
        fields: HOOK,
    },
    Section {
        title: "The install that did it",
        places: &["mcpwatch.provenance.install"],
        origin: Origin::Event,
        fields: LINK,
    },
    Section {
        title: "Installs that are no more than near",
        places: &["mcpwatch.provenance.candidates"],
        origin: Origin::Event,
        fields: CANDIDATE,
    },
];

/// Where an event says who did it.
const TOLD: &str = "drift and `drift-ended`, where anybody was looked for";

const PROVENANCE: &[Field] = &[
    field("confidence", Keyword, TOLD, "how sure the writer is: `proven`, `likely`, `possible` or `unknown`"),
    field("method", Keyword, TOLD, "how he became known: `kernel`, `record`, `sample`, `receipt` or `none`"),
    field(
        "actor",
        Keyword,
        TOLD,
        "`install`, `client`, `agent-tool`, `person`, `broker`, `program` or `unknown`",
    ),
    field("line", Keyword, TOLD, "all of it in one line"),
    field("deed", Keyword, "where known", "what the writer did to the file"),
    field(
        "broker",
        Keyword,
        "where a broker ran it",
        "the program that ran it for somebody: `cron`, `tmux`, …",
    ),
    field("remarks", Keywords, "where there is something to know", "what else to know, a sentence each"),
];

const PROCESS: &[Field] = &[
    field("pid", Long, "where the process is known", "its number"),
    field(
        "entity_id",
        Keyword,
        "where the process is known",
        "number and start: tells it from every other of this boot",
    ),
    field("start", Date, "where known", "when it started"),
    field("end", Date, "where it has ended", "when it ended"),
    field(
        "exit_code",
        Long,
        "where it has ended and the kernel said how",
        "its status; 128 and the signal where one ended it",
    ),
    field("user.id", Keyword, "where known", "the account as which it acts"),
    field("real_user.id", Keyword, "where known", "the account that started it"),
    field("interactive", Boolean, "where the process is known", "whether it has a terminal"),
    field("executable", Keyword, "where known", "the file that it executed"),
    field("name", Keyword, "where known", "the program's name"),
    field("working_directory", Keyword, "where known", "its working directory"),
    field("command_line", Keyword, "where known", "its arguments in one line, secrets masked"),
    field("args_count", Long, "where known", "how many arguments it had"),
    field("args", Keywords, "where known", "the first 64 of them, secrets masked"),
];

const OTHER_WRITER: &[Field] = &[
    field("deed", Keyword, "where known", "what it did to the file"),
    field("method", Keyword, "always", "how it became known"),
    field("when", Date, "where known", "when"),
];

const INSTALL: &[Field] = &[
    field("manager", Keyword, "always", "the package manager"),
    field("started", Date, "where known", "when it began"),
    field("ended", Date, "where it is over", "when it was over"),
    field("entity_id", Keyword, "where its process is known", "the manager's process"),
    field("working_directory", Keyword, "where known", "where it was called"),
    field("user", Keyword, "where known", "the number of the account that called it"),
    field("command_line", Keyword, "where known", "what was called, secrets masked"),
    field(
        "has_install_scripts",
        Boolean,
        "where known",
        "whether what it installed brings code that runs at install time",
    ),
    field("source", Keyword, "always", "`seen`, or `receipt` where it is known by what it left behind"),
    field("receipt", Keyword, "where known by it", "the file that it left behind"),
    field("packages.name", Keyword, "where packages are known", "a package that it installed"),
    field("packages.version", Keyword, "where known", "its version"),
    field("packages.resolved", Keyword, "where known", "where it was fetched from"),
    field("packages.integrity", Keyword, "where known", "the checksum it was fetched with"),
    field("packages.path", Keyword, "where known", "where it lies"),
    field(
        "packages.has_install_scripts",
        Boolean,
        "where known",
        "whether it brings code that runs at install time",
    ),
];

const HOOK: &[Field] = &[
    field("lifecycle", Keyword, "where known", "the step: `preinstall`, `postinstall`, `build`, …"),
    field("hook_entity_id", Keyword, "where its process is known", "the process that ran it"),
    field("own_script", Boolean, "a step of the project's own", "`true`"),
    field(
        "package_is_consumer",
        Boolean,
        "where the package is the one that was built with the code that ran",
        "`true`",
    ),
    field("package.name", Keyword, "where known", "whose step it is"),
    field("package.version", Keyword, "where known", "its version"),
    field("package.resolved", Keyword, "where known", "where it was fetched from"),
    field("package.integrity", Keyword, "where known", "the checksum it was fetched with"),
    field("package.path", Keyword, "where known", "where it lies"),
    field(
        "package.has_install_scripts",
        Boolean,
        "where known",
        "whether it brings code that runs at install time",
    ),
];

const LINK: &[Field] = &[
    field("confidence", Keyword, "always", "how sure it is that this install did it"),
    field("evidence", Keywords, "always", "what speaks for it, a sentence each"),
    field(
        "distance_seconds",
        Long,
        "where it was over by then, and known when",
        "how long before the change it was over: what it left behind may wait",
    ),
];

const CANDIDATE: &[Field] = &[
    field("distance_seconds", Long, "always", "how long before the change it was at work last"),
    field("reasons", Keywords, "always", "why it is worth a look"),
];
