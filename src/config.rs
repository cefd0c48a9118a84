//! The configuration file: a text becomes a [`Config`] or a list of problems with their places. Pure; knows
//! nothing of where the file lies, of the machine, or of what the values are used for.

mod reader;
mod respond;
mod sinks;

pub use reader::Problem;
pub use respond::{Action, Case, Respond};
pub use sinks::{
    Address, Begin, FileTarget, OtlpTarget, SinkConfig, SyslogTarget, Target, Tls, Token, Transport,
};

use crate::model::retention::Retention;
use jiff::SignedDuration;
use reader::{Problems, Section};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// Which homes are watched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Homes {
    /// The caller's own.
    #[default]
    Own,
    /// Every account's (as root).
    All,
    /// These.
    Listed(Vec<PathBuf>),
}

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogLevel {
    /// Nothing.
    Off,
    /// What went wrong.
    Error,
    /// What may go wrong.
    #[default]
    Warn,
    /// What happens.
    Info,
    /// How it happens.
    Debug,
    /// Everything.
    Trace,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// What the configuration file says; every field has a default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Which homes are watched.
    pub homes: Homes,
    /// Further directories that stand in for a home's `.claude` (`CLAUDE_CONFIG_DIR`), by home.
    pub config_dirs: BTreeMap<PathBuf, Vec<PathBuf>>,
    /// Projects that are watched though the client does not know them.
    pub projects: Vec<PathBuf>,
    /// Directories with templates; `None` where the file does not say.
    pub baselines: Option<Vec<PathBuf>>,
    /// The public keys that sign the templates of a directory, by directory; elsewhere nobody needs to.
    pub template_keys: BTreeMap<PathBuf, Vec<String>>,
    /// Directories with rules of one's own, if they are named.
    pub rules: Option<Vec<PathBuf>>,
    /// Directories with exceptions, if they are named.
    pub exceptions: Option<Vec<PathBuf>>,
    /// Whether the rules that the program brings along are in force.
    pub shipped_rules: bool,
    /// Whether what is approved on this machine counts, or templates alone.
    pub local_approvals: bool,
    /// What stands in for the client's managed directory.
    pub managed: Option<PathBuf>,
    /// Where the journal and the key lie.
    pub state: Option<PathBuf>,
    /// A file larger than this is not read, and said to be unreadable.
    pub max_file_size: u64,
    /// After how long everything is compared again, whatever the sensors said.
    pub rescan: Duration,
    /// What is kept of the journal.
    pub retention: Retention,
    /// What the agent does about a drift.
    pub respond: Respond,
    /// How long a package install is suspect after it is over.
    pub install_window: SignedDuration,
    /// Whether `credentials snapshot` may keep the client's own login.
    pub keep_login: bool,
    /// Where events are delivered.
    pub sinks: Vec<SinkConfig>,
    /// How much is logged.
    pub log_level: LogLevel,
    /// How log lines look.
    pub log_format: LogFormat,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            homes: Homes::Own,
            config_dirs: BTreeMap::new(),
            projects: Vec::new(),
            baselines: None,
            template_keys: BTreeMap::new(),
            rules: None,
            exceptions: None,
            shipped_rules: true,
            local_approvals: true,
            managed: None,
            state: None,
            max_file_size: 256 << 20,
            rescan: Duration::from_secs(300),
            retention: Retention::default(),
            respond: Respond::default(),
            install_window: SignedDuration::from_hours(96),
            keep_login: false,
            sinks: Vec::new(),
            log_level: LogLevel::Warn,
            log_format: LogFormat::Text,
        }
    }
}

/// Every key of the top of the file.
const KEYS: [&str; 19] = [
    "homes",
    "home",
    "projects",
    "baselines",
    "signatures",
    "rules",
    "exceptions",
    "shipped_rules",
    "local_approvals",
    "managed",
    "state",
    "max_file_size",
    "rescan",
    "install_window",
    "journal",
    "credentials",
    "sink",
    "log",
    "respond",
];

/// Reads a configuration. Every problem of the text is reported, not only the first.
pub fn parse(text: &str) -> Result<Config, Vec<Problem>> {
    let mut problems = Problems::new(text);
    let mut config = Config::default();
    let Some(root) = problems.root() else { return Err(problems.found) };
    let top = Section::new("", &root);
    top.only(&KEYS, &mut problems);
    if let Some(homes) = top.read("homes", &mut problems, reader::homes) {
        config.homes = homes;
    }
    config.projects = top.read("projects", &mut problems, reader::paths).unwrap_or_default();
    config.baselines = top.read("baselines", &mut problems, reader::paths);
    config.rules = top.read("rules", &mut problems, reader::paths);
    config.exceptions = top.read("exceptions", &mut problems, reader::paths);
    if let Some(shipped) = top.read("shipped_rules", &mut problems, reader::truth) {
        config.shipped_rules = shipped;
    }
    if let Some(local) = top.read("local_approvals", &mut problems, reader::truth) {
        config.local_approvals = local;
    }
    config.managed = top.read("managed", &mut problems, reader::path);
    config.state = top.read("state", &mut problems, reader::path);
    if let Some(size) = top.read("max_file_size", &mut problems, reader::size) {
        config.max_file_size = size;
    }
    if let Some(rescan) = top.read("rescan", &mut problems, reader::duration) {
        config.rescan = rescan;
    }
    if let Some(window) = top.read("install_window", &mut problems, reader::duration) {
        config.install_window = SignedDuration::try_from(window).unwrap_or(config.install_window);
    }
    if let Some(journal) = top.section("journal", &mut problems) {
        journal.only(&["keep", "max_size", "max_undelivered"], &mut problems);
        if let Some(keep) = journal.read("keep", &mut problems, reader::days) {
            config.retention.keep = keep;
        }
        if let Some(size) = journal.read("max_size", &mut problems, reader::journal_size) {
            config.retention.max_size = size;
        }
        if let Some(size) = journal.read("max_undelivered", &mut problems, reader::journal_size) {
            config.retention.max_undelivered = size;
        }
    }
    if let Some(credentials) = top.section("credentials", &mut problems) {
        credentials.only(&["keep"], &mut problems);
        if let Some(keep) = credentials.read("keep", &mut problems, reader::truth) {
            config.keep_login = keep;
        }
    }
    if let Some(log) = top.section("log", &mut problems) {
        log.only(&["level", "format"], &mut problems);
        if let Some(level) = log.read("level", &mut problems, reader::word) {
            config.log_level = level;
        }
        if let Some(format) = log.read("format", &mut problems, reader::word) {
            config.log_format = format;
        }
    }
    config.sinks = sinks::sinks(&top, &mut problems);
    if let Some(respond) = top.section("respond", &mut problems) {
        config.respond = respond::read(&respond, &mut problems);
    }
    if let Some(dirs) = top.section("signatures", &mut problems) {
        for (dir, section) in dirs.sections(&mut problems) {
            section.only(&["public_keys"], &mut problems);
            if let Some(keys) = section.read("public_keys", &mut problems, reader::public_keys) {
                config.template_keys.insert(PathBuf::from(dir), keys);
            }
        }
    }
    if let Some(homes) = top.section("home", &mut problems) {
        for (name, home) in homes.sections(&mut problems) {
            home.only(&["claude_config_dir"], &mut problems);
            if let Some(dirs) = home.read("claude_config_dir", &mut problems, reader::path_or_paths) {
                config.config_dirs.insert(PathBuf::from(name), dirs);
            }
        }
    }
    if problems.found.is_empty() { Ok(config) } else { Err(problems.found) }
}

impl FromStr for LogLevel {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "off" => Ok(Self::Off),
            "error" => Ok(Self::Error),
            "warn" => Ok(Self::Warn),
            "info" => Ok(Self::Info),
            "debug" => Ok(Self::Debug),
            "trace" => Ok(Self::Trace),
            _ => Err("off, error, warn, info, debug or trace"),
        }
    }
}

impl FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("text or json"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        parse(text).unwrap_err().iter().map(Problem::to_string).collect::<Vec<_>>().join(" / ")
    }

    #[test]
    fn the_shipped_example_says_the_defaults() {
        assert_eq!(parse(include_str!("../packaging/config.toml")), Ok(Config::default()));
    }

    #[test]
    fn every_commented_key_of_the_example_is_one() {
        let example = include_str!("../packaging/config.toml");
        let live: String = example
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(code) if code.contains(" = ") || code.starts_with('[') => code,
                _ => line,
            })
            .collect::<Vec<_>>()
            .join("\n");
        let config = parse(&live).unwrap();
        assert!(config.baselines.is_some() && config.managed.is_some() && config.state.is_some());
        assert!(!config.projects.is_empty() && !config.config_dirs.is_empty());
        assert!(KEYS.iter().all(|key| example.contains(key)));
    }

    #[test]
    fn everything_can_be_said() {
        let config = parse(
            "homes = [\"/home/a\"]\nprojects = [\"/srv/x\"]\nbaselines = [\"/etc/b\"]\nmanaged = \"/m\"\nstate = \"/s\"\n\
             max_file_size = \"1 MiB\"\nrescan = \"90s\"\n[journal]\nkeep = \"90d\"\nmax_size = \"1GiB\"\n[log]\nlevel = \"info\"\nformat = \"json\"\n\
             [signatures.\"/etc/b\"]\npublic_keys = [\"RWR8/p/N03b/Fp41ocWbbFzpL96K3qfFznmGtQSxYCzdT2a8mEmr+e1e\"]\n\
             [home.\"/home/a\"]\nclaude_config_dir = \"/home/a/.c\"\n",
        )
        .unwrap();
        assert_eq!(config.homes, Homes::Listed(vec!["/home/a".into()]));
        assert_eq!(config.config_dirs[&PathBuf::from("/home/a")], [PathBuf::from("/home/a/.c")]);
        assert_eq!(config.template_keys[&PathBuf::from("/etc/b")].len(), 1);
        assert_eq!((config.max_file_size, config.rescan), (1 << 20, Duration::from_secs(90)));
        let kept =
            Retention { keep: Duration::from_secs(90 * 86_400), max_size: 1 << 30, ..Retention::default() };
        assert_eq!(config.retention, kept);
        assert_eq!((config.log_level, config.log_format), (LogLevel::Info, LogFormat::Json));
    }

    #[test]
    fn an_unknown_key_names_its_line_and_the_nearest() {
        assert_eq!(
            problem("\nbaseline = []\n"),
            "line 2, column 1: unknown key \"baseline\"; did you mean \"baselines\"?"
        );
        assert_eq!(
            problem("[log]\nlevle = \"info\""),
            "line 2, column 1: unknown key \"log.levle\"; did you mean \"log.level\"?"
        );
        assert_eq!(
            problem("[journal]\nmax_sise = \"1GiB\""),
            "line 2, column 1: unknown key \"journal.max_sise\"; did you mean \"journal.max_size\"?"
        );
        assert!(
            problem("xyzzy = 1")
                .ends_with("max_file_size, rescan, install_window, journal, credentials, sink, log, respond")
        );
    }

    #[test]
    fn a_wrong_value_names_what_is_wanted() {
        assert!(problem("homes = \"some\"").contains("\"own\", \"all\" or a list of directories"));
        assert!(problem("homes = [\"rel\"]").contains("absolute"));
        assert!(problem("rescan = \"soon\"").contains("30s"));
        assert!(problem("rescan = \"0s\"").contains("at least"));
        assert!(problem("max_file_size = 3").contains("256MiB"));
        assert_eq!(
            problem("[journal]\nkeep = \"2h\""),
            "line 2, column 8: \"journal.keep\" must be at least 1d"
        );
        assert!(problem("[journal]\nkeep = \"long\"").contains("\"90d\""));
        assert!(problem("[journal]\nmax_size = \"2MiB\"").ends_with("must be at least 16MiB"));
        assert!(problem("[log]\nlevel = \"loud\"").contains("off, error, warn, info, debug or trace"));
        for keys in ["[]", "[\"secret\"]", "\"RWR8\""] {
            assert!(
                problem(&format!("[signatures.\"/b\"]\npublic_keys = {keys}"))
                    .contains("second line of a .pub file")
            );
        }
        assert!(problem("state = 1\nmanaged = 2").contains(" / "));
        assert!(problem("state = ").starts_with("line 1, column "));
    }
}
