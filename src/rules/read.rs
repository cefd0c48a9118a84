//! The bytes of one file become a rule, an exception, or what is wrong with them. Bounded: size, regular expressions,
//! nesting. Must not know the other files.

use super::problem::{Position, Problem, nearest, place_in, position_of_key};
use super::rule::{Exception, Origin, Rule};
use super::{FILE_CAP, Source, fields};
use crate::model::level::Level;
use regex::RegexBuilder;
use rsigma_parser::{
    ConditionExpr, Detection, DetectionItem, FilterRule, FilterRuleTarget, Modifier, SigmaRule, SigmaValue,
};
use std::path::Path;

/// More regular expressions than this are not taken from one file.
const MOST_EXPRESSIONS: usize = 32;

/// A compiled regular expression takes no more than this.
const EXPRESSION_CAP: usize = 1 << 18;

/// More values than this are not taken from one file.
const MOST_VALUES: usize = 10_000;

/// Lists and mappings are not nested deeper than this, nor are lines indented further.
const DEEPEST: usize = 256;

/// The product that our rules are for.
const PRODUCT: &str = "mcpwatch";

/// The keys of a rule that others than their author ask for.
const KEYS: &[&str] = &[
    "author",
    "correlation",
    "custom_attributes",
    "date",
    "description",
    "detection",
    "falsepositives",
    "fields",
    "filter",
    "id",
    "level",
    "license",
    "logsource",
    "modified",
    "name",
    "references",
    "related",
    "scope",
    "status",
    "tags",
    "taxonomy",
    "title",
];

/// What a file holds: for everybody, and for the evaluator.
pub(super) enum Read {
    Rule(Rule, Box<SigmaRule>),
    Exception(Exception, Box<SigmaRule>),
}

/// A sentence, and where it belongs.
type Fault = (Position, String);

/// Reads one file. Everything that is wrong with it is said, as far as that goes.
pub(super) fn read(source: &Source) -> Result<Read, Vec<Problem>> {
    let problem =
        |((line, column), sentence): Fault| Problem { file: source.file.clone(), line, column, sentence };
    text(&source.bytes)
        .map_err(|fault| vec![fault])
        .and_then(|text| document(text, source))
        .map_err(|faults| faults.into_iter().map(problem).collect())
}

fn text(bytes: &[u8]) -> Result<&str, Fault> {
    if bytes.len() as u64 > FILE_CAP {
        return Err(((1, 1), format!("larger than {} KiB: one rule a file", FILE_CAP >> 10)));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = 1 + memchr::memchr_iter(b'\n', before).count();
        ((line, 1), "this is not UTF-8".to_owned())
    })
}

fn document(text: &str, source: &Source) -> Result<Read, Vec<Fault>> {
    aliases(text)?;
    nesting(text)?;
    let at = |key: &str| position_of_key(text, key);
    let mut found =
        rsigma_parser::parse_sigma_yaml(text).map_err(|error| vec![placed(text, &error.to_string())])?;
    if !found.errors.is_empty() {
        return Err(found.errors.iter().map(|error| placed(text, error)).collect());
    }
    if !found.correlations.is_empty() {
        let sentence = "correlation rules are not evaluated: ask for the fields below mcpwatch.provenance and \
                        mcpwatch.drift.changed instead";
        return Err(vec![(at("correlation"), sentence.to_owned())]);
    }
    match (found.rules.pop(), found.filters.pop()) {
        (Some(rule), None) if found.rules.is_empty() => {
            if source.origin == Origin::Exception {
                return Err(vec![(
                    (1, 1),
                    "this directory holds exceptions only, and this is a rule".to_owned(),
                )]);
            }
            self::rule(rule, text, source)
        }
        (None, Some(filter)) if found.filters.is_empty() => exception(filter, text, source),
        (None, None) => Err(vec![((1, 1), "there is no rule in this file".to_owned())]),
        _ => Err(vec![((1, 1), "there is more than one rule in this file: one a file".to_owned())]),
    }
}

/// What an alias stands for is copied at each place where it stands, and its copies' copies too.
fn aliases(text: &str) -> Result<(), Vec<Fault>> {
    let is_alias = |word: &str| word.len() > 1 && word.starts_with('*') && !word.ends_with(['*', '\'', '"']);
    for (number, line) in text.lines().enumerate() {
        let content = line.trim_start();
        if content.starts_with('#') {
            continue;
        }
        let value = content.split_once(": ").map_or(content, |(_, value)| value);
        let value = value.trim_start_matches(['-', ' ', '[']);
        if is_alias(value.split([',', ' ', ']']).next().unwrap_or_default()) {
            let sentence = "aliases are not understood; quote the value if it begins with a wildcard";
            return Err(vec![((number + 1, 1), sentence.to_owned())]);
        }
    }
    Ok(())
}

/// The YAML reader takes a time that grows with the square of the depth, before it refuses.
fn nesting(text: &str) -> Result<(), Vec<Fault>> {
    let mut depth = 0_usize;
    for (number, line) in text.lines().enumerate() {
        let indicators = line.split(' ').take_while(|word| matches!(*word, "" | "-" | "?" | ":")).count();
        for byte in line.bytes() {
            match byte {
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        if depth > DEEPEST || indicators > DEEPEST {
            return Err(vec![((number + 1, 1), "nested too deeply".to_owned())]);
        }
    }
    Ok(())
}

fn placed(text: &str, message: &str) -> Fault {
    let message = message.strip_prefix("YAML parse error: ").unwrap_or(message);
    if message.starts_with("Condition") || message.contains("condition") {
        return (position_of_key(text, "condition"), message.to_owned());
    }
    if let Some((_, key)) = message.split_once("Unknown modifier '") {
        let modifier = key.trim_end_matches('\'');
        let mark = format!("|{modifier}");
        let line = text.lines().position(|line| line.contains(&mark)).map_or(1, |line| line + 1);
        let column = text
            .lines()
            .nth(line - 1)
            .and_then(|content| Some(content.get(..content.find(&mark)?)?.chars().count() + 2))
            .unwrap_or(1);
        return ((line, column), format!("there is no modifier \"{modifier}\""));
    }
    place_in(message)
}

fn rule(sigma: SigmaRule, text: &str, source: &Source) -> Result<Read, Vec<Fault>> {
    let at = |key: &str| position_of_key(text, key);
    let mut faults = Vec::new();
    for key in sigma.custom_attributes.keys() {
        if let Some(near) = nearest(key, KEYS.iter().copied()) {
            faults.push((at(key), format!("unknown key \"{key}\"; did you mean \"{near}\"?")));
        }
    }
    product(sigma.logsource.product.as_deref(), text, &mut faults);
    let id = identity(sigma.id.as_deref(), text, &mut faults);
    let level = sigma.level.and_then(|level| level.as_str().parse::<Level>().ok());
    if level.is_none() {
        let sentence = "a rule needs a level: informational, low, medium, high or critical";
        faults.push((at("level"), sentence.to_owned()));
    }
    let mut looked = Looked::default();
    sigma.detection.named.values().for_each(|detection| looked.at(detection, text, &mut faults));
    let (Some(id), Some(level), true) = (id, level, faults.is_empty()) else { return Err(faults) };
    let rule = Rule {
        id,
        slug: slug(&source.file),
        title: sigma.title.clone(),
        description: sigma.description.clone().unwrap_or_default().trim().to_owned(),
        level,
        status: sigma.status.map(|status| format!("{status:?}").to_lowercase()),
        falsepositives: sigma.falsepositives.clone(),
        tags: sigma.tags.clone(),
        references: sigma.references.clone(),
        author: sigma.author.clone(),
        date: sigma.date.clone(),
        origin: source.origin,
        file: source.file.clone(),
        detail: looked.detail(),
    };
    Ok(Read::Rule(rule, Box::new(sigma)))
}

/// A filter is evaluated like a rule of its own, which says whether those that it names may match.
fn exception(filter: FilterRule, text: &str, source: &Source) -> Result<Read, Vec<Fault>> {
    let mut faults = Vec::new();
    product(filter.logsource.as_ref().and_then(|source| source.product.as_deref()), text, &mut faults);
    let id = identity(filter.id.as_deref(), text, &mut faults);
    let mut looked = Looked::default();
    filter.detection.named.values().for_each(|detection| looked.at(detection, text, &mut faults));
    if filter.detection.conditions.iter().all(|condition| !is_negative(condition)) {
        let sentence = "the condition of an exception says when the rule still counts: \"not selection\"";
        faults.push((position_of_key(text, "condition"), sentence.to_owned()));
    }
    let (Some(id), true) = (id, faults.is_empty()) else { return Err(faults) };
    let sigma = SigmaRule {
        title: filter.title.clone(),
        logsource: filter.logsource.unwrap_or_default(),
        detection: filter.detection,
        sigma_version: None,
        id: Some(id.clone()),
        name: None,
        related: Vec::new(),
        taxonomy: None,
        status: None,
        description: None,
        license: None,
        author: None,
        references: Vec::new(),
        date: None,
        modified: None,
        fields: Vec::new(),
        falsepositives: Vec::new(),
        level: None,
        tags: Vec::new(),
        scope: Vec::new(),
        custom_attributes: Default::default(),
    };
    let exception = Exception {
        id,
        title: filter.title,
        description: filter.description.unwrap_or_default().trim().to_owned(),
        rules: match filter.rules {
            FilterRuleTarget::Any => Vec::new(),
            FilterRuleTarget::Specific(rules) => rules,
        },
        file: source.file.clone(),
    };
    Ok(Read::Exception(exception, Box::new(sigma)))
}

fn is_negative(condition: &ConditionExpr) -> bool {
    match condition {
        ConditionExpr::Not(_) => true,
        ConditionExpr::And(parts) | ConditionExpr::Or(parts) => parts.iter().any(is_negative),
        _ => false,
    }
}

fn product(product: Option<&str>, text: &str, faults: &mut Vec<Fault>) {
    if product == Some(PRODUCT) {
        return;
    }
    let sentence = match product {
        Some(other) => format!("this is for the product \"{other}\", and events here are of \"{PRODUCT}\""),
        None => format!("logsource must name the product: \"product: {PRODUCT}\""),
    };
    let key = if product.is_some() { "product" } else { "logsource" };
    faults.push((position_of_key(text, key), sentence));
}

fn identity(id: Option<&str>, text: &str, faults: &mut Vec<Fault>) -> Option<String> {
    let id = id.map(str::to_ascii_lowercase);
    if id.as_deref().is_some_and(|id| uuid::Uuid::try_parse(id).is_ok()) {
        return id;
    }
    let sentence = "it needs an id of its own: a UUID, as uuidgen makes them";
    faults.push((position_of_key(text, "id"), sentence.to_owned()));
    None
}

fn slug(file: &Path) -> String {
    file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// What was met while a detection was gone through.
#[derive(Default)]
struct Looked {
    fields: std::collections::BTreeSet<String>,
    expressions: usize,
    values: usize,
}

impl Looked {
    fn at(&mut self, detection: &Detection, text: &str, faults: &mut Vec<Fault>) {
        match detection {
            Detection::AllOf(items) => items.iter().for_each(|item| self.at_item(item, text, faults)),
            Detection::AnyOf(parts) | Detection::And(parts) => {
                parts.iter().for_each(|part| self.at(part, text, faults));
            }
            Detection::Keywords(values) => self.count(values.len(), text, faults),
            Detection::ArrayMatch { field, .. } => {
                let sentence = "matching within lists is not carried to every SIEM: name the field with dots";
                faults.push((position_of_key(text, field), sentence.to_owned()));
            }
            Detection::Conditional { .. } => {
                let sentence = "conditions within a selection are not carried to every SIEM";
                faults.push((position_of_key(text, "detection"), sentence.to_owned()));
            }
        }
    }

    fn at_item(&mut self, item: &DetectionItem, text: &str, faults: &mut Vec<Fault>) {
        self.count(item.values.len(), text, faults);
        if let Some(name) = &item.field.name {
            if self.fields.insert(name.clone())
                && let Some(sentence) = fields::fault(name)
            {
                faults.push((position_of_key(text, name), sentence));
            }
            if item.field.has_modifier(Modifier::Re) {
                self.expressions(name, &item.values, text, faults);
            }
        }
    }

    /// Who did it says more than what was done.
    fn detail(&self) -> usize {
        let who = self.fields.iter().filter(|field| field.starts_with("mcpwatch.provenance.")).count();
        self.fields.len() + who
    }

    fn count(&mut self, values: usize, text: &str, faults: &mut Vec<Fault>) {
        let before = self.values;
        self.values = before.saturating_add(values);
        if before <= MOST_VALUES && self.values > MOST_VALUES {
            faults.push((position_of_key(text, "detection"), format!("more than {MOST_VALUES} values")));
        }
    }

    /// Expressions take linear time here whatever they say; what they may take is room, and that is looked at before.
    fn expressions(&mut self, field: &str, values: &[SigmaValue], text: &str, faults: &mut Vec<Fault>) {
        let place = position_of_key(text, field);
        for value in values {
            self.expressions += 1;
            if self.expressions > MOST_EXPRESSIONS {
                if self.expressions == MOST_EXPRESSIONS + 1 {
                    faults.push((place, format!("more than {MOST_EXPRESSIONS} regular expressions")));
                }
                return;
            }
            let SigmaValue::String(expression) = value else { continue };
            if let Err(error) = RegexBuilder::new(&expression.original).size_limit(EXPRESSION_CAP).build() {
                let why = match error {
                    regex::Error::CompiledTooBig(_) => "it needs too much room: repeat less".to_owned(),
                    other => other.to_string().lines().last().unwrap_or_default().to_owned(),
                };
                faults.push((place, format!("the regular expression is refused: {why}")));
            }
        }
    }
}
