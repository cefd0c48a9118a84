//! What is said when this program is wrong about itself: one line, and then the end. Knows nothing of the commands.

use crate::model::hidden::escape;
use std::io::{self, Write as _};
use std::panic::{self, PanicHookInfo};

/// From now on a panic, in whichever thread, is told in one line and ends the process: half an agent that looks
/// alive is worse than none that its service manager starts again.
pub(crate) fn abort_on_panic() {
    panic::set_hook(Box::new(|panic| {
        // NOTE(ignored): there is nowhere left to say it.
        let _ = io::stderr().lock().write_all(line(panic).as_bytes());
        std::process::abort();
    }));
}

/// Only words that stand in the source are repeated: others were made of values, and those may be secrets.
fn line(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map(ToString::to_string);
    let thread = std::thread::current();
    let words = panic.payload().downcast_ref::<&'static str>();
    format!(
        "mcpwatch has a bug and ends: panicked at {} in thread {}: {}; please report this line \
         (a service manager starts the agent again)\n",
        escape(&place.unwrap_or_else(|| "an unknown place".to_owned())),
        escape(thread.name().unwrap_or("without a name")),
        escape(words.unwrap_or(&"with words that may hold secrets and are not shown")),
    )
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::Command;

    const INSIDE: &str = "MCPWATCH_TEST_PANICS_WITH";

    /// Runs this test in a process of its own, where it panics.
    #[test]
    fn a_panic_in_a_thread_is_one_line_and_the_end() {
        match std::env::var(INSIDE).as_deref() {
            Ok("words") => panic_in_a_thread(|| panic!("stands\nin the \u{1b}[2Jsource")),
            Ok("values") => {
                panic_in_a_thread(|| panic!("{}", std::env::args().count().to_string() + "hunter2"))
            }
            _ => {}
        }
        for (with, told) in [
            ("words", "stands\\nin the \\u{1b}[2Jsource; please"),
            ("values", "with words that may hold secrets and are not shown; please"),
        ] {
            let output = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "cli::crash::tests::a_panic_in_a_thread_is_one_line_and_the_end"])
                .arg("--nocapture")
                .env(INSIDE, with)
                .output()
                .unwrap();
            assert_eq!(output.status.signal(), Some(6), "{output:?}");
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(said.starts_with("mcpwatch has a bug and ends: panicked at src/cli/crash.rs:"), "{said}");
            assert!(said.contains("in thread worker: ") && said.contains(told), "{said}");
            assert_eq!(said.lines().count(), 1, "{said}");
            assert!(!said.contains("hunter2"));
        }
    }

    fn panic_in_a_thread(work: fn()) {
        abort_on_panic();
        let worker = std::thread::Builder::new().name("worker".into()).spawn(work).unwrap();
        let _ = worker.join();
    }
}
