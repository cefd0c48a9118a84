//! Many files become the rules in force: each is read for itself, and one that is broken leaves the others in force.
//! Must not know what is in a document.

use super::problem::{Problem, position_of_key};
use super::read::{Read, read};
use super::rule::{Exception, Rule};
use super::{Rules, Source};
use rsigma_eval::{CompiledRule, compile_rule};
use std::collections::HashMap;

impl Rules {
    /// Loads what these files say.
    pub fn load(sources: impl IntoIterator<Item = Source>) -> Self {
        let mut loading = Loading::default();
        sources.into_iter().for_each(|source| loading.take(&source));
        loading.finish()
    }

    /// The same rules, and what else is known to be wrong: files that could not be read at all.
    pub fn with_problems(mut self, problems: impl IntoIterator<Item = Problem>) -> Self {
        self.problems.extend(problems);
        self.problems.sort();
        self
    }
}

#[derive(Default)]
struct Loading {
    rules: Vec<(Rule, CompiledRule)>,
    exceptions: Vec<(Exception, CompiledRule, (usize, usize))>,
    problems: Vec<Problem>,
    /// By id: the file that has it.
    taken: HashMap<String, String>,
}

impl Loading {
    fn take(&mut self, source: &Source) {
        let read = match read(source) {
            Ok(read) => read,
            Err(problems) => return self.problems.extend(problems),
        };
        let text = String::from_utf8_lossy(&source.bytes);
        let mut refuse = |key: &str, sentence: String| {
            let (line, column) = position_of_key(&text, key);
            self.problems.push(Problem { file: source.file.clone(), line, column, sentence });
        };
        let (id, sigma) = match &read {
            Read::Rule(rule, sigma) => (&rule.id, sigma),
            Read::Exception(exception, sigma) => (&exception.id, sigma),
        };
        if let Some(other) = self.taken.get(id) {
            return refuse("id", format!("its id is that of {other}: every rule has its own"));
        }
        let compiled = match compile_rule(sigma) {
            Ok(compiled) => compiled,
            Err(error) => return refuse("condition", error.to_string()),
        };
        self.taken.insert(id.clone(), source.file.display().to_string());
        match read {
            Read::Rule(rule, _) => self.rules.push((rule, compiled)),
            Read::Exception(exception, _) => {
                self.exceptions.push((exception, compiled, position_of_key(&text, "rules")));
            }
        }
    }

    fn finish(mut self) -> Rules {
        self.rules.sort_by(|(one, _), (other, _)| one.order().cmp(&other.order()));
        let (rules, conditions): (Vec<Rule>, Vec<CompiledRule>) = self.rules.into_iter().unzip();
        let (mut exceptions, mut exception_conditions) = (Vec::new(), Vec::new());
        for (exception, condition, (line, column)) in self.exceptions {
            let lacks =
                |named: &&String| !rules.iter().any(|rule| rule.id == **named || rule.slug == **named);
            if let Some(missing) = exception.rules.iter().find(lacks) {
                let sentence = format!("no rule has the id or the name \"{missing}\"");
                self.problems.push(Problem { file: exception.file.clone(), line, column, sentence });
            }
            exceptions.push(exception);
            exception_conditions.push(condition);
        }
        self.problems.sort();
        Rules { rules, exceptions, problems: self.problems, conditions, exception_conditions }
    }
}
