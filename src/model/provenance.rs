//! Who did it: the words and nouns of a judgement. Must not know how one comes to be.

mod line;

use crate::model::install::{Hook, Install};
use crate::model::process::Process;
use crate::model::touch::Deed;
use crate::model::words::words;
use jiff::{SignedDuration, Timestamp};
use std::fmt;
use std::sync::Arc;

words! {
    /// How sure it is. The order is from less to more.
    Confidence {
        /// Nothing is known.
        Unknown = "unknown",
        /// Something points there that anybody could have put there.
        Possible = "possible",
        /// Seen, with a gap.
        Likely = "likely",
        /// Seen from end to end.
        Proven = "proven",
    }
}

words! {
    /// How the writer became known.
    Method {
        /// The kernel named the process with the change, and it was still there to be looked at.
        Kernel = "kernel",
        /// The kernel named a number whose process had ended; the record of all processes says who that was.
        Record = "record",
        /// The processes that were there when a hint came.
        Sample = "sample",
        /// Only what package managers leave behind.
        Receipt = "receipt",
        /// Nobody saw it.
        None = "none",
    }
}

words! {
    /// Whose doing it was.
    Actor {
        /// A package's code, run by a package manager.
        Install = "install",
        /// The client, by itself or by its user's hand in it.
        Client = "client",
        /// A command that the agent in the client ran.
        AgentTool = "agent-tool",
        /// A person at a shell or an editor, or what starts with their shell.
        Person = "person",
        /// Something that was handed to a program which runs it for others.
        Broker = "broker",
        /// Some other program.
        Program = "program",
        /// Nobody knows.
        Unknown = "unknown",
    }
}

words! {
    /// A program that runs things for others, so that what it runs descends from it and not from who asked.
    Broker {
        /// `systemd-run`, user units, timers.
        Systemd = "systemd",
        /// `at` and `batch`.
        At = "at",
        /// `cron`.
        Cron = "cron",
        /// `tmux`.
        Tmux = "tmux",
        /// `screen`.
        Screen = "screen",
        /// Activation over D-Bus.
        Dbus = "dbus",
        /// `docker`, `containerd`, `podman`.
        Container = "container",
        /// An editor's server, with its terminals, tasks and extensions.
        Ide = "ide-server",
    }
}

words! {
    /// What speaks for an install.
    Evidence {
        /// The writer descends from the hook, each fork recorded.
        Descent = "descends from the hook, fork by fork",
        /// The writer descends from the hook as far as somebody looked in time.
        SampledDescent = "seen below the hook, not from its beginning",
        /// The manager started that process, and its directory and environment at exec name the package.
        FirstChild = "named by what the manager gave its first child",
        /// The manifest where the hook ran names the package.
        Manifest = "the manifest where the hook ran names the package",
        /// The hook ran where the manager puts that package.
        Directory = "the hook ran in the package's own directory",
        /// The manager itself wrote.
        ManagerItself = "the package manager itself wrote",
        /// Somebody handed it to a broker.
        Handover = "something below the install used the broker",
        /// It is all that is known: nobody was seen.
        AtWork = "its hook ran when the change came",
        /// The writer's environment claims a hook: anybody can write that.
        Environment = "the writer's environment claims it",
        /// The manager's program lies where no manager is known to lie.
        OddProgram = "the package manager's program lies in an unusual place",
        /// What names the package does not agree.
        Contradiction = "what names the package does not agree",
        /// The step is the project's own, not that of something fetched.
        OwnScript = "a step of the project's own",
        /// Inside a hook another install ran.
        Nested = "ran an install of its own inside the hook",
    }
}

words! {
    /// Why an install is worth a look though nothing connects it with the change.
    Reason {
        /// It brought code that runs at install time.
        Scripts = "install scripts",
        /// It was at work when the change came.
        Running = "was running",
        /// The same account.
        SameUser = "same user",
        /// The same project.
        SameProject = "same project",
        /// It is no more than recent.
        Recent = "recent",
    }
}

words! {
    /// What a reader of the judgement should know.
    Remark {
        /// Forks, or whole processes, may be missing.
        Lost = "the record has a gap here",
        /// The writer had ended before anybody looked.
        Gone = "the writer had already ended",
        /// Its number may belong to another process by now.
        Reused = "the process number may have been used again",
        /// The change came through memory that is mapped from the file.
        Mapped = "written through a memory map",
        /// The change came through a file that another process had opened.
        Descriptor = "written through a descriptor that was passed on",
        /// It lives in other namespaces.
        Elsewhere = "in a container or another namespace",
        /// Another process can make it do things.
        Traced = "another process traces it",
        /// Something is loaded into it that is not its own.
        Preloaded = "something else is loaded into it",
        /// More than one had a hand in what stands; the one named is the one to look at first.
        Several = "others wrote between two readings too",
        /// It says so itself, and nobody else does.
        Claimed = "claimed by the process itself",
        /// `CLAUDECODE` is set.
        AgentEnvironment = "runs in the agent's environment",
        /// A person's shell and what starts with it look alike.
        Shell = "a shell's start-up files and git hooks look the same",
        /// `npx` or `npm run`: a program of a package, not an install.
        PackageProgram = "run by a package runner, which is no install",
        /// It acts as another account than it was started by.
        Elevated = "acts as another account than it was started by",
    }
}

/// Somebody else who touched the file since it was read before.
#[derive(Clone, Debug, PartialEq)]
pub struct OtherWriter {
    /// Who.
    pub process: Option<Arc<Process>>,
    /// What it did, where that is known.
    pub deed: Option<Deed>,
    /// When.
    pub when: Option<Timestamp>,
    /// How it is known.
    pub method: Method,
}

/// An install, and what connects the change with it.
#[derive(Clone, Debug, PartialEq)]
pub struct InstallLink {
    /// The install.
    pub install: Install,
    /// The hook of it, where that is known.
    pub hook: Option<Hook>,
    /// How sure the connection is.
    pub confidence: Confidence,
    /// What it stands on.
    pub evidence: Vec<Evidence>,
}

/// An install that may have to do with the change, and nothing more.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The install.
    pub install: Install,
    /// How long before the change it was at work last; zero while it ran.
    pub distance: SignedDuration,
    /// Why it is worth a look.
    pub reasons: Vec<Reason>,
}

/// Who did it.
#[derive(Clone, Debug, PartialEq)]
pub struct Provenance {
    /// How sure the writer is.
    pub confidence: Confidence,
    /// How the writer became known.
    pub method: Method,
    /// Whose doing it was.
    pub actor: Actor,
    /// What the writer did.
    pub deed: Option<Deed>,
    /// The process that made the change which stands.
    pub writer: Option<Arc<Process>>,
    /// Its ancestors, the parent first.
    pub ancestors: Vec<Arc<Process>>,
    /// Who else touched the file between two of our readings.
    pub other_writers: Vec<OtherWriter>,
    /// The package install that it comes from.
    pub install: Option<InstallLink>,
    /// The program that it was handed to.
    pub broker: Option<Broker>,
    /// Installs that are no more than near.
    pub candidates: Vec<Candidate>,
    /// What else to know.
    pub remarks: Vec<Remark>,
}

impl Provenance {
    /// Nothing is known.
    pub fn unknown() -> Self {
        Self {
            confidence: Confidence::Unknown,
            method: Method::None,
            actor: Actor::Unknown,
            deed: None,
            writer: None,
            ancestors: Vec::new(),
            other_writers: Vec::new(),
            install: None,
            broker: None,
            candidates: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// How sure the install is.
    pub fn install_confidence(&self) -> Confidence {
        self.install.as_ref().map_or(Confidence::Unknown, |link| link.confidence)
    }
}
