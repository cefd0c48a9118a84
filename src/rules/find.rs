//! A rule by what a person types for it. Must not know how answers look.

use super::Rules;
use super::problem::nearest;
use super::rule::Rule;

impl Rules {
    /// The rule of that id or name.
    pub fn find(&self, word: &str) -> Option<&Rule> {
        let id = word.to_ascii_lowercase();
        self.rules.iter().find(|rule| rule.slug == word || rule.id == id)
    }

    /// The name that was probably meant.
    pub fn nearest(&self, word: &str) -> Option<&str> {
        nearest(word, self.rules.iter().map(|rule| rule.slug.as_str()))
    }
}
