//! Log lines on standard error. What they say is escaped like every other text; knows nothing of the commands.

use crate::cli::json;
use crate::config::{LogFormat, LogLevel};
use crate::model::hidden::escape;
use std::io::{self, Write};
use tracing_subscriber::filter::LevelFilter;

/// What decides how much is logged, before the configuration does.
const VARIABLE: &str = "MCPWATCH_LOG";

/// Starts logging. The environment comes first, then `-v`, then the configuration.
pub(crate) fn start(verbose: u8, level: LogLevel, format: LogFormat) {
    let told =
        std::env::var(VARIABLE).ok().and_then(|word| word.to_ascii_lowercase().parse::<LogLevel>().ok());
    let level = match (told, verbose) {
        (Some(level), _) => level,
        (None, 0) => level,
        (None, 1) => LogLevel::Info,
        (None, 2) => LogLevel::Debug,
        (None, _) => LogLevel::Trace,
    };
    let subscriber =
        tracing_subscriber::fmt().with_max_level(filter(level)).with_ansi(false).with_target(verbose > 1);
    // NOTE(ignored): it can only fail where a subscriber is set already, and then that one serves.
    let _ = match format {
        LogFormat::Text => tracing::subscriber::set_global_default(
            subscriber.with_writer(|| Lines { is_json: false }).finish(),
        ),
        LogFormat::Json => tracing::subscriber::set_global_default(
            subscriber.json().with_writer(|| Lines { is_json: true }).finish(),
        ),
    };
}

fn filter(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}

/// Takes whole lines, as the subscriber writes them.
struct Lines {
    is_json: bool,
}

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        io::stderr().lock().write_all(shown(&text, self.is_json).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// A line as it may be shown: one, whatever stands in it. JSON has its own escapes.
fn shown(line: &str, is_json: bool) -> String {
    let line = line.strip_suffix('\n').unwrap_or(line);
    if is_json { json::visible(line).into_owned() + "\n" } else { escape(line).into_owned() + "\n" }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
mod tests {
    use super::*;
    use std::process::Command;

    const INSIDE: &str = "MCPWATCH_TEST_LOGS_AS";
    const HOSTILE: &str = "a\n{\"level\":\"INFO\"}\u{1b}[2J\u{202e}\r";

    #[test]
    fn log_lines_are_escaped_in_both_formats() {
        assert_eq!(shown("a\u{1b}[2J\u{202e}\n", false), "a\\u{1b}[2J\\u{202e}\n");
        assert_eq!(shown("a\nb\n", false), "a\\nb\n");
        assert_eq!(shown("{\"a\":\"\u{202e}\u{e0041}\"}\n", true), "{\"a\":\"\\u202e\\udb40\\udc41\"}\n");
    }

    /// Logging is set once in a process, so each format gets one of its own, which is this test again.
    #[test]
    fn a_hostile_string_stays_in_its_line() {
        if let Ok(format) = std::env::var(INSIDE) {
            let format = if format == "json" { LogFormat::Json } else { LogFormat::Text };
            start(0, LogLevel::Warn, format);
            tracing::warn!(error = %HOSTILE, name = HOSTILE, "{HOSTILE}");
            tracing::info!("not at this level");
            return;
        }
        for format in ["text", "json"] {
            let output = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "cli::log::tests::a_hostile_string_stays_in_its_line", "--nocapture"])
                .env(INSIDE, format)
                .env_remove(VARIABLE)
                .output()
                .unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(said.lines().count(), 1, "{said}");
            assert!(!said.trim_end_matches('\n').chars().any(crate::model::hidden::is_hidden), "{said:?}");
            if format == "json" {
                let line: serde_json::Value = serde_json::from_str(&said).unwrap();
                assert_eq!((&line["level"], &line["fields"]["name"]), (&"WARN".into(), &HOSTILE.into()));
                assert_eq!(
                    (&line["fields"]["error"], &line["fields"]["message"]),
                    (&HOSTILE.into(), &HOSTILE.into())
                );
            }
        }
    }
}
