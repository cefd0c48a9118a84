//! Log lines on standard error. What they say is escaped like every other text; knows nothing of the commands.

use crate::cli::escape::escape_lines;
use crate::cli::json;
use crate::config::{LogFormat, LogLevel};
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

/// A line as it may be shown. JSON has its own escapes.
fn shown(line: &str, is_json: bool) -> String {
    match line.strip_suffix('\n') {
        Some(document) if is_json => json::visible(document) + "\n",
        _ => escape_lines(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_lines_are_escaped_in_both_formats() {
        assert_eq!(shown("a\u{1b}[2J\u{202e}\n", false), "a\\u{1b}[2J\\u{202e}\n");
        assert_eq!(shown("{\"a\":\"\u{202e}\u{e0041}\"}\n", true), "{\"a\":\"\\u202e\\udb40\\udc41\"}\n");
    }
}
