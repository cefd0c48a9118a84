//! Templates in a directory that demands signatures, made with the real `minisign`.

use super::{captured, flat, refusal};
use crate::support::{Scratch, text, wait_until};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A directory that everybody may write, and a key whose owner signs what lies there.
struct Fleet {
    scratch: Scratch,
    dir: PathBuf,
    config: PathBuf,
    public: String,
}

impl Fleet {
    /// `None` where there is no minisign.
    fn new() -> Option<Self> {
        let scratch = captured();
        let (dir, config, secret) =
            (scratch.path("fleet"), scratch.path("config.toml"), scratch.path("fleet.key"));
        let made = Command::new("minisign")
            .args(["-G", "-W", "-p"])
            .arg(scratch.path("fleet.pub"))
            .arg("-s")
            .arg(&secret)
            .stdout(Stdio::null())
            .status();
        if !made.is_ok_and(|status| status.success()) {
            eprintln!("skipped: there is no minisign (apt-get install minisign)");
            return None;
        }
        let public = fs::read_to_string(scratch.path("fleet.pub")).unwrap();
        let public = public.lines().nth(1).unwrap().to_owned();
        fs::create_dir(&dir).unwrap();
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o777)).unwrap();
        let keys = format!("baselines = [{dir:?}]\n[signatures.{dir:?}]\npublic_keys = [{public:?}]\n");
        fs::write(&config, keys).unwrap();
        Some(Self { scratch, dir, config, public })
    }

    /// Ships a template that demands this host, first itself and then its signature.
    fn ship(&self, version: u64, host: &str) {
        let stage = self.scratch.path(&format!("stage-{version}-{host}"));
        fs::create_dir_all(&stage).unwrap();
        fs::write(stage.join("acme.json"), template(version, host)).unwrap();
        let status = Command::new("minisign")
            .args(["-S", "-W", "-s"])
            .arg(self.scratch.path("fleet.key"))
            .args(["-m", "acme.json"])
            .current_dir(&stage)
            .stdout(Stdio::null())
            .status();
        assert!(status.unwrap().success());
        for name in ["acme.json", "acme.json.minisig"] {
            fs::copy(stage.join(name), self.dir.join(name)).unwrap();
        }
    }

    /// Writes a template and leaves the signature as it is.
    fn write(&self, version: u64, host: &str) {
        fs::write(self.dir.join("acme.json"), template(version, host)).unwrap();
    }

    fn expect(&self, code: i32, arguments: &[&str]) -> String {
        let config = ["--config", self.config.to_str().unwrap()];
        self.scratch.expect(code, &[&config, arguments].concat())
    }

    /// Names and versions of what is in force, and why something is not.
    fn shown(&self) -> (Vec<u64>, String) {
        let shown: Value =
            serde_json::from_str(&self.expect(0, &["baseline", "show", "--format", "json"])).unwrap();
        let versions = shown["templates"].as_array().unwrap().iter();
        let whys = shown["rejected"].as_array().unwrap().iter().map(|row| row["why"].as_str().unwrap());
        (versions.map(|row| row["version"].as_u64().unwrap()).collect(), whys.collect::<Vec<_>>().join(" / "))
    }
}

fn template(version: u64, host: &str) -> String {
    format!(
        "{{\"mcpServers\":{{\"linear\":{{\"type\":\"http\",\"url\":\"https://{host}/mcp\",\
         \"headers\":{{\"Authorization\":\"Bearer hunter2hunter2\"}}}}}},\
         \"mcpwatch\":{{\"name\":\"acme\",\"version\":{version}}}}}"
    )
}

#[test]
fn what_is_not_signed_is_rejected_and_the_last_good_one_stays() {
    let Some(fleet) = Fleet::new() else { return };
    fleet.ship(3, "mcp.linear.app");
    let options = ["--config", fleet.config.to_str().unwrap()];
    let mut watch = fleet.scratch.watch(&options);
    wait_until("it is remembered", || fleet.shown() == (vec![3], String::new()));
    fleet.expect(0, &["diff"]);
    // Whoever can write the directory redirects the server there, too.
    fleet.write(4, "evil.test");
    let told = flat(&watch.line_with(&["template-rejected", "acme.json"]));
    assert!(told.contains("fits none of the public keys") && told.contains("version 3"), "{told}");
    fleet.expect(0, &["diff"]);
    fleet.ship(4, "v4.linear.app");
    watch.line_with(&["endpoint-host-changed", "linear"]);
    assert_eq!(fleet.shown(), (vec![4], String::new()));
    // Put back to one that was good, while nobody runs: what was in force is known across the restart.
    assert_eq!(watch.stop("TERM").0, Some(0));
    fleet.ship(3, "mcp.linear.app");
    let (versions, why) = fleet.shown();
    assert!(versions == [4] && why.contains("put back to an older one"), "{versions:?} {why}");
    let mut watch = fleet.scratch.watch(&options);
    watch.line_with(&["template-rejected", "older"]);
    wait_until("status says so", || {
        fleet.scratch.status()["agent"]["degraded"].to_string().contains("older")
    });
    // Taken away, with its signature.
    for name in ["acme.json", "acme.json.minisig"] {
        fs::remove_file(fleet.dir.join(name)).unwrap();
    }
    watch.line_with(&["template-rejected", "is gone"]);
    assert_eq!(watch.stop("TERM").0, Some(0));
    assert_eq!(fleet.shown().0, [4]);
    assert!(fleet.expect(1, &["diff"]).contains("the template acme"), "it rules still");
    assert!(flat(&fleet.expect(1, &["doctor"])).contains("is gone"));
    assert_eq!(fleet.scratch.count("template-rejected"), 3, "each reason once");
}

#[test]
fn a_delivery_in_two_steps_is_no_alarm() {
    let Some(fleet) = Fleet::new() else { return };
    fleet.ship(1, "mcp.linear.app");
    let options = ["--config", fleet.config.to_str().unwrap()];
    let mut watch = fleet.scratch.watch(&options);
    fleet.ship(2, "v2.linear.app");
    watch.line_with(&["endpoint-host-changed", "linear"]);
    fleet.ship(3, "mcp.linear.app");
    watch.line_with(&["drift-ended"]);
    assert_eq!(watch.stop("TERM").0, Some(0));
    assert_eq!(fleet.scratch.count("template-rejected"), 0);
}

#[test]
fn a_template_is_checked_with_its_signature() {
    let Some(fleet) = Fleet::new() else { return };
    let file = fleet.dir.join("acme.json");
    let file = file.to_str().unwrap();
    fleet.ship(3, "mcp.linear.app");
    assert!(flat(&fleet.expect(0, &["baseline", "check", file])).contains("Its signature holds: timestamp:"));
    let by_key = fleet.scratch.expect(0, &["baseline", "check", file, "--key", &fleet.public]);
    assert!(by_key.contains("Its signature holds"), "{by_key}");
    assert!(!fleet.scratch.expect(0, &["baseline", "check", file]).contains("signature"), "none is demanded");
    fleet.write(3, "evil.test");
    assert!(flat(&fleet.expect(2, &["baseline", "check", file])).contains("The signature is refused: its"));
    let json: Value =
        serde_json::from_str(&fleet.expect(2, &["baseline", "check", file, "--format", "json"])).unwrap();
    assert_eq!((&json["valid"], &json["signature"]["valid"]), (&false.into(), &false.into()));
    fs::remove_file(fleet.dir.join("acme.json.minisig")).unwrap();
    assert!(flat(&fleet.expect(2, &["baseline", "check", file])).contains("sign it with minisign -S -m"));
    let said = refusal(&fleet.scratch, 2, &["baseline", "check", file, "--key", "hello"]);
    assert!(said.contains("no public key of minisign"), "{said}");
    let output = fleet.scratch.run(&["diff", "--config", fleet.config.to_str().unwrap()]);
    assert!(text(&output.stderr).contains("a template is rejected"), "who looks is told");
}
