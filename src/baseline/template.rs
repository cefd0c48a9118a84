//! Reads a template: what an administrator wrote, as a [`Template`] or as problems with their place. Knows
//! nothing of where templates lie and what is done with them.
//!
//! A `.mcp.json`, a `managed-mcp.json` and a `managed-settings.json` of Claude Code are templates as they stand.
//! A template with an error is refused whole: half a template would be another one than was meant.

mod keys;
mod lists;
mod own;
mod problem;
mod reader;
mod servers;
mod settings;

pub use problem::{Severity, TemplateProblem};

use crate::json::{self, Shape};
use crate::model::surface::Scope;
use crate::model::template::{Pattern, Template, Unlisted};
use reader::Reader;
use std::collections::BTreeSet;
use std::path::Path;

/// Scopes that a template rules unless it says otherwise: all but the administrator's own.
pub const DEFAULT_SCOPES: [Scope; 4] = [Scope::User, Scope::Local, Scope::Project, Scope::Plugin];

/// What became of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// The template; none when there is an error among the problems.
    pub template: Option<Template>,
    /// What is wrong with it, in the order of the file.
    pub problems: Vec<TemplateProblem>,
}

impl Parsed {
    /// The errors, without the warnings.
    pub fn errors(&self) -> impl Iterator<Item = &TemplateProblem> {
        self.problems.iter().filter(|problem| problem.severity == Severity::Error)
    }
}

/// Reads the bytes of a template. `file` is named in problems, and names a template that has no name of its own.
pub fn parse(bytes: Vec<u8>, file: &Path) -> Parsed {
    let text = json::decode(&bytes);
    let mut reader = Reader::new(text.as_str(), file);
    let document = match json::read(text.as_str(), &Shape::Whole) {
        Ok(document) => document,
        Err(error) => {
            reader.syntax(&error);
            return Parsed { template: None, problems: reader.finish().0 };
        }
    };
    let template = reader.template(&document);
    let (problems, refused) = reader.finish();
    Parsed { template: template.filter(|_| !refused), problems }
}

impl Reader<'_> {
    fn template(&mut self, document: &json::Document) -> Option<Template> {
        self.duplicates(document);
        let root = self.object(&document.root, &[], "a template")?;
        self.top_level(root);
        let mut template = Template {
            name: self.file_name(),
            version: None,
            file: self.file().to_owned(),
            scopes: BTreeSet::from(DEFAULT_SCOPES),
            servers: Default::default(),
            allow: None,
            deny: Vec::new(),
            required: BTreeSet::new(),
            unlisted: Unlisted::default(),
            settings: Default::default(),
        };
        for key in ["managedMcpServers", "mcpServers"] {
            if let Some(node) = root.get(key) {
                self.servers(node, key, &mut template.servers);
            }
        }
        if let Some(node) = root.get("allowedMcpServers") {
            template.allow = Some(self.list(node, lists::List::Allowed));
        }
        if let Some(node) = root.get("deniedMcpServers") {
            template.deny = self.list(node, lists::List::Denied);
        }
        if let Some(node) = root.get("mcpwatch") {
            self.own(node, &mut template);
        }
        if says_nothing(&template) && self.is_clean() {
            self.warn(&document.root, &[], "it says nothing about any server or setting")
                .remedy("add \"mcpServers\", \"allowedMcpServers\" or \"deniedMcpServers\"");
        }
        Some(template)
    }
}

fn says_nothing(template: &Template) -> bool {
    template.servers.is_empty()
        && template.allow.is_none()
        && template.deny.is_empty()
        && template.required.is_empty()
        && template.unlisted == Unlisted::Approve
        && template.settings.is_empty()
}

/// Whether an allow list of the template has this name.
fn allows_by_name(template: &Template, name: &str) -> bool {
    let names = template.allow.iter().flatten();
    names.into_iter().any(|pattern| matches!(pattern, Pattern::Name(allowed) if allowed == name))
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
