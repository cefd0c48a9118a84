//! `installs`: real installs by npm, whose hooks redirect a server in five ways, and innocents among them: how many
//! are named, how surely, and by which means. Knows npm, and the agent by its lines.

use crate::Options;
use crate::home::{HOST, wait_until};
use crate::scene::{Scene, WAYS};
use crate::table;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// How long after it was made a change is waited for.
const TELLING: Duration = Duration::from_secs(15);

/// Somebody without privilege.
const NOBODY: u32 = 65534;

pub(crate) fn run(options: &Options) {
    let Some(npm) = found("npm") else { return println!("\ninstalls: not run, npm is not here") };
    if !rustix::process::geteuid().is_root() {
        return println!("\ninstalls: not run, this takes root");
    }
    let runs = options.number(20, 500);
    let mut scene = Scene::new(&npm, None);
    table::heading("installs", &format!("{runs} real npm installs whose hook redirects a server, as root"));
    let all = hostile(&mut scene, runs);
    all.print_proven(runs);
    for (way, tally) in &all.by_way {
        table::row(&format!("  {way}: proven"), format!("{} of {}", tally.proven, tally.told));
    }
    daemons(&mut scene, options);
    innocents(&mut scene, options.number(20, 500));
    drop(scene);

    let mut scene = Scene::new(&npm, Some(NOBODY));
    table::heading("installs", &format!("{runs} of them, by an agent and npm of a user without privilege"));
    let all = hostile(&mut scene, runs);
    table::none("changes that were not told", runs - all.all.told);
    table::row("writer and install proven", share(all.all.proven, runs));
    table::row("package, version and step named", share(all.all.named, runs));
    table::row("package and step named, as possible at least", share(all.all.possible, runs));
    table::row("the package among the candidates, at least", share(all.all.suspected, runs));
    for (method, tally) in &all.by_method {
        let name = format!("  by {method}: {} changes, possible / suspected", tally.told);
        table::row(&name, format!("{} / {}", tally.possible, tally.suspected));
    }
}

/// What was said of some changes.
#[derive(Default)]
struct Tally {
    told: usize,
    proven: usize,
    named: usize,
    possible: usize,
    suspected: usize,
}

impl Tally {
    fn take(&mut self, event: &Value, package: &str) {
        let provenance = &event["mcpwatch"]["provenance"];
        let is_named = event["package"]["name"] == package
            && event["package"]["version"] == "6.6.6"
            && provenance["install"]["lifecycle"] == "postinstall";
        let is_proven =
            provenance["confidence"] == "proven" && provenance["install"]["confidence"] == "proven";
        self.told += 1;
        self.named += usize::from(is_named);
        self.proven += usize::from(is_proven);
        self.possible += usize::from(provenance["install"]["package"]["name"] == package);
        self.suspected += usize::from(is_named || provenance["candidates"].to_string().contains(package));
    }
}

#[derive(Default)]
struct Tallies {
    all: Tally,
    by_way: BTreeMap<&'static str, Tally>,
    by_method: BTreeMap<String, Tally>,
    /// What was said of the last one that was not proven, with the reasons.
    doubted: Option<String>,
}

impl Tallies {
    fn print_proven(&self, runs: usize) {
        table::none("changes that were not told", runs - self.all.told);
        let proven = self.all.proven;
        table::target("writer and install proven", share(proven, runs), "100 %", proven == runs);
        let named = self.all.named;
        table::target("package, version and step named", share(named, runs), "100 %", named == runs);
        for (method, tally) in &self.by_method {
            table::row(&format!("  by {method}: proven"), format!("{} of {}", tally.proven, tally.told));
        }
        if let Some(doubted) = &self.doubted {
            table::row("  the last that was not", doubted);
        }
    }
}

fn share(part: usize, whole: usize) -> String {
    format!("{:.1} %", part as f64 * 100.0 / whole.max(1) as f64)
}

fn hostile(scene: &mut Scene, runs: usize) -> Tallies {
    let mut tallies = Tallies::default();
    for run in 0..runs {
        let at = run % WAYS.len();
        let (way, mark) = (WAYS[at].0, format!("evil-{run}.test"));
        let mut child = scene.install(&format!("hook-{at}"), &[("MARK", &mark)]);
        let event = scene.told(&mark, TELLING);
        assert!(child.wait().expect("npm").success(), "npm failed");
        scene.restore();
        let Some(event) = event else { continue };
        let method = event["mcpwatch"]["provenance"]["method"].as_str().unwrap_or("nothing").to_owned();
        let package = format!("hook-{at}");
        let provenance = &event["mcpwatch"]["provenance"];
        if provenance["install"]["confidence"] != "proven" {
            tallies.doubted = Some(format!("{}; {}", provenance["line"], provenance["remarks"]));
        }
        tallies.all.take(&event, &package);
        tallies.by_way.entry(way).or_default().take(&event, &package);
        tallies.by_method.entry(method).or_default().take(&event, &package);
    }
    tallies
}

/// What installs leave behind and writes a while after.
fn daemons(scene: &mut Scene, options: &Options) {
    let (count, longest) = options.number((4, 4), (60, 60));
    let mut tally = Tally::default();
    // Those that write last are begun first, so that they write one after the other.
    let start = Instant::now();
    for daemon in (0..count).rev() {
        let after = (1 + daemon * longest / count).to_string();
        let mark = format!("late-{daemon}.test");
        let mut child = scene.install("hook-late", &[("MARK", &mark), ("AFTER", &after)]);
        assert!(child.wait().expect("npm").success(), "npm failed");
    }
    let deadline = start + Duration::from_secs(longest as u64 + 60);
    while tally.told < count && Instant::now() < deadline {
        let Some(event) = scene.told("late-", TELLING) else { continue };
        tally.take(&event, "hook-late");
        scene.restore();
    }
    let name = format!("left behind, writing 1 to {longest} s later: told");
    table::target(&name, tally.told, &format!("of {count}"), tally.told == count);
    let both = tally.proven.min(tally.named);
    table::target("  proven, package and step named", share(both, count), "100 %", both == count);
}

/// Whoever is no install, while one runs.
fn innocents(scene: &mut Scene, count: usize) {
    let (begun, go) = (scene.home.beside("begun"), scene.home.beside("go"));
    let files = [("BEGUN", begun.display().to_string()), ("GO", go.display().to_string())];
    let mut running =
        scene.install("hook-waits", &files.each_ref().map(|(name, file)| (*name, file.as_str())));
    wait_until("the hook runs", || begun.exists());
    let client = client();
    let mut by_kind: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for innocent in 0..count {
        let mark = format!("mine-{innocent}.test");
        let kind = match innocent % 10 {
            0 => {
                scene.npm("own", &["run", "fix"], &[("MARK", &mark)]);
                "npm run"
            }
            1 => {
                scene.npm("own", &["exec", "--no", "hook-serves"], &[("MARK", &mark)]);
                "a server that npx started"
            }
            2 if client.is_some() => {
                let mut add = Command::new(client.as_deref().expect("it is there"));
                add.args(["mcp", "add", "-s", "user", &mark.replace('.', "-"), "--", "/bin/true"]);
                scene.run(add.env("DISABLE_AUTOUPDATER", "1"));
                "the client itself"
            }
            2..6 => {
                let fix = format!("sed -i s/{HOST}/{mark}/ $HOME/.claude.json");
                scene.run(Command::new("script").args(["-qec", &fix, "/dev/null"]));
                "a person with a terminal"
            }
            _ => {
                let (file, document) = (scene.home.claude_json(), scene.document.replacen(HOST, &mark, 1));
                fs::rename(&file, file.with_extension("json~")).expect("renamed");
                fs::write(&file, document).expect("a file");
                "an editor that saves"
            }
        };
        let event = scene.told(&mark, TELLING);
        scene.restore();
        let (made, told, blamed) = by_kind.entry(kind).or_default();
        *made += 1;
        if let Some(event) = event {
            let confidence = &event["mcpwatch"]["provenance"]["install"]["confidence"];
            *told += 1;
            *blamed += usize::from(confidence == "proven" || confidence == "likely");
        }
    }
    fs::write(go, "").expect("a file");
    assert!(running.wait().expect("npm").success(), "npm failed");
    table::none(
        &format!("{count} innocents while an install runs: blamed"),
        by_kind.values().map(|(_, _, blamed)| blamed).sum(),
    );
    for (kind, (made, told, blamed)) in by_kind {
        table::row(&format!("  {kind}: told, an install blamed"), format!("{told} of {made}, {blamed}"));
    }
}

/// The real client, where `tests/run` has installed it.
fn client() -> Option<PathBuf> {
    let arch = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    let at = "tests/.cache/claude-2.1.329/node_modules/@anthropic-ai";
    let file = format!("{at}/claude-code-linux-{arch}/claude");
    Some(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).filter(|file| file.is_file())
}

fn found(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
