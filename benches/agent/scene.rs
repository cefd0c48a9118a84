//! A home, its agent, and projects beside it whose packages have hooks that redirect a server: what `installs` plays in.
//! Must not judge what the agent says.

use crate::home::{Agent, HOST, Home};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

/// The ways in which a hook writes the file. `MARK` names the host to which it leads.
pub(crate) const WAYS: [(&str, &str); 5] = [
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

/// A home, its agent, and projects beside it.
pub(crate) struct Scene {
    pub(crate) home: Home,
    pub(crate) document: String,
    npm: PathBuf,
    agent: Agent,
}

impl Scene {
    pub(crate) fn new(npm: &Path, user: Option<u32>) -> Self {
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
    pub(crate) fn install(&self, package: &str, variables: &[(&str, &str)]) -> Child {
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

    pub(crate) fn npm(&self, directory: &str, arguments: &[&str], variables: &[(&str, &str)]) {
        let mut npm = self.home.as_owner(&self.npm);
        npm.args(arguments).envs(variables.iter().copied());
        assert!(self.prepare(&mut npm, directory).status().expect("npm runs").success(), "npm failed");
    }

    pub(crate) fn run(&self, command: &mut Command) {
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
    pub(crate) fn told(&self, mark: &str, within: Duration) -> Option<Value> {
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
    pub(crate) fn restore(&self) {
        self.home.write(".claude.json", &self.document);
    }
}

fn put(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().expect("a directory")).expect("a directory");
    fs::write(file, text).expect("a file");
}
