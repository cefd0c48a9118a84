//! Keeps the drawing in `ARCHITECTURE.md` true: which module may name which, and which crate is named
//! where. Works on tokens, not on parsed items, so that paths in macros and in function bodies count too.

#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// One row of the table: a module, the layer it stands on, and the crates that only rows with them may
/// name.
struct Module {
    layer: u8,
    file: &'static str,
    crates: &'static [&'static str],
}

const fn row(layer: u8, file: &'static str, crates: &'static [&'static str]) -> Module {
    Module { layer, file, crates }
}

/// The table. `ARCHITECTURE.md` shows the same one; a test compares them.
const TABLE: &[Module] = &[
    row(
        7,
        "cli/",
        &[
            "clap",
            "clap_complete",
            "clap_mangen",
            "anstream",
            "anstyle",
            "terminal_size",
            "unicode_width",
            "tracing_subscriber",
        ],
    ),
    row(6, "compose.rs", &[]),
    row(6, "agent.rs", &["signal_hook"]),
    row(5, "attribution.rs", &[]),
    row(5, "check.rs", &[]),
    row(5, "delivery.rs", &["backon"]),
    row(5, "pipeline.rs", &[]),
    row(5, "restore.rs", &[]),
    row(4, "sensor/", &["notify"]),
    row(4, "session/", &[]),
    row(4, "sink/", &["flate2", "prost", "rustls", "rustls_native_certs", "ureq"]),
    row(4, "journal/", &["rusqlite", "chacha20poly1305"]),
    row(3, "host/", &["crc32fast", "libc", "rustix", "sysinfo", "thread_priority", "uzers"]),
    row(2, "surface/", &[]),
    row(2, "baseline/", &["minisign_verify", "url"]),
    row(2, "credentials/", &[]),
    row(2, "drift/", &["similar", "unicode_security"]),
    row(2, "rules/", &["rsigma_eval", "rsigma_parser", "include_dir", "regex"]),
    row(2, "provenance/", &[]),
    row(2, "receipt/", &["toml"]),
    row(2, "export/", &["prost"]),
    row(2, "config.rs", &["toml"]),
    row(2, "splice/", &[]),
    row(1, "json/", &["serde_json::value::RawValue", "serde_json::value::to_raw_value", "simdutf8"]),
    row(0, "model/", &["sha2", "hmac", "litemap", "url"]),
];

/// Crates that every module may name. A new dependency goes here or into the table.
const FREE: &[&str] =
    &["getrandom", "jiff", "memchr", "serde", "serde_json", "strsim", "thiserror", "tracing", "uuid"];

/// The binary hands over to this module and names no other.
const ENTRANCE: &str = "cli";

/// The library's own name, as the binary spells it.
const LIBRARY: &str = "mcpwatch";

impl Module {
    fn name(&self) -> &'static str {
        self.file.trim_end_matches('/').trim_end_matches(".rs")
    }

    /// Whether a file under `src` belongs to this module.
    fn claims(&self, path: &str) -> bool {
        path == self.file || path.starts_with(&format!("{}/", self.name()))
    }
}

fn module(name: &str) -> Option<&'static Module> {
    TABLE.iter().find(|module| module.name() == name)
}

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    /// Something of this crate, from its root.
    Internal(Vec<String>),
    /// Something of another crate (or a name that is no crate, such as a type).
    External(Vec<String>),
    /// More `super` than there are modules above.
    AboveRoot,
}

/// A path as it is written.
#[derive(Clone, Debug)]
struct Written {
    line: usize,
    /// The inline module it stands in, from the crate's root.
    scope: Vec<String>,
    /// Whether `::` stands before it.
    absolute: bool,
    segments: Vec<String>,
}

/// Everything that matters in one source file.
#[derive(Default)]
struct Found {
    paths: Vec<Written>,
    /// Names that `use` brings into a scope, and what they stand for.
    aliases: BTreeMap<(Vec<String>, String), Written>,
    /// Child modules declared in a scope.
    children: BTreeSet<(Vec<String>, String)>,
    /// Identifiers, wherever they stand.
    identifiers: BTreeMap<String, usize>,
    /// Whether the file lies beside `lib.rs`, where another file's name is another module.
    at_root: bool,
    /// What could be used to get round the rules.
    tricks: Vec<(usize, &'static str)>,
}

fn text(ident: &Ident) -> String {
    ident.to_string().trim_start_matches("r#").to_owned()
}

fn line(ident: &Ident) -> usize {
    ident.span().start().line
}

fn is_word(tree: Option<&TokenTree>, word: &str) -> bool {
    matches!(tree, Some(TokenTree::Ident(ident)) if ident == word)
}

fn is_punct(tree: Option<&TokenTree>, character: char) -> bool {
    matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

fn is_colons(trees: &[TokenTree], at: usize) -> bool {
    is_punct(trees.get(at), ':') && is_punct(trees.get(at + 1), ':')
}

fn group(tree: Option<&TokenTree>, delimiter: Delimiter) -> Option<&Group> {
    match tree {
        Some(TokenTree::Group(group)) if group.delimiter() == delimiter => Some(group),
        _ => None,
    }
}

fn trees(stream: TokenStream) -> Vec<TokenTree> {
    stream.into_iter().collect()
}

impl Found {
    fn in_source(path: &str, source: &str) -> Self {
        let mut scope: Vec<String> = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if scope.last().is_some_and(|last| last == "mod") || path == "lib.rs" || path == "main.rs" {
            scope.pop();
        }
        let stream = source.parse().unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut found = Self { at_root: !path.contains('/'), ..Self::default() };
        found.walk(&trees(stream), &scope);
        found
    }

    fn walk(&mut self, trees: &[TokenTree], scope: &[String]) {
        let mut at = 0;
        while let Some(tree) = trees.get(at) {
            at = match tree {
                TokenTree::Group(group) => {
                    self.walk(&self::trees(group.stream()), scope);
                    at + 1
                }
                TokenTree::Ident(ident) => self.word(trees, at, ident, scope),
                TokenTree::Punct(_) | TokenTree::Literal(_) => at + 1,
            };
        }
    }

    /// Looks at the word at `at`; answers where to go on.
    fn word(&mut self, trees: &[TokenTree], at: usize, ident: &Ident, scope: &[String]) -> usize {
        self.identifiers.entry(text(ident)).or_insert_with(|| line(ident));
        let next = trees.get(at + 1);
        if ident == "use" && !is_punct(next, '<') {
            let end = trees.iter().skip(at).position(|tree| is_punct(Some(tree), ';'));
            let end = end.map_or(trees.len(), |length| at + length);
            self.import(&trees[at + 1..end], line(ident), scope, &[], false);
            return end;
        }
        if ident == "extern" && is_word(next, "crate") {
            if let Some(TokenTree::Ident(name)) = trees.get(at + 2) {
                if name == "self" {
                    self.tricks.push((line(name), "`extern crate self` gives the crate another name"));
                }
                self.path(line(name), scope, true, vec![text(name)]);
            }
            return at + 3;
        }
        if ident == "mod" {
            if let Some(TokenTree::Ident(name)) = next {
                self.children.insert((scope.to_vec(), text(name)));
                if let Some(body) = group(trees.get(at + 2), Delimiter::Brace) {
                    let inner: Vec<String> = scope.iter().cloned().chain([text(name)]).collect();
                    self.walk(&self::trees(body.stream()), &inner);
                    return at + 3;
                }
            }
            return at + 2;
        }
        if ident == "pub"
            && let Some(visibility) = group(next, Delimiter::Parenthesis)
        {
            let inside = self::trees(visibility.stream());
            return if inside.len() == 1 { at + 2 } else { at + 1 };
        }
        let begins = at == 0 || is_punct(trees.get(at - 1), ',');
        if ident == "path"
            && begins
            && is_punct(next, '=')
            && let Some(TokenTree::Literal(file)) = trees.get(at + 2)
            && (self.at_root || file.to_string().contains(['/', '\\']))
        {
            self.tricks.push((line(ident), "`#[path]` puts a module where its name does not say"));
        }
        if is_keyword(ident) {
            return at + 1;
        }
        let absolute = at >= 2 && is_colons(trees, at - 2) && !continues(trees, at - 2);
        let mut segments = vec![text(ident)];
        let mut end = at + 1;
        while is_colons(trees, end)
            && let Some(TokenTree::Ident(segment)) = trees.get(end + 2)
        {
            self.identifiers.entry(text(segment)).or_insert_with(|| line(segment));
            segments.push(text(segment));
            end += 3;
        }
        if segments.last().is_some_and(|last| last == "include") && is_punct(trees.get(end), '!') {
            self.tricks.push((line(ident), "`include!` brings in code that no module claims"));
        }
        if segments.len() > 1 {
            self.path(line(ident), scope, absolute, segments);
        } else if ident == "crate" || ident == "super" {
            self.tricks.push((line(ident), "`crate` or `super` stands alone, where no path can be followed"));
        }
        end
    }

    /// Reads a `use` tree behind `prefix`.
    fn import(
        &mut self,
        trees: &[TokenTree],
        line_of_use: usize,
        scope: &[String],
        prefix: &[String],
        absolute: bool,
    ) {
        for part in trees.split(|tree| is_punct(Some(tree), ',')) {
            let absolute = absolute || (prefix.is_empty() && is_colons(part, 0));
            let (mut segments, mut alias, mut glob) = (prefix.to_vec(), None, false);
            let mut line_here = line_of_use;
            let mut renamed = false;
            let mut nested = false;
            for tree in part {
                match tree {
                    TokenTree::Ident(ident) if ident == "as" => renamed = true,
                    TokenTree::Ident(ident) if renamed => alias = Some(text(ident)),
                    TokenTree::Ident(ident) => {
                        self.identifiers.entry(text(ident)).or_insert_with(|| line(ident));
                        line_here = line(ident);
                        // `self` behind a prefix is the prefix itself.
                        if ident != "self" || segments.is_empty() {
                            segments.push(text(ident));
                        }
                    }
                    TokenTree::Group(group) => {
                        nested = true;
                        let inside = self::trees(group.stream());
                        self.import(&inside, line_here, scope, &segments, absolute);
                    }
                    TokenTree::Punct(punct) => glob |= punct.as_char() == '*',
                    TokenTree::Literal(_) => {}
                }
            }
            if nested || part.is_empty() {
                continue;
            }
            let written = Written { line: line_here, scope: scope.to_vec(), absolute, segments };
            if let Some(name) = alias.or_else(|| written.segments.last().cloned()).filter(|_| !glob) {
                self.aliases.insert((scope.to_vec(), name), written.clone());
            }
            self.paths.push(written);
        }
    }

    fn path(&mut self, line: usize, scope: &[String], absolute: bool, segments: Vec<String>) {
        self.paths.push(Written { line, scope: scope.to_vec(), absolute, segments });
    }

    /// Where a path leads, through `self`, `super`, child modules and imported names.
    fn resolve(&self, written: &Written, depth: usize) -> Target {
        let external = || Target::External(written.segments.clone());
        let Some(first) = written.segments.first().filter(|_| !written.absolute) else {
            return external();
        };
        let known = (written.scope.clone(), first.clone());
        match first.as_str() {
            "crate" => Target::Internal(written.segments[1..].to_vec()),
            LIBRARY => Target::Internal(written.segments[1..].to_vec()),
            "self" | "super" => climb(&written.scope, &written.segments),
            _ if self.children.contains(&known) => {
                Target::Internal(written.scope.iter().chain(&written.segments).cloned().collect())
            }
            _ => match self.aliases.get(&known) {
                Some(alias) if depth < 8 && alias.segments != [first.clone()] => {
                    let rest = written.segments[1..].iter().cloned();
                    match self.resolve(alias, depth + 1) {
                        Target::Internal(start) => Target::Internal(start.into_iter().chain(rest).collect()),
                        Target::External(start) => Target::External(start.into_iter().chain(rest).collect()),
                        Target::AboveRoot => Target::AboveRoot,
                    }
                }
                _ => external(),
            },
        }
    }
}

/// Whether the `::` at `colons` goes on from something to its left.
fn continues(trees: &[TokenTree], colons: usize) -> bool {
    match colons.checked_sub(1).and_then(|before| trees.get(before)) {
        Some(TokenTree::Ident(ident)) => !is_keyword(ident),
        Some(TokenTree::Punct(punct)) => punct.as_char() == '>',
        Some(TokenTree::Group(_) | TokenTree::Literal(_)) | None => false,
    }
}

/// Whether a word of the language stands here, behind which a new path may start.
fn is_keyword(ident: &Ident) -> bool {
    const KEYWORDS: [&str; 22] = [
        "as", "async", "await", "break", "const", "dyn", "else", "fn", "for", "if", "impl", "in", "let",
        "match", "move", "mut", "ref", "return", "static", "unsafe", "where", "while",
    ];
    KEYWORDS.iter().any(|keyword| ident == keyword)
}

fn climb(scope: &[String], segments: &[String]) -> Target {
    let mut place = scope.to_vec();
    for segment in segments {
        match segment.as_str() {
            "self" => {}
            "super" => {
                if place.pop().is_none() {
                    return Target::AboveRoot;
                }
            }
            other => place.push(other.to_owned()),
        }
    }
    Target::Internal(place)
}

/// One module names another, in a file, on a line.
type Arrows = BTreeMap<(String, String), String>;

/// Everything that is wrong with one file; its arrows to other modules are added to `arrows`.
fn faults(path: &str, source: &str, arrows: &mut Arrows) -> Vec<String> {
    let mut faults = Vec::new();
    if !source.starts_with("//!") {
        faults.push(format!("{path}: does not open with `//!`, saying what its job is"));
    }
    let found = Found::in_source(path, source);
    faults.extend(found.tricks.iter().map(|(line, trick)| format!("{path}:{line}: {trick}")));
    let own = TABLE.iter().find(|module| module.claims(path));
    if path == "lib.rs" {
        if !declares_modules_only(source) {
            faults.push(format!("{path}: holds more than `pub mod` lines"));
        }
    } else if own.is_none() && path != "main.rs" {
        faults.push(format!("{path}: no module of the table claims this file"));
        return faults;
    }
    for written in &found.paths {
        let at = format!("{path}:{}", written.line);
        match found.resolve(written, 0) {
            Target::AboveRoot => faults.push(format!("{at}: more `super` than there are modules")),
            Target::External(segments) => faults.extend(crate_fault(&at, own, &segments)),
            Target::Internal(place) => match place.first() {
                None => {
                    faults.push(format!("{at}: takes the crate's root itself, which hides what is named"))
                }
                Some(name) if own.is_some_and(|own| own.name() == name) => {}
                Some(name) => {
                    faults.extend(arrow_fault(&at, own, name));
                    if let Some(own) = own {
                        arrows.entry((own.name().to_owned(), name.clone())).or_insert(at);
                    }
                }
            },
        }
    }
    for owner in TABLE.iter().filter(|owner| own.is_none_or(|own| own.file != owner.file)) {
        for part in owner.crates.iter().filter(|part| part.contains("::")) {
            let word = part.rsplit("::").next().unwrap_or(part);
            if let Some(line) = found.identifiers.get(word) {
                faults.push(format!("{path}:{line}: `{part}` is named outside `{}`", owner.file));
            }
        }
    }
    faults
}

fn arrow_fault(at: &str, own: Option<&Module>, name: &str) -> Option<String> {
    let Some(target) = module(name) else {
        return Some(format!("{at}: `{name}` is no module of the table"));
    };
    match own {
        Some(own) if target.layer >= own.layer => Some(format!(
            "{at}: `{}` (layer {}) names `{}` (layer {}); only lower layers may be named",
            own.file, own.layer, target.file, target.layer
        )),
        None if name != ENTRANCE => {
            Some(format!("{at}: names `{name}`, where only `{ENTRANCE}` may be named"))
        }
        _ => None,
    }
}

fn crate_fault(at: &str, own: Option<&Module>, segments: &[String]) -> Option<String> {
    let name = segments.first()?;
    let owners: Vec<&Module> = TABLE.iter().filter(|module| module.crates.contains(&name.as_str())).collect();
    let allowed = owners.iter().any(|owner| own.is_some_and(|own| own.file == owner.file));
    let files: Vec<&str> = owners.iter().map(|owner| owner.file).collect();
    (!owners.is_empty() && !allowed)
        .then(|| format!("{at}: the crate `{name}` is named outside `{}`", files.join("` and `")))
}

/// Whether a source is nothing but attributes and `mod name;`, public or not.
fn declares_modules_only(source: &str) -> bool {
    let stream: TokenStream = source.parse().unwrap();
    let mut trees = trees(stream).into_iter().peekable();
    while let Some(tree) = trees.next() {
        let fits = match &tree {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                trees.next_if(|tree| is_punct(Some(tree), '!'));
                matches!(trees.next(), Some(TokenTree::Group(_)))
            }
            TokenTree::Ident(ident) if ident == "pub" => is_word(trees.peek(), "mod"),
            TokenTree::Ident(ident) if ident == "mod" => {
                matches!(trees.next(), Some(TokenTree::Ident(_))) && is_punct(trees.next().as_ref(), ';')
            }
            _ => false,
        };
        if !fits {
            return false;
        }
    }
    true
}

/// A circle of modules, if there is one: `a → b → a`.
fn circle(arrows: &Arrows) -> Option<Vec<String>> {
    fn follow(arrows: &Arrows, way: &mut Vec<String>) -> Option<Vec<String>> {
        let here = way.last()?.clone();
        for (_, to) in arrows.keys().filter(|(from, _)| *from == here) {
            if let Some(start) = way.iter().position(|module| module == to) {
                return Some(way[start..].iter().chain([to]).cloned().collect());
            }
            way.push(to.clone());
            if let Some(circle) = follow(arrows, way) {
                return Some(circle);
            }
            way.pop();
        }
        None
    }
    arrows.keys().find_map(|(from, _)| follow(arrows, &mut vec![from.clone()]))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file under `src`: its path from there, and its text.
fn sources() -> Vec<(String, String)> {
    fn collect(directory: &Path, sources: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, sources);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let relative = path.strip_prefix(root().join("src")).unwrap();
                sources.push((
                    relative.to_str().unwrap().replace('\\', "/"),
                    fs::read_to_string(&path).unwrap(),
                ));
            }
        }
    }
    let mut sources = Vec::new();
    collect(&root().join("src"), &mut sources);
    sources.sort();
    sources
}

fn document() -> String {
    fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap()
}

/// What stands between backticks, in order.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[test]
fn modules_name_lower_layers_only_and_crates_stay_in_their_module() {
    let mut arrows = Arrows::new();
    let faults: Vec<String> =
        sources().iter().flat_map(|(path, source)| faults(path, source, &mut arrows)).collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    assert_eq!(circle(&arrows), None);
}

#[test]
fn every_module_of_the_table_is_there() {
    let sources = sources();
    for module in TABLE {
        assert!(sources.iter().any(|(path, _)| module.claims(path)), "{} has no source", module.file);
    }
}

#[test]
fn the_document_shows_this_table() {
    let document = document();
    let shown: Vec<(String, String, Vec<&str>)> = document
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.strip_prefix("| ")?.split(" | ").map(str::trim).collect();
            let [layer, file, _, crates] = cells.as_slice() else { return None };
            layer.parse::<u8>().ok()?;
            Some(((*layer).to_owned(), quoted(file).concat(), quoted(crates)))
        })
        .collect();
    let known: Vec<(String, String, Vec<&str>)> = TABLE
        .iter()
        .map(|module| (module.layer.to_string(), module.file.to_owned(), module.crates.to_vec()))
        .collect();
    for (shown, known) in shown.iter().zip(&known) {
        assert_eq!(shown, known, "a row of the table in ARCHITECTURE.md and one in this test differ");
    }
    assert_eq!(shown.len(), known.len(), "ARCHITECTURE.md and this test know different numbers of rows");
    let free = document.lines().find(|line| line.starts_with("Every module may name")).unwrap();
    assert_eq!(quoted(free), FREE);
}

#[test]
fn every_dependency_has_its_place() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let mut is_inside = false;
    let dependencies = manifest.lines().filter_map(|line| {
        if line.starts_with('[') {
            is_inside = line.ends_with("dependencies]") && line != "[dev-dependencies]";
        }
        let (name, _) = line.split_once('=').filter(|_| is_inside && !line.starts_with('['))?;
        Some(name.trim().replace('-', "_"))
    });
    for dependency in dependencies {
        let placed = FREE.contains(&dependency.as_str())
            || TABLE.iter().any(|module| module.crates.contains(&dependency.as_str()));
        assert!(placed, "`{dependency}` stands neither in the table nor among the crates free for all");
    }
}

#[test]
fn the_table_itself_is_sound() {
    for module in TABLE {
        let own: BTreeSet<_> = module.crates.iter().collect();
        assert_eq!(own.len(), module.crates.len(), "{} names a crate twice", module.file);
        assert!(FREE.iter().all(|free| !own.contains(free)), "{} owns a crate that is free", module.file);
    }
    assert!(TABLE.windows(2).all(|pair| pair[0].layer >= pair[1].layer), "from the top down");
}

/// The faults of one source, beyond a missing `//!`.
fn faults_of(path: &str, source: &str) -> Vec<String> {
    faults(path, &format!("//! Test.\n{source}"), &mut Arrows::new())
}

#[test]
fn a_forbidden_arrow_is_found_however_it_is_written() {
    for source in [
        "use crate::cli::run;",
        "use crate::{model::level::Level, cli::run};",
        "use crate::{model::{level, kind}, cli as c};",
        "fn f() { crate::r#cli::run() }",
        "fn f() { crate::cli::run(); }",
        "fn f() { println!(\"{}\", crate::cli::NAME); }",
        "fn f() -> impl Fn(crate::cli::Run) { todo!() }",
        "macro_rules! m { () => { $crate::cli::run() } }",
        "use super::super::cli::run;",
        "use super::{super::cli};",
        "use self::super::super::cli;",
        "fn f() { super::super::cli::run() }",
        "mod inner { use super::super::super::cli; }",
        "#[cfg(test)] mod tests { use crate::cli::run; }",
        "use crate::drift as d; fn f() { d::x() }",
        "#[derive(crate::cli::Shown)] struct S;",
        "type T = <crate::cli::X as Clone>::Y;",
        "fn f<T: crate::cli::Shown>() {}",
        "use mcpwatch::cli;",
        "use crate as root; fn f() { root::cli::run() }",
        "use crate::{self as root};",
        "use crate::*;",
        "use super::super::*;",
        "extern crate self as other;",
        "m!(crate, cli);",
        "use crate::drift::x;",
        "use crate::nowhere::x;",
        "use super::super::super::super::x;",
        "#[path = \"../cli/run.rs\"] mod run;",
        "#[cfg_attr(unix, path = \"../cli/run.rs\")] mod run;",
        "include!(\"../cli/run.rs\");",
        "#[path = \"../../cli/run.rs\"] #[cfg(test)] mod tests;",
        "std::include!(\"../cli/run.rs\");",
    ] {
        assert!(!faults_of("surface/claude.rs", source).is_empty(), "{source}");
    }
}

#[test]
fn what_is_allowed_is_silent() {
    for source in [
        "use crate::model::level::Level; use crate::json;",
        "use super::super::model::level::Level;",
        "use super::other::x; use self::inner::y; mod inner;",
        "use crate::surface::other;",
        "pub(in crate::surface) fn f() {}",
        "pub(crate) struct S(pub(super) u8);",
        "mod tests { use super::*; use super::super::mod_file::x; }",
        "mod url; use url::mask; fn f() { url::mask() }",
        "use crate::model::masking::url; fn f() { url::mask() }",
        "fn f() { x.notify(); let similar = 1; Vec::<u8>::new(); }",
        "#[cfg(test)] #[path = \"claude_tests.rs\"] mod tests;",
        "//! [`crate::cli::run`] is only spoken of.",
        "fn f() { \"crate::cli\"; }",
        "fn f(x: &impl Fn()) -> impl Sized + use<'_> { serde_json::Value::Null }",
        "use std::collections::{BTreeMap, btree_map::Entry as E}; use ::serde::Serialize as _;",
    ] {
        assert_eq!(faults_of("surface/claude.rs", source), Vec::<String>::new(), "{source}");
    }
}

#[test]
fn a_crate_outside_its_module_is_found_however_it_is_written() {
    for source in [
        "use rusqlite::Connection;",
        "use ::rusqlite::Connection;",
        "use rusqlite as db;",
        "use {rusqlite::Connection, std::fs};",
        "use r#rusqlite::Connection;",
        "extern crate rusqlite;",
        "extern crate rusqlite as db;",
        "fn f() { rusqlite::Connection::open(x); }",
        "fn f() { let c = ::rusqlite::Connection::open(x); }",
        "fn f() { return ::rusqlite::open(x); }",
        "fn f() { m!(a, rusqlite::params![1]); }",
        "#[derive(clap::Parser)] struct S;",
        "mod tests { use crate::model::url; } fn f() { url::Url::parse(x); }",
        "use serde_json::value::RawValue;",
        "use serde_json::value as v; type R = v::RawValue;",
        "use serde_json::value::*; fn f() { to_raw_value(x) }",
        "fn f() { serde_json::from_str::<&serde_json::value::RawValue>(x) }",
        "#[cfg(test)] mod tests { use notify::Watcher; }",
    ] {
        assert!(!faults_of("check.rs", source).is_empty(), "{source}");
    }
    assert_eq!(faults_of("journal/append.rs", "use rusqlite::Connection;"), Vec::<String>::new());
    assert_eq!(
        faults_of("check.rs", "#[cfg(test)] mod tests { use tempfile::tempdir; }"),
        Vec::<String>::new()
    );
}

#[test]
fn the_same_layer_is_as_forbidden_as_a_higher_one() {
    assert!(!faults_of("pipeline.rs", "use crate::check::check;").is_empty());
    assert!(!faults_of("agent.rs", "use crate::compose::Parts;").is_empty());
    assert!(!faults_of("json/mod.rs", "use super::surface;").is_empty());
    assert_eq!(faults_of("cli/watch.rs", "use crate::{agent, compose};"), Vec::<String>::new());
}

#[test]
fn every_file_belongs_to_a_module_and_says_what_it_is_for() {
    assert!(!faults_of("helpers.rs", "").is_empty());
    assert!(!faults_of("bin/other.rs", "").is_empty());
    assert!(!faults_of("check.rs", "#[path = \"pipeline.rs\"] mod inner;").is_empty());
    assert!(!faults_of("model_two/mod.rs", "").is_empty());
    assert_eq!(faults_of("config/read.rs", ""), Vec::<String>::new());
    assert!(!faults("model/level.rs", "use std::fmt;\n//! Late.", &mut Arrows::new()).is_empty());
    assert!(!faults("model/level.rs", "/// Of an item.\nfn f() {}", &mut Arrows::new()).is_empty());
}

#[test]
fn the_library_declares_and_the_binary_hands_over() {
    assert_eq!(faults_of("lib.rs", "#![warn(x)]\n/// A.\npub mod cli;\nmod model;"), Vec::<String>::new());
    for source in ["pub use crate::cli::run;", "fn f() {}", "mod inline { }", "macro_rules! m { () => {} }"] {
        assert!(!faults_of("lib.rs", source).is_empty(), "{source}");
    }
    assert_eq!(faults_of("main.rs", "fn main() { mcpwatch::cli::main() }"), Vec::<String>::new());
    for source in ["use mcpwatch::journal;", "use mcpwatch as m;", "use clap::Parser;", "use mcpwatch::*;"] {
        assert!(!faults_of("main.rs", source).is_empty(), "{source}");
    }
}

#[test]
fn a_circle_is_found() {
    let mut arrows = Arrows::new();
    faults("model/level.rs", "//! T.\nuse crate::json::x;", &mut arrows);
    faults("check.rs", "//! T.\nuse crate::model::x;", &mut arrows);
    assert_eq!(circle(&arrows), None);
    faults("json/read.rs", "//! T.\nuse crate::host::x;", &mut arrows);
    faults("host/files.rs", "//! T.\nuse crate::model::x;", &mut arrows);
    let circle = circle(&arrows).unwrap();
    assert_eq!(circle.first(), circle.last());
    assert_eq!(circle.len(), 4);
}
