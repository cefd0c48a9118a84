//! What the commands share: the parts as compose puts them together, a check of every home, and the words that
//! repeat the caller's options. Prints nothing.

use crate::baseline::Baseline;
use crate::check::{self, Place, Reader, Report, Vendors, World};
use crate::cli::error::Failure;
use crate::cli::options::Options;
use crate::cli::paths;
use crate::compose::{Home, Reading, Setup};
use crate::host::accounts;
use crate::host::fs_identity::{self, FsIdentity};
use crate::journal::Journal;
use crate::model::approval::Approval;
use crate::model::digest::Key;
use crate::model::event::{Context, Event, HostFacts, UserFacts};
use crate::model::level::Level;
use crate::model::subject::Subject;
use jiff::Timestamp;
use std::path::Path;

/// One command's surroundings.
pub(crate) struct Session<'a> {
    /// The options as typed.
    pub(crate) options: &'a Options,
    /// The parts.
    pub(crate) setup: Setup,
}

/// One home and what was found in it.
pub(crate) struct Checked<'s> {
    /// The home.
    pub(crate) home: &'s Home,
    /// What is expected.
    pub(crate) baseline: Baseline,
    /// What was found.
    pub(crate) report: Report,
}

impl<'a> Session<'a> {
    /// Puts the parts together.
    pub(crate) fn new(options: &'a Options) -> Result<Self, Failure> {
        Ok(Self { options, setup: Setup::new(&options.wishes())? })
    }

    /// Now.
    pub(crate) fn now(&self) -> Timestamp {
        self.setup.clock().now()
    }

    /// Checks every home against the approvals of `journal`.
    pub(crate) fn check(
        &self,
        reading: &Reading,
        journal: Option<&Journal>,
    ) -> Result<Vec<Checked<'_>>, Failure> {
        let now = self.now();
        self.setup
            .homes
            .iter()
            .map(|home| {
                let baseline = reading.baseline_with(journal, home.dir(), now)?;
                Ok(Checked { home, report: self.check_home(home, &baseline), baseline })
            })
            .collect()
    }

    /// What would be drift if everything that is there were approved: what looks wrong by itself.
    pub(crate) fn check_as_captured(&self, checked: &Checked<'_>) -> Report {
        let accepted = check::capture(&checked.report, &checked.baseline).into_iter();
        let approvals = accepted.filter(|accepted| !matches!(accepted.subject, Subject::Finding { .. })).map(
            |accepted| Approval {
                id: 0,
                home: checked.home.dir().into(),
                subject: accepted.subject,
                content: accepted.content,
                raw: accepted.raw,
                file: accepted.file.into(),
                by: "".into(),
                uid: None,
                at: "".into(),
                reason: None,
                expires: None,
                event: None,
            },
        );
        let baseline =
            Baseline { templates: checked.baseline.templates.clone(), approvals: approvals.collect() };
        self.check_home(checked.home, &baseline)
    }

    fn check_home(&self, home: &Home, baseline: &Baseline) -> Report {
        let (files, clock) = (self.setup.files(), self.setup.clock());
        let owner = home.owner_uid();
        let world = World {
            owner,
            is_private_group: &|group| owner.is_some_and(|owner| accounts::is_private_group(group, owner)),
            exists: &|path| files.exists(path),
            vendors: Vendors::of_the_catalogue(),
        };
        let mut reader = Reader::new(self.setup.config.max_file_size);
        let place = Place { files, clock, layout: &home.layout, baseline };
        // In somebody else's home with their rights: what it names was chosen by whoever writes there.
        let identity = owner.filter(|_| !home.is_own).and_then(FsIdentity::of);
        fs_identity::with(identity.as_ref(), || check::check(&mut reader, place, &world))
    }

    /// The options that a further command needs to speak of the same thing, each with a space before it.
    pub(crate) fn repeated(&self, home: Option<&Home>) -> String {
        let options = self.options;
        let mut words = String::new();
        let mut add = |name: &str, path: &Path| {
            words.push_str(&format!(" --{name} {}", paths::quoted(&path.display().to_string())));
        };
        options.config.iter().for_each(|path| add("config", path));
        options.state.iter().for_each(|path| add("state", path));
        options.baselines.iter().for_each(|path| add("baselines", path));
        options.rules.iter().for_each(|path| add("rules", path));
        options.managed.iter().for_each(|path| add("managed", path));
        match home {
            Some(home) if !home.is_own => add("home", home.dir()),
            Some(_) => {}
            None => options.home.iter().for_each(|path| add("home", path)),
        }
        words
    }

    /// Who acts: what an approval and its event say.
    pub(crate) fn recorder<'h>(&self, journal: &Journal, home: &'h Home) -> Recorder<'h> {
        let user = home.owner().map(|owner| UserFacts { uid: owner.uid, name: owner.name });
        Recorder {
            now: self.now(),
            host: crate::host::identity::host_facts(),
            user,
            home: home.dir(),
            key: journal.key().clone(),
        }
    }
}

/// Makes events of what the caller did in one home.
pub(crate) struct Recorder<'h> {
    now: Timestamp,
    host: HostFacts,
    user: Option<UserFacts>,
    home: &'h Path,
    key: Key,
}

impl Recorder<'_> {
    /// What is the same for all of them.
    pub(crate) fn context(&self) -> Context<'_> {
        Context {
            time: self.now,
            host: &self.host,
            home: Some(self.home),
            user: self.user.as_ref(),
            key: &self.key,
        }
    }

    /// An event of something that was done.
    pub(crate) fn done(&self, action: crate::model::event::AgentAction, message: &str) -> Event {
        let id = crate::host::identity::event_id(self.now);
        Event::agent(id, action, Level::Informational, message, &self.context())
    }
}
