//! How a person calls what a judgement is about: what `diff` prints as its name, and what `approve` takes.
//! Knows nothing of how it looks.

use crate::cli::error::Failure;
use crate::cli::paths;
use crate::cli::session::Checked;
use crate::model::drift::Judgement;
use crate::model::hidden::escape;
use crate::model::subject::Subject;
use crate::model::surface::Scope;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// What narrows a name down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Narrowing {
    /// Only this scope.
    pub(crate) scope: Option<Scope>,
    /// Only this project.
    pub(crate) project: Option<PathBuf>,
}

/// The name: a server's, a setting's path in its document, a file.
pub(crate) fn name(judgement: &Judgement, home: &Path) -> String {
    match &judgement.subject {
        Subject::Server { name, .. } => name.clone(),
        Subject::Setting { key, .. } => key.clone(),
        Subject::File(file) | Subject::Managed(file) | Subject::Target(file) => paths::short(file, home),
        Subject::Finding { about, .. } => judgement.server.clone().unwrap_or_else(|| about.clone()),
    }
}

/// What sort of thing it is, in one word.
pub(crate) fn sort(judgement: &Judgement) -> &'static str {
    match &judgement.subject {
        Subject::Server { .. } => "server",
        Subject::Setting { .. } => "setting",
        Subject::File(_) => "file",
        Subject::Managed(_) => "managed file",
        Subject::Target(_) => "program",
        Subject::Finding { .. } => "finding",
    }
}

/// Whether `typed` names what this judgement is about. A name with hidden characters may be typed as it is
/// printed.
pub(crate) fn is_named(judgement: &Judgement, home: &Path, typed: &str) -> bool {
    called(judgement, home).any(|name| name == typed || escape(&name) == typed)
}

/// Every name that it answers to.
fn called<'j>(judgement: &'j Judgement, home: &Path) -> impl Iterator<Item = Cow<'j, str>> {
    let names = match &judgement.subject {
        Subject::Server { name: plain, .. }
        | Subject::Setting { key: plain, .. }
        | Subject::Finding { about: plain, .. } => [Some(Cow::Borrowed(plain.as_str())), None],
        Subject::File(file) | Subject::Managed(file) | Subject::Target(file) => {
            [Some(file.display().to_string().into()), Some(paths::short(file, home).into())]
        }
    };
    names.into_iter().flatten().chain(judgement.server.as_deref().map(Cow::Borrowed))
}

/// Whether anything that was found, or is expected, has that name.
pub(crate) fn is_known(typed: &str, checked: &Checked<'_>) -> bool {
    names(checked).iter().any(|name| name == typed || escape(name) == typed)
        || checked.report.judgements.iter().any(|judgement| is_named(judgement, checked.home.dir(), typed))
}

/// What is said of a name that nothing has.
pub(crate) fn unknown(typed: &str, homes: &[Checked<'_>]) -> Failure {
    let failure = Failure::new(format!("nothing here is called \"{typed}\""));
    let nearest = homes
        .iter()
        .flat_map(names)
        .map(|name| (strsim::damerau_levenshtein(&name, typed), name))
        .min()
        .filter(|(distance, name)| *distance <= 1 + name.chars().count() / 3);
    match nearest {
        Some((_, name)) => failure.help(format!("did you mean \"{name}\"?")),
        None => failure.help("see what there is with: mcpwatch baseline show"),
    }
}

/// Every name of what was found in a home or approved for it.
fn names(checked: &Checked<'_>) -> Vec<String> {
    let home = checked.home.dir();
    let inventory = &checked.report.inventory;
    let file = |file: &Path| [paths::short(file, home), file.display().to_string()];
    let mut names: Vec<String> = inventory.servers.iter().map(|server| server.name.clone()).collect();
    names.extend(inventory.settings.iter().map(|setting| setting.key.clone()));
    names.extend(inventory.surfaces.iter().flat_map(|reading| file(&reading.surface.file)));
    names.extend(inventory.targets.iter().flat_map(|target| file(&target.file)));
    names.extend(checked.baseline.approvals.iter().filter_map(|approval| match &approval.subject {
        Subject::Server { name, .. } => Some(name.clone()),
        Subject::Setting { key, .. } => Some(key.clone()),
        _ => None,
    }));
    names
}

impl Narrowing {
    /// Whether the judgement is within it.
    pub(crate) fn admits(&self, judgement: &Judgement) -> bool {
        self.scope.is_none_or(|scope| scope == judgement.surface.scope)
            && self.project.as_deref().is_none_or(|project| judgement.project.as_deref() == Some(project))
    }
}

/// The judgements of one home by every name that they answer to.
#[derive(Debug, Default)]
pub(crate) struct Namesakes<'j>(HashMap<Cow<'j, str>, Places<'j>>);

/// Where one name stands.
#[derive(Debug, Default)]
struct Places<'j> {
    scopes: BTreeSet<Scope>,
    /// Two at most: more say no more.
    projects: Vec<Option<&'j Path>>,
}

impl<'j> Namesakes<'j> {
    pub(crate) fn of(judgements: &'j [Judgement], home: &Path) -> Self {
        let mut all = Self::default();
        for judgement in judgements {
            for name in called(judgement, home) {
                if let Cow::Owned(printed) = escape(&name) {
                    all.add(printed.into(), judgement);
                }
                all.add(name, judgement);
            }
        }
        all
    }

    fn add(&mut self, name: Cow<'j, str>, judgement: &'j Judgement) {
        let places = self.0.entry(name).or_default();
        places.scopes.insert(judgement.surface.scope);
        let project = judgement.project.as_deref();
        if places.projects.len() < 2 && !places.projects.contains(&project) {
            places.projects.push(project);
        }
    }
}

/// The words behind `mcpwatch approve` that name this judgement and none of the others.
pub(crate) fn address(judgement: &Judgement, namesakes: &Namesakes<'_>, home: &Path) -> String {
    let name = name(judgement, home);
    let mut words = paths::quoted(&name);
    let Some(places) = namesakes.0.get(name.as_str()) else { return words };
    if places.scopes.iter().any(|scope| *scope != judgement.surface.scope) {
        words.push_str(&format!(" --scope {}", judgement.surface.scope));
    }
    if let Some(project) = &judgement.project
        && places.projects.iter().any(|other| *other != Some(project))
    {
        words.push_str(&format!(" --project {}", paths::quoted(&paths::short(project, home))));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::samples::{HOME, server};

    #[test]
    fn a_name_that_stands_alone_is_enough() {
        let home = Path::new(HOME);
        let one = server("linear", Scope::User, None);
        assert_eq!(address(&one, &Namesakes::of(std::slice::from_ref(&one), home), home), "linear");
        assert!(is_named(&one, home, "linear") && !is_named(&one, home, "Linear"));
    }

    #[test]
    fn a_name_that_stands_twice_gets_what_tells_it_apart() {
        let home = Path::new(HOME);
        let both = [server("x y", Scope::User, None), server("x y", Scope::Local, Some("/home/a/app"))];
        let namesakes = Namesakes::of(&both, home);
        assert_eq!(address(&both[0], &namesakes, home), "'x y' --scope user");
        assert_eq!(address(&both[1], &namesakes, home), "'x y' --scope local --project ~/app");
        let hidden = server("a\u{202e}b", Scope::User, None);
        assert!(is_named(&hidden, home, "a\u{202e}b") && is_named(&hidden, home, "a\\u{202e}b"));
        let narrowing = Narrowing { scope: Some(Scope::Local), project: Some("/home/a/app".into()) };
        assert!(narrowing.admits(&both[1]) && !narrowing.admits(&both[0]));
    }
}
