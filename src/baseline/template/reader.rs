//! Collects problems and reads the plain types, each with its place. Knows no key of a template but the outermost.

use super::problem::{Severity, TemplateProblem, quote};
use crate::json::{Document, Node, Object, SyntaxError, Tree, line_and_column};
use std::path::Path;

/// More problems than this are counted, not listed.
const MOST: usize = 100;

/// The keys at a template's top that are read. What stands under another one is no mistake of ours to judge.
pub(super) const OURS: [&str; 5] =
    ["mcpServers", "managedMcpServers", "allowedMcpServers", "deniedMcpServers", "mcpwatch"];

/// Reads one template.
pub(super) struct Reader<'t> {
    text: &'t str,
    file: &'t Path,
    pub(super) problems: Vec<TemplateProblem>,
    unlisted: usize,
    refused: bool,
}

/// A problem that was just noted, to which a remedy may be added.
pub(super) struct Noted<'r>(Option<&'r mut TemplateProblem>);

impl Noted<'_> {
    /// What to write instead.
    pub(super) fn remedy(self, remedy: impl Into<String>) {
        if let Some(problem) = self.0 {
            problem.remedy = Some(remedy.into());
        }
    }
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str, file: &'t Path) -> Self {
        Self { text, file, problems: Vec::new(), unlisted: 0, refused: false }
    }

    pub(super) fn file(&self) -> &'t Path {
        self.file
    }

    /// What a template is called that does not name itself.
    pub(super) fn file_name(&self) -> String {
        self.file.file_name().unwrap_or(self.file.as_os_str()).to_string_lossy().into_owned()
    }

    /// Whether no problem was noted yet.
    pub(super) fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    /// The problems in the order of the file, and whether one of them is an error.
    pub(super) fn finish(mut self) -> (Vec<TemplateProblem>, bool) {
        self.problems.sort_by_key(|problem| (problem.line, problem.column));
        if self.unlisted > 0 {
            self.problems.push(TemplateProblem {
                severity: if self.refused { Severity::Error } else { Severity::Warning },
                file: self.file.to_owned(),
                line: 1,
                column: 1,
                path: Vec::new(),
                sentence: format!("there are {} more problems", self.unlisted),
                remedy: None,
            });
        }
        (self.problems, self.refused)
    }

    pub(super) fn syntax(&mut self, error: &SyntaxError) {
        self.note(Severity::Error, error.offset, &[], format!("it is not JSON: {}", error.reason));
    }

    /// Notes an error at a value.
    pub(super) fn error(&mut self, node: &Node, path: &[&str], sentence: impl Into<String>) -> Noted<'_> {
        self.note(Severity::Error, node.span.start, path, sentence.into())
    }

    /// Notes a warning at a value.
    pub(super) fn warn(&mut self, node: &Node, path: &[&str], sentence: impl Into<String>) -> Noted<'_> {
        self.note(Severity::Warning, node.span.start, path, sentence.into())
    }

    /// Notes a problem at any place of the text.
    pub(super) fn note(
        &mut self,
        severity: Severity,
        offset: usize,
        path: &[&str],
        sentence: String,
    ) -> Noted<'_> {
        self.refused |= severity == Severity::Error;
        if self.problems.len() >= MOST {
            self.unlisted += 1;
            return Noted(None);
        }
        let (line, column) = line_and_column(self.text, offset);
        self.problems.push(TemplateProblem {
            severity,
            file: self.file.to_owned(),
            line,
            column,
            path: path.iter().map(|step| (*step).to_owned()).collect(),
            sentence,
            remedy: None,
        });
        Noted(self.problems.last_mut())
    }

    /// Duplicate keys: an error where they change what the template says, a warning elsewhere.
    pub(super) fn duplicates(&mut self, document: &Document) {
        for duplicate in &document.duplicates {
            let path: Vec<&str> = duplicate.path.iter().map(String::as_str).collect();
            let ours = path.len() == 1 || path.first().is_some_and(|top| OURS.contains(top));
            let severity = if ours { Severity::Error } else { Severity::Warning };
            let (line, _) = line_and_column(self.text, duplicate.lost.start);
            let name = quote(path.last().copied().unwrap_or_default());
            let sentence = format!("the key {name} stands twice, first on line {line}; the last one wins");
            self.note(severity, duplicate.span.start, &path, sentence).remedy("remove one of them");
        }
        if document.unlisted_duplicates > 0 {
            let sentence = format!("{} more keys stand twice", document.unlisted_duplicates);
            self.note(Severity::Error, 0, &[], sentence);
        }
    }

    /// The object that a value must be. `what` begins the sentence.
    pub(super) fn object<'n>(&mut self, node: &'n Node, path: &[&str], what: &str) -> Option<&'n Object> {
        let object = node.as_object();
        if object.is_none() {
            self.wrong_type(node, path, what, "an object");
        }
        object
    }

    /// The list that a value must be.
    pub(super) fn list_of<'n>(&mut self, node: &'n Node, path: &[&str], what: &str) -> &'n [Node] {
        node.as_list().unwrap_or_else(|| {
            self.wrong_type(node, path, what, "a list");
            &[]
        })
    }

    /// The string that a value must be.
    pub(super) fn string<'n>(&mut self, node: &'n Node, path: &[&str], what: &str) -> Option<&'n str> {
        let text = node.as_text();
        if text.is_none() {
            self.wrong_type(node, path, what, "a string");
        }
        text
    }

    /// The strings that a list must hold, each with its node.
    pub(super) fn strings<'n>(
        &mut self,
        node: &'n Node,
        path: &[&str],
        what: &str,
    ) -> Vec<(&'n Node, &'n str)> {
        let items = self.list_of(node, path, what);
        let mut strings = Vec::with_capacity(items.len());
        for (position, item) in items.iter().enumerate() {
            let position = position.to_string();
            let path: Vec<&str> = path.iter().copied().chain([position.as_str()]).collect();
            strings.extend(self.string(item, &path, "each of them").map(|text| (item, text)));
        }
        strings
    }

    pub(super) fn wrong_type(&mut self, node: &Node, path: &[&str], what: &str, wanted: &str) {
        let sentence = if matches!(node.tree, Tree::Deep(_)) {
            format!("{what} must be {wanted}, and this one is nested too deeply or too large to be read")
        } else {
            format!("{what} must be {wanted}, not {}", node.kind())
        };
        self.error(node, path, sentence);
    }
}

/// The known word that is nearest to `word`, when it is near enough to have been meant.
pub(super) fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let lower = word.to_lowercase();
    let distance = |other: &str| strsim::damerau_levenshtein(&lower, &other.to_lowercase());
    let near = known.into_iter().map(|other| (distance(other), other)).min_by_key(|(distance, _)| *distance);
    near.filter(|(distance, other)| *distance <= 1 + other.len() / 5 && word.len() <= 64)
        .map(|(_, other)| other)
}
