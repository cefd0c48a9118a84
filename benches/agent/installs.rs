//! `installs`: real installs by npm, whose hooks redirect a server in five ways, and innocents among them: how many
//! are named, how surely, and by which means. Knows npm, and the agent by its lines.

use crate::Options;
use crate::home::{Agent, HOST, Home, wait_until};
use crate::table;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

/// How long after it was made a change is waited for.
const TELLING: Duration = Duration::from_secs(15);

/// Somebody without privilege.
const NOBODY: u32 = 65534;

/// The ways in which a hook writes the file. `MARK` names the host to which it leads.
const WAYS: [(&str, &str); 5] = [
    (
        "plain write",
        "node -e \"const f=process.env.HOME+'/.claude.json',s=require('fs');\
         s.writeFileSync(f,s.readFileSync(f,'utf8').replace('HOST',process.env.MARK))\"",
    ),
    ("atomic rename", "sed s/HOST/$MARK/ $HOME/.claude.json > $HOME/.x && mv $HOME/.x $HOME/.claude.json"),
    ("sed -i", "sed -i s/HOST/$MARK/ $HOME/.claude.json"),
    ("shell alone", "bash -c 'f=$HOME/.claude.json; s=$(<$f); printf %s \"${s/HOST/$MARK}\" > $f'"),
    ("node script", "node hook.js"),
];

const SCRIPT: &str = "#!/usr/bin/env node\nconst f=process.env.HOME+'/.claude.json',s=require('fs');\
    s.writeFileSync(f,s.readFileSync(f,'utf8').replace('HOST',process.env.MARK))";

/// Writes later, without its environment, in a session of its own, when all above it are dead.
const LATER: &str = "env -i /usr/bin/setsid /bin/sh -c \"(sleep $AFTER; exec /bin/sed -i s/HOST/$MARK/ \
    $HOME/.claude.json) & :\" >/dev/null 2>&1 </dev/null &";

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
    table::row("the package among the candidates, at least", share(all.all.suspected, runs));
    for (method, tally) in &all.by_method {
        let name = format!("  by {method}: {} changes, named / suspected", tally.told);
        table::row(&name, format!("{} / {}", tally.named, tally.suspected));
    }
}

/// What was said of some changes.
#[derive(Default)]
struct Tally {
    told: usize,
    proven: usize,
    named: usize,
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
        self.suspected += usize::from(is_named || provenance["candidates"].to_string().contains(package));
    }
}

#[derive(Default)]
struct Tallies {
    all: Tally,
    by_way: BTreeMap<&'static str, Tally>,
    by_method: BTreeMap<String, Tally>,
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

/// A home, its agent, and projects beside it.
struct Scene {
    home: Home,
    document: String,
    npm: PathBuf,
    agent: Agent,
}

impl Scene {
    fn new(npm: &Path, user: Option<u32>) -> Self {
        let (mut home, document) = Home::captured(7, 4);
        let own = json!({"name": "own", "version": "1.0.0", "scripts": {
            "fix": WAYS[2].1.replace("HOST", HOST)
        }});
        put(&home.beside("own/package.json"), &own.to_string());
        let waits = "touch $BEGUN; while [ ! -e $GO ]; do sleep 0.1; done";
        let ways = WAYS.iter().enumerate().map(|(at, (_, hook))| (format!("hook-{at}"), *hook));
        let others = [("hook-late", LATER), ("hook-waits", waits), ("hook-serves", "true")];
        let others = others.map(|(name, hook)| (name.to_owned(), hook));
        for (name, hook) in ways.chain(others) {
            let manifest = json!({
                "name": name, "version": "6.6.6", "bin": "hook.js",
                "scripts": {"postinstall": hook.replace("HOST", HOST)}
            });
            put(&home.beside(&format!("packages/{name}/package.json")), &manifest.to_string());
            put(&home.beside(&format!("packages/{name}/hook.js")), &SCRIPT.replace("HOST", HOST));
            put(
                &home.beside(&format!("projects/{name}/package.json")),
                r#"{"name":"mine","version":"1.0.0"}"#,
            );
            let mut pack = Command::new(npm);
            pack.args(["pack", "--silent", "--ignore-scripts"]).stdout(Stdio::null());
            pack.current_dir(home.beside(&format!("packages/{name}")));
            assert!(pack.status().expect("npm runs").success(), "npm pack failed");
        }
        if let Some(user) = user {
            home.give_to(user);
        }
        let agent = home.start();
        let scene = Self { home, document, npm: npm.to_owned(), agent };
        scene.npm("own", &["install", "../packages/hook-serves/hook-serves-6.6.6.tgz"], &[]);
        scene
    }

    /// Begins to install one of the packages, anew.
    fn install(&self, package: &str, variables: &[(&str, &str)]) -> Child {
        let project = format!("projects/{package}");
        for left in ["node_modules", "package-lock.json"] {
            let left = self.home.beside(&project).join(left);
            let _none = fs::remove_dir_all(&left).or_else(|_| fs::remove_file(&left));
        }
        let tarball = format!("../../packages/{package}/{package}-6.6.6.tgz");
        let mut npm = self.home.as_owner(&self.npm);
        npm.args(["install", &tarball]).envs(variables.iter().copied());
        self.prepare(&mut npm, &project).spawn().expect("npm runs")
    }

    fn npm(&self, directory: &str, arguments: &[&str], variables: &[(&str, &str)]) {
        let mut npm = self.home.as_owner(&self.npm);
        npm.args(arguments).envs(variables.iter().copied());
        assert!(self.prepare(&mut npm, directory).status().expect("npm runs").success(), "npm failed");
    }

    fn run(&self, command: &mut Command) {
        assert!(self.prepare(command, "home").status().expect("it runs").success(), "{command:?} failed");
    }

    fn prepare<'c>(&self, command: &'c mut Command, directory: &str) -> &'c mut Command {
        command.current_dir(self.home.beside(directory)).env("HOME", self.home.directory());
        command.envs([
            ("npm_config_offline", "true"),
            ("npm_config_update_notifier", "false"),
            ("npm_config_audit", "false"),
            ("npm_config_fund", "false"),
        ]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null())
    }

    /// The event of the change that leads there.
    fn told(&self, mark: &str, within: Duration) -> Option<Value> {
        let deadline = Instant::now() + within;
        loop {
            match self.agent.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok((_, line)) => {
                    let event: Value = serde_json::from_str(&line).unwrap_or_default();
                    let observed = event["mcpwatch"]["drift"]["observed"].as_str().unwrap_or_default();
                    let is_it = match event["event"]["action"].as_str() {
                        Some("endpoint-host-changed") => observed.starts_with(mark),
                        Some("server-added") => event["mcpwatch"]["server"] == mark.replace('.', "-"),
                        _ => false,
                    };
                    if is_it {
                        return Some(event);
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return None,
            }
        }
    }

    /// Puts the file back as it was.
    fn restore(&self) {
        self.home.write(".claude.json", &self.document);
    }
}

fn put(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().expect("a directory")).expect("a directory");
    fs::write(file, text).expect("a file");
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
