//! What package managers left behind in real runs, and what it says.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails loudly, and says why it did not run"
)]

use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};
use mcpwatch::model::digest::Key;
use mcpwatch::model::install::{Install, Manager, Package, Step};
use mcpwatch::receipt::{Circumstances, Kind, LIMIT, Reading, dist_info, grouped, parse};
use std::fs;
use std::path::Path;

fn around() -> Circumstances {
    let zone = TimeZone::fixed(offset(2));
    Circumstances { modified: Some("2026-11-21T15:22:15Z".parse().unwrap()), owner: Some(1000), zone }
}

fn read(kind: Kind, place: &str, file: &str) -> Reading {
    let bytes = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/receipts").join(file)).unwrap();
    parse(kind, Path::new(place), &bytes, &around())
}

/// The only install of a receipt without problems.
fn only(kind: Kind, place: &str, file: &str) -> Install {
    let reading = read(kind, place, file);
    assert_eq!(reading.problem, None, "{file}");
    assert_eq!(reading.installs.len(), 1, "{file}");
    reading.installs.into_iter().next().unwrap()
}

fn specs(install: &Install) -> Vec<String> {
    let key = Key::from_bytes([1; 32]);
    install.packages.iter().map(|package| package.spec().shown(&key)).collect()
}

#[test]
fn the_log_of_npm_names_the_hook_while_it_runs() {
    let place = "/home/u/.npm/_logs/2026-11-21T15_22_13_956Z-debug-0.log";
    let install = only(Kind::NpmLog, place, "2026-11-21T15_22_13_956Z-debug-0.log");
    assert_eq!(install.manager, Manager::Npm);
    assert_eq!(specs(&install), ["left-hook@6.6.6"]);
    assert_eq!(install.hooks[0].step, Some(Step::Postinstall));
    assert!(!install.hooks[0].is_own);
    assert_eq!(install.directory.as_deref(), Some(Path::new("/home/u/work/systemd-like")));
    assert_eq!(install.started, Some("2026-11-21T15:22:13.956Z".parse::<Timestamp>().unwrap()));
    assert_eq!(install.ended, around().modified);
    assert_eq!(install.command_line[1].reveal(), "install");

    // While the hook runs the log ends behind its line.
    let text = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/receipts")
            .join("2026-11-21T15_22_13_956Z-debug-0.log"),
    )
    .unwrap();
    let (running, _) = text.split_once("\n21 info run").unwrap();
    let reading = parse(Kind::NpmLog, Path::new(place), running.as_bytes(), &around());
    let install = &reading.installs[0];
    assert_eq!((specs(install), install.ended), (vec!["left-hook@6.6.6".to_owned()], None));
    assert_eq!(install.directory.as_deref(), Some(Path::new("/home/u/work/systemd-like")));
}

#[test]
fn each_receipt_names_its_packages() {
    for (kind, place, file, manager, expected, scripts) in [
        (
            Kind::NpmLock,
            "/home/u/p/node_modules/.package-lock.json",
            "package-lock.json",
            Manager::Npm,
            "left-hook@6.6.6",
            Some(true),
        ),
        (
            Kind::PnpmModules,
            "/home/u/p/node_modules/.modules.yaml",
            "modules.yaml",
            Manager::Pnpm,
            "left-hook left-hook@file:../../pkg/left-hook/left-hook-6.6.6.tgz",
            Some(true),
        ),
        (
            Kind::PnpmModules,
            "/home/u/p/node_modules/.modules.yaml",
            "modules-old.yaml",
            Manager::Pnpm,
            "esbuild@0.1 left-pad@1.3.0",
            Some(true),
        ),
        (
            Kind::YarnIntegrity,
            "/home/u/p/node_modules/.yarn-integrity",
            "yarn-integrity",
            Manager::Yarn,
            "left-hook",
            None,
        ),
        (
            Kind::YarnState,
            "/home/u/p/node_modules/.yarn-state.yml",
            "yarn-state.yml",
            Manager::Yarn,
            "is-number@6.0.0 is-odd@3.0.1 left-hook",
            None,
        ),
        (Kind::BunLock, "/home/u/p/bun.lock", "bun.lock", Manager::Bun, "left-hook", Some(true)),
        (
            Kind::CargoCrates,
            "/home/u/.cargo/.crates2.json",
            "crates2.json",
            Manager::Cargo,
            "app@0.1.0",
            None,
        ),
        (
            Kind::ComposerInstalled,
            "/home/u/p/vendor/composer/installed.json",
            "installed.json",
            Manager::Composer,
            "acme/comphook@1.0.0",
            Some(true),
        ),
        (
            Kind::GemSpecification,
            "/home/u/g/specifications/gemhook-0.2.0.gemspec",
            "gemhook-0.2.0.gemspec",
            Manager::Gem,
            "gemhook@0.2.0",
            Some(true),
        ),
        (
            Kind::UvReceipt,
            "/home/u/tools/cowsay/uv-receipt.toml",
            "uv-receipt.toml",
            Manager::Uv,
            "cowsay",
            None,
        ),
    ] {
        let install = only(kind, place, file);
        assert_eq!(install.manager, manager, "{file}");
        assert_eq!(specs(&install).join(" "), expected, "{file}");
        assert_eq!(install.has_scripts, scripts, "{file}");
        assert_eq!((install.ended, install.user), (around().modified, Some(1000)), "{file}");
    }
    let lock = only(Kind::NpmLock, "/home/u/p/node_modules/.package-lock.json", "package-lock.json");
    assert_eq!(lock.directory.as_deref(), Some(Path::new("/home/u/p")));
    let package: &Package = &lock.packages[0];
    assert_eq!(package.directory.as_deref(), Some(Path::new("/home/u/p/node_modules/left-hook")));
    assert!(package.integrity.as_ref().unwrap().reveal().starts_with("sha512-"));
}

#[test]
fn the_logs_of_debian_are_in_local_time() {
    let dpkg = read(Kind::DpkgLog, "/var/log/dpkg.log", "dpkg.log");
    assert_eq!(dpkg.problem, None);
    assert_eq!(specs(&dpkg.installs[0]), ["debhook@2.0-1"]);
    assert_eq!(dpkg.installs[0].started, Some("2026-11-21T13:19:32Z".parse::<Timestamp>().unwrap()));
    let apt = read(Kind::AptHistory, "/var/log/apt/history.log", "history.log");
    assert_eq!(apt.installs.len(), 2);
    let last = apt.installs.last().unwrap();
    assert_eq!(specs(last), ["left@1.0-1", "right@2.0", "up@1.1"]);
    assert_eq!((last.user, last.command_line.len()), (Some(1000), 3));
    assert_eq!(last.ended, Some("2026-11-21T13:30:05Z".parse::<Timestamp>().unwrap()));
}

#[test]
fn python_says_who_installed_and_packages_of_one_moment_are_one_install() {
    let dist = |name: &str, installer: &'static str, modified: &str| {
        let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n\nName: other");
        let read = move |file: &str| match file {
            "METADATA" => Some(metadata.clone().into_bytes()),
            "INSTALLER" => Some(installer.into()),
            "RECORD" => Some(b"a/b.py,,\nevil.pth,,\n".to_vec()),
            _ => None,
        };
        let around = Circumstances { modified: Some(modified.parse().unwrap()), ..around() };
        dist_info(Path::new(&format!("/v/site-packages/{name}.dist-info")), &read, &around).installs.remove(0)
    };
    let one = dist("one", "pip\n", "2026-05-10T12:00:00Z");
    assert_eq!((one.manager, one.has_scripts), (Manager::Pip, Some(true)));
    assert_eq!(dist("two", "uv", "2026-05-10T12:00:00Z").manager, Manager::Uv);
    let all =
        vec![one, dist("three", "pip", "2026-05-10T12:00:20Z"), dist("late", "pip", "2026-05-10T13:00:00Z")];
    let groups = grouped(all);
    assert_eq!(groups.len(), 2);
    assert_eq!(specs(&groups[0]), ["one@1.0", "three@1.0"]);
}

#[test]
fn what_is_no_receipt_is_refused_with_its_place() {
    for (kind, bytes, line) in [
        (Kind::NpmLock, &b"{\n\"packages\": ["[..], Some(2)),
        (Kind::NpmLock, b"[]", None),
        (Kind::BunLock, b"{\"packages\": {,,}}", Some(1)),
        (Kind::PnpmModules, b"a:\n\tb", Some(2)),
        (Kind::YarnState, b"left-pad\n", Some(1)),
        (Kind::UvReceipt, b"[tool]\nx = ", Some(2)),
        (Kind::DpkgLog, b"\n\nnonsense\n", Some(3)),
        (Kind::AptHistory, b"Start-Date: 2026\n", Some(1)),
        (Kind::GemSpecification, b"x", Some(1)),
        (Kind::NpmLog, b"\xff\xfe", Some(1)),
        (Kind::PythonDistInfo, b"Version: 1\n", Some(1)),
    ] {
        let reading = parse(kind, Path::new("/p/a/b"), bytes, &around());
        let problem = reading.problem.unwrap_or_else(|| panic!("{kind:?} took it"));
        assert_eq!(problem.line, line, "{kind:?} {problem}");
        assert!(problem.to_string().starts_with("/p/a/"), "{problem}");
    }
    let huge = parse(Kind::NpmLock, Path::new("/p"), &vec![b' '; LIMIT + 1], &around());
    assert!(huge.installs.is_empty() && huge.problem.is_some());
}

#[test]
fn no_secret_of_a_receipt_is_shown() {
    let key = Key::from_bytes([1; 32]);
    let log =
        "8 verbose argv \"install\" \"--//r.example/:_authToken=c4n4ryS3cReT9q\" \"--otp\" \"c4n4ry\"\n";
    let install = parse(Kind::NpmLog, Path::new("/l"), log.as_bytes(), &around()).installs.remove(0);
    let lock = r#"{"packages":{"node_modules/a":{"version":"1","resolved":"https://u:c4n4ry@h.example/a?t=c4n4ry"}}}"#;
    let locked =
        parse(Kind::NpmLock, Path::new("/p/node_modules/x"), lock.as_bytes(), &around()).installs.remove(0);
    let shown: Vec<String> = install
        .command_line
        .iter()
        .chain(locked.packages[0].resolved.iter())
        .map(|text| text.shown(&key))
        .collect();
    assert!(!shown.join(" ").contains("c4n4ry"), "{shown:?}");
}
