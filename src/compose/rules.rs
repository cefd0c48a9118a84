//! Where rules and exceptions lie, and reading them all. Knows nothing of what they say.

use super::error::ComposeError;
use super::places::{EXCEPTIONS, RULES, absolute};
use crate::config::Config;
use crate::host::files::Files as _;
use crate::host::machine::Machine;
use crate::host::trusted::{trusted_input, trusted_list};
use crate::rules::{FILE_CAP, MOST_FILES, Origin, Problem, Rules, Source};
use std::path::{Path, PathBuf};

/// Which rules are in force.
#[derive(Clone, Debug)]
pub struct RuleDirs {
    /// Whether those are that the program brings along.
    pub shipped: bool,
    /// Where one's own lie.
    pub own: Vec<PathBuf>,
    /// Where exceptions lie.
    pub exceptions: Vec<PathBuf>,
}

impl RuleDirs {
    /// The directories that were asked for, else those of the configuration, else the usual ones if they are there.
    pub(super) fn new(wished: &[PathBuf], config: &Config) -> Result<Self, ComposeError> {
        let usual = |usual: &str| {
            let usual = PathBuf::from(usual);
            if Machine.exists(&usual) { vec![usual] } else { Vec::new() }
        };
        let own = match &config.rules {
            _ if !wished.is_empty() => wished.iter().map(|dir| absolute(dir)).collect::<Result<_, _>>()?,
            Some(dirs) => dirs.clone(),
            None => usual(RULES),
        };
        let exceptions = config.exceptions.clone().unwrap_or_else(|| usual(EXCEPTIONS));
        Ok(Self { shipped: config.shipped_rules, own, exceptions })
    }

    /// All of the directories.
    pub fn all(&self) -> impl Iterator<Item = &PathBuf> {
        self.own.iter().chain(&self.exceptions)
    }

    /// Reads everything that is in force. What cannot be read is among its problems.
    pub fn load(&self) -> Rules {
        let mut sources: Vec<Source> = Vec::new();
        let mut problems = Vec::new();
        if self.shipped {
            sources.extend(Rules::shipped_sources());
        }
        let own = self.own.iter().map(|dir| (dir, Origin::Own));
        let exceptions = self.exceptions.iter().map(|dir| (dir, Origin::Exception));
        for (dir, origin) in own.chain(exceptions) {
            read_dir(dir, origin, &mut sources, &mut problems);
        }
        Rules::load(sources).with_problems(problems)
    }
}

fn read_dir(dir: &Path, origin: Origin, sources: &mut Vec<Source>, problems: &mut Vec<Problem>) {
    let mut refuse = |file: &Path, sentence: String| {
        problems.push(Problem { file: file.to_path_buf(), line: 1, column: 1, sentence });
    };
    let names = match trusted_list(dir) {
        Ok(names) => names,
        Err(why) => return refuse(dir, why.to_string()),
    };
    let mut files: Vec<PathBuf> =
        names.into_iter().map(|name| dir.join(name)).filter(|file| is_rule(file)).collect();
    files.sort();
    if files.len() > MOST_FILES {
        refuse(dir, format!("more than {MOST_FILES} files: only the first of them are in force"));
        files.truncate(MOST_FILES);
    }
    for file in files {
        match trusted_input(&file, FILE_CAP) {
            Ok(contents) => sources.push(Source { file, bytes: contents.bytes, origin }),
            Err(why) => refuse(&file, why.to_string()),
        }
    }
}

fn is_rule(file: &Path) -> bool {
    let is_hidden = file.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    !is_hidden && file.extension().is_some_and(|ending| ending == "yml" || ending == "yaml")
}
