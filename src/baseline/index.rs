//! Where the approvals of a baseline are found without looking at all of them. Made once for a baseline that is asked
//! again and again; must not judge.
//!
//! It holds places and no approvals, so that it can be kept beside them.

use crate::model::approval::Approval;
use crate::model::digest::Digest;
use crate::model::setting::Setting;
use crate::model::subject::Subject;
use crate::model::surface::Scope;
use crate::model::value::Value;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::path::Path;

/// The index of a list of approvals. Every question takes that list along.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// Whoever names servers must not be able to choose which of them fall together.
    hasher: RandomState,
    subjects: Places,
    /// Those of servers by what was approved, whichever project they are for.
    contents: Places,
    /// Those of servers that plugins bring, by name: a plugin's files move with every version, its name stays.
    plugin_servers: Places,
    /// Those of settings that plugins bring, by key.
    plugin_settings: Places,
}

/// Places in the list by what is found there, sorted. What falls together by chance is told apart by whoever asks.
#[derive(Clone, Debug, Default)]
struct Places(Vec<(u32, u32)>);

impl Places {
    fn at(&self, hash: u32) -> impl Iterator<Item = usize> {
        let start = self.0.partition_point(|(known, _)| *known < hash);
        let found = self.0.get(start..).unwrap_or_default();
        found.iter().take_while(move |(known, _)| *known == hash).map(|(_, place)| *place as usize)
    }
}

impl Index {
    pub(super) fn of(approvals: &[Approval]) -> Self {
        let mut index = Self::default();
        index.subjects.0.reserve_exact(approvals.len());
        for (place, approval) in (0..).zip(approvals) {
            index.subjects.0.push((index.hash(&approval.subject), place));
            match &approval.subject {
                Subject::Server { scope, name, .. } => {
                    index.contents.0.push((index.content(*scope, name, &approval.content), place));
                    if *scope == Scope::Plugin {
                        index.plugin_servers.0.push((index.hash(name), place));
                    }
                }
                Subject::Setting { file, project: Some(project), key } if file.starts_with(project) => {
                    index.plugin_settings.0.push((index.hash(key), place));
                }
                _ => {}
            }
        }
        let Self { hasher: _, subjects, contents, plugin_servers, plugin_settings } = &mut index;
        for places in [subjects, contents, plugin_servers, plugin_settings] {
            places.0.sort_unstable();
            places.0.shrink_to_fit();
        }
        index
    }

    /// The approvals of that subject.
    pub(super) fn about<'b>(
        &self,
        approvals: &'b [Approval],
        subject: &Subject,
    ) -> impl Iterator<Item = &'b Approval> {
        let found = self.subjects.at(self.hash(subject)).filter_map(|place| approvals.get(place));
        found.filter(|approval| approval.subject == *subject)
    }

    /// The approvals of servers of that name and scope that may have that content.
    pub(super) fn by_content<'b>(
        &self,
        approvals: &'b [Approval],
        scope: Scope,
        name: &str,
        content: &Value,
    ) -> impl Iterator<Item = &'b Approval> {
        let hash = self.content(scope, name, content);
        let found = self.contents.at(hash).filter_map(|place| approvals.get(place));
        found.filter(move |approval| {
            matches!(&approval.subject, Subject::Server { scope: of, name: its, .. } if (*of, its.as_str()) == (scope, name))
        })
    }

    /// The approval of the plugin's server of that name, in whichever version's directory.
    pub(super) fn plugin_server<'b>(&self, approvals: &'b [Approval], name: &str) -> Option<&'b Approval> {
        let found = self.plugin_servers.at(self.hash(name)).filter_map(|place| approvals.get(place));
        Approval::newest(
            found.filter(
                |approval| matches!(&approval.subject, Subject::Server { name: its, .. } if its == name),
            ),
        )
    }

    /// The approval of the same setting of the same plugin in the directory of another version.
    pub(super) fn plugin_setting<'b>(
        &self,
        approvals: &'b [Approval],
        setting: &Setting,
    ) -> Option<&'b Approval> {
        let root = setting.project.as_deref().filter(|_| setting.surface.scope == Scope::Plugin)?;
        let inside = setting.surface.file.strip_prefix(root).ok()?;
        let same_plugin = |approval: &&Approval| match &approval.subject {
            Subject::Setting { file, project: Some(other), key } => {
                *key == setting.key
                    && root.parent() == other.parent()
                    && root != other.as_path()
                    && file.strip_prefix(other).is_ok_and(|path: &Path| path == inside)
            }
            _ => false,
        };
        let hash = self.hash(setting.key.as_str());
        let found = self.plugin_settings.at(hash).filter_map(|place| approvals.get(place));
        Approval::newest(found.filter(same_plugin))
    }

    fn content(&self, scope: Scope, name: &str, content: &Value) -> u32 {
        let digest = Digest::of(content.revealed().to_string().as_bytes());
        self.hash(&(scope, name, digest))
    }

    /// Half of it is enough: what falls together is told apart, and there are tens of thousands.
    fn hash(&self, thing: &(impl Hash + ?Sized)) -> u32 {
        self.hasher.hash_one(thing) as u32
    }
}
