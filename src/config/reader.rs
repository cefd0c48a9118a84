//! Reads typed values out of a TOML table and collects what is wrong with them. Knows nothing of which keys
//! there are.

use crate::config::Homes;
use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What is wrong with a configuration, and where. The text names no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub sentence: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.sentence)
    }
}

/// What is wrong so far, and the text that it is in.
pub(super) struct Problems<'t> {
    text: &'t str,
    pub(super) found: Vec<Problem>,
}

impl<'t> Problems<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, found: Vec::new() }
    }

    /// The whole document, or `None` when it is no TOML.
    pub(super) fn root(&mut self) -> Option<DeTable<'t>> {
        match DeTable::parse(self.text) {
            Ok(root) => Some(root.into_inner()),
            Err(error) => {
                self.say(error.span().map_or(0, |span| span.start), error.message().to_owned());
                None
            }
        }
    }

    fn say(&mut self, offset: usize, sentence: String) {
        let before = self.text.get(..offset.min(self.text.len())).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        self.found.push(Problem { line, column, sentence });
    }
}

/// One table of the file.
pub(super) struct Section<'a, 't> {
    prefix: String,
    table: &'a DeTable<'t>,
    /// Where it begins in the text.
    start: usize,
}

impl<'a, 't> Section<'a, 't> {
    pub(super) fn new(prefix: &str, table: &'a DeTable<'t>) -> Self {
        Self { prefix: prefix.to_owned(), table, start: 0 }
    }

    /// Reports every key that is not one of `known`.
    pub(super) fn only(&self, known: &[&str], problems: &mut Problems<'_>) {
        for key in self.table.keys() {
            let name: &Cow<'_, str> = key.get_ref();
            if known.contains(&name.as_ref()) {
                continue;
            }
            let nearest = known
                .iter()
                .map(|candidate| (strsim::damerau_levenshtein(candidate, name), candidate))
                .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 3)
                .min();
            let hint = match nearest {
                Some((_, candidate)) => format!("did you mean \"{}{candidate}\"?", self.prefix),
                None => format!("the keys here are {}", known.join(", ")),
            };
            problems.say(key.span().start, format!("unknown key \"{}{name}\"; {hint}", self.prefix));
        }
    }

    /// The value of `key` as `read` takes it; what it refuses is reported.
    pub(super) fn read<T>(
        &self,
        key: &str,
        problems: &mut Problems<'_>,
        read: fn(&DeValue<'_>) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.table.get(key)?;
        read(value.get_ref())
            .map_err(|wanted| problems.say(value.span().start, format!("\"{}{key}\" {wanted}", self.prefix)))
            .ok()
    }

    /// The table under `key`.
    pub(super) fn section(&self, key: &str, problems: &mut Problems<'_>) -> Option<Section<'a, 't>> {
        self.as_section(key, self.table.get(key)?, problems)
    }

    /// Every table in this one, by name.
    pub(super) fn sections(&self, problems: &mut Problems<'_>) -> Vec<(&'a str, Section<'a, 't>)> {
        let mut found = Vec::new();
        for (key, value) in self.table {
            let name = key.get_ref().as_ref();
            if !Path::new(name).is_absolute() {
                problems.say(key.span().start, format!("\"{}{name}\" must be an absolute path", self.prefix));
            } else if let Some(section) = self.as_section(name, value, problems) {
                found.push((name, section));
            }
        }
        found
    }

    /// Every table of the list of tables under `key`.
    pub(super) fn tables(&self, key: &str, problems: &mut Problems<'_>) -> Vec<Section<'a, 't>> {
        let Some(value) = self.table.get(key) else { return Vec::new() };
        let items = value.get_ref().as_array();
        let tables =
            items.map(|items| items.iter().map(|item| Some((item.span(), item.get_ref().as_table()?))));
        let tables: Option<Vec<_>> = tables.and_then(Iterator::collect);
        let Some(tables) = tables else {
            problems.say(
                value.span().start,
                format!("\"{}{key}\" must be a list of tables: write [[{key}]]", self.prefix),
            );
            return Vec::new();
        };
        let section = |(span, table): (std::ops::Range<usize>, _)| Section {
            prefix: format!("{}{key}.", self.prefix),
            table,
            start: span.start,
        };
        tables.into_iter().map(section).collect()
    }

    /// The value of `key`, which must be there.
    pub(super) fn required<T>(
        &self,
        key: &str,
        problems: &mut Problems<'_>,
        read: fn(&DeValue<'_>) -> Result<T, String>,
    ) -> Option<T> {
        if !self.table.contains_key(key) {
            problems.say(self.start, format!("\"{}{key}\" is missing", self.prefix));
        }
        self.read(key, problems, read)
    }

    /// Every name and text of the table under `key`, as `read` takes them.
    pub(super) fn texts<T>(
        &self,
        key: &str,
        problems: &mut Problems<'_>,
        read: fn(&str, &str) -> Result<T, String>,
    ) -> Vec<T> {
        let Some(section) = self.section(key, problems) else { return Vec::new() };
        let mut found = Vec::new();
        for (name, value) in section.table {
            let text = value.get_ref().as_str().ok_or_else(|| "must be a string".to_owned());
            match text.and_then(|text| read(name.get_ref(), text)) {
                Ok(item) => found.push(item),
                Err(wanted) => {
                    problems
                        .say(name.span().start, format!("\"{}{}\" {wanted}", section.prefix, name.get_ref()));
                }
            }
        }
        found
    }

    /// Reports the value of `key`, where there is one.
    pub(super) fn refuse(&self, key: &str, why: &str, problems: &mut Problems<'_>) {
        if let Some(value) = self.table.get(key) {
            problems.say(value.span().start, format!("\"{}{key}\" {why}", self.prefix));
        }
    }

    fn as_section(
        &self,
        key: &str,
        value: &'a Spanned<DeValue<'t>>,
        problems: &mut Problems<'_>,
    ) -> Option<Section<'a, 't>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            let sentence = format!("\"{}{key}\" must be a table: write [{}{key}]", self.prefix, self.prefix);
            problems.say(value.span().start, sentence);
        }
        Some(Section { prefix: format!("{}{key}.", self.prefix), table: table?, start: value.span().start })
    }
}

/// A word of a closed list.
pub(super) fn word<T: FromStr<Err = &'static str>>(value: &DeValue<'_>) -> Result<T, String> {
    const TEXT: &str = "must be a string";
    value.as_str().ok_or(TEXT)?.parse().map_err(|words| format!("must be {words}"))
}

/// Yes or no.
pub(super) fn truth(value: &DeValue<'_>) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "must be true or false".to_owned())
}

/// A small number, at least one.
pub(super) fn few(value: &DeValue<'_>) -> Result<u32, String> {
    const WANTED: &str = "must be a whole number from 1 to 1000";
    let digits = value.as_integer().ok_or(WANTED)?;
    u32::from_str_radix(digits.as_str(), digits.radix())
        .ok()
        .filter(|number| (1..=1_000).contains(number))
        .ok_or_else(|| WANTED.to_owned())
}

/// An absolute path.
pub(super) fn path(value: &DeValue<'_>) -> Result<PathBuf, String> {
    const WANTED: &str = "must be an absolute path in quotes";
    value.as_str().map(PathBuf::from).filter(|path| path.is_absolute()).ok_or_else(|| WANTED.to_owned())
}

/// A list of absolute paths.
pub(super) fn paths(value: &DeValue<'_>) -> Result<Vec<PathBuf>, String> {
    const WANTED: &str = "must be a list of absolute paths, such as [\"/srv/app\"]";
    let items = value.as_array().ok_or(WANTED)?;
    items.iter().map(|item| path(item.get_ref())).collect::<Result<_, _>>().map_err(|_| WANTED.to_owned())
}

/// One absolute path or a list of them.
pub(super) fn path_or_paths(value: &DeValue<'_>) -> Result<Vec<PathBuf>, String> {
    if value.as_array().is_some() { paths(value) } else { path(value).map(|path| vec![path]) }
}

/// Public keys of minisign, as they stand in the second line of a `.pub` file.
pub(super) fn public_keys(value: &DeValue<'_>) -> Result<Vec<String>, String> {
    const WANTED: &str =
        "must be a list of public keys of minisign, such as [\"RWR8…\"], the second line of a .pub file";
    /// Two bytes of algorithm, eight that name the key, and the key, in base64.
    const LENGTH: usize = 56;
    let key = |value: &Spanned<DeValue<'_>>| {
        let key = value.get_ref().as_str()?;
        (key.len() == LENGTH && key.starts_with("RW")).then(|| key.to_owned())
    };
    let keys: Option<Vec<String>> = value.as_array().ok_or(WANTED)?.iter().map(key).collect();
    keys.filter(|keys| !keys.is_empty()).ok_or_else(|| WANTED.to_owned())
}

/// Which homes are watched.
pub(super) fn homes(value: &DeValue<'_>) -> Result<Homes, String> {
    match value.as_str() {
        Some("own") => return Ok(Homes::Own),
        Some("all") => return Ok(Homes::All),
        _ => {}
    }
    const WANTED: &str = "must be \"own\", \"all\" or a list of directories with absolute paths";
    paths(value).map(Homes::Listed).map_err(|_| WANTED.to_owned())
}

/// A number of bytes with its unit.
pub(super) fn size(value: &DeValue<'_>) -> Result<u64, String> {
    const WANTED: &str = "must be a size in quotes with its unit (B, KiB, MiB, GiB), such as \"256MiB\"";
    let (number, unit) = value.as_str().and_then(split_unit).ok_or(WANTED)?;
    let shift = match unit {
        "B" => 0,
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        _ => return Err(WANTED.to_owned()),
    };
    let bytes = number.checked_mul(1 << shift).ok_or(WANTED)?;
    if bytes < 1024 { Err("must be at least 1KiB".to_owned()) } else { Ok(bytes) }
}

/// A length of time with its unit.
pub(super) fn duration(value: &DeValue<'_>) -> Result<Duration, String> {
    const WANTED: &str = "must be a time in quotes with its unit (s, m, h, d), such as \"30s\" or \"5m\"";
    let (number, unit) = value.as_str().and_then(split_unit).ok_or(WANTED)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(WANTED.to_owned()),
    };
    let seconds = number.checked_mul(unit).ok_or(WANTED)?;
    if seconds == 0 { Err("must be at least 1s".to_owned()) } else { Ok(Duration::from_secs(seconds)) }
}

/// How long events are kept.
pub(super) fn days(value: &DeValue<'_>) -> Result<Duration, String> {
    const WANTED: &str = "must be a time in quotes with its unit (s, m, h, d), such as \"90d\" or \"365d\"";
    let kept = duration(value).map_err(|_| WANTED.to_owned())?;
    if kept < Duration::from_secs(86_400) { Err("must be at least 1d".to_owned()) } else { Ok(kept) }
}

/// How much room the journal may take.
pub(super) fn journal_size(value: &DeValue<'_>) -> Result<u64, String> {
    let bytes = size(value)?;
    if bytes < 16 << 20 { Err("must be at least 16MiB".to_owned()) } else { Ok(bytes) }
}

fn split_unit(text: &str) -> Option<(u64, &str)> {
    let digits = text.find(|character: char| !character.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    Some((number.parse().ok()?, unit.trim()))
}
