//! Finds `bun`, the client's runtime, or installs it from the npm registry into `tests/.cache`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const PACKAGE: &str = "bun@1.4.5";

/// The program to run, or why there is none.
pub(crate) fn find() -> Result<PathBuf, String> {
    if let Some(given) = env::var_os("MCPWATCH_BUN") {
        let given = PathBuf::from(given);
        return if works(&given) { Ok(given) } else { Err("MCPWATCH_BUN does not run".into()) };
    }
    let cache = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/.cache");
    let installed = cache.join("node_modules/.bin/bun");
    [PathBuf::from("bun"), installed.clone()]
        .into_iter()
        .find(|program| works(program))
        .map_or_else(|| install(&cache, &installed), Ok)
}

fn works(program: &Path) -> bool {
    let run = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    run.is_ok_and(|status| status.success())
}

/// Installs under a lock, since tests of several processes may want it at once. A lock that a
/// killed test left behind is waited for, then taken over.
fn install(cache: &Path, installed: &Path) -> Result<PathBuf, String> {
    let lock = cache.join("installing");
    fs::create_dir_all(cache).map_err(|error| format!("tests/.cache cannot be made: {error}"))?;
    let patience = Instant::now();
    while fs::create_dir(&lock).is_err() {
        if works(installed) {
            return Ok(installed.to_owned());
        }
        if patience.elapsed() > Duration::from_secs(300) {
            break;
        }
        thread::sleep(Duration::from_millis(200));
    }
    // Another test may have finished between the look and the lock.
    let done = works(installed) || npm(cache) && works(installed);
    let _ = fs::remove_dir(&lock);
    if done { Ok(installed.to_owned()) } else { Err(format!("npm could not install {PACKAGE}")) }
}

fn npm(cache: &Path) -> bool {
    let mut command = Command::new("npm");
    command.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]).arg(cache).arg(PACKAGE);
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
