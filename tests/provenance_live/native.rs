//! pip, uv, cargo, gem and dpkg: what runs while they build or configure redirects the server.

use super::kit::{Live, PYTHON, SED, done, installed, missing, system};
use std::fs;
use std::process::Command;

/// A source distribution `hookpy-1.2.3` that brings its own way of being built, so that nobody fetches one.
fn distribution(live: &Live) -> Option<()> {
    let python = system("python3")?;
    let project = "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n\
        [project]\nname = \"hookpy\"\nversion = \"1.2.3\"\n";
    let backend = format!(
        "import zipfile\n\
        def build_wheel(directory, settings=None, metadata=None):\n\
        \x20   exec({PYTHON:?})\n\
        \x20   name = 'hookpy-1.2.3-py3-none-any.whl'\n\
        \x20   info = 'hookpy-1.2.3.dist-info/'\n\
        \x20   with zipfile.ZipFile(directory + '/' + name, 'w') as wheel:\n\
        \x20       wheel.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: hookpy\\nVersion: 1.2.3\\n')\n\
        \x20       wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')\n\
        \x20       wheel.writestr(info + 'RECORD', '')\n\
        \x20   return name\n"
    );
    live.put("source/hookpy-1.2.3/pyproject.toml", project);
    live.put("source/hookpy-1.2.3/backend.py", &backend);
    live.put("source/hookpy-1.2.3/PKG-INFO", "Metadata-Version: 2.1\nName: hookpy\nVersion: 1.2.3\n");
    fs::create_dir_all(live.scratch.path("dist")).unwrap();
    done(live.command(python, "source").args([
        "-c",
        "import tarfile\nwith tarfile.open('../dist/hookpy-1.2.3.tar.gz', 'w:gz') as made: made.add('hookpy-1.2.3')",
    ]));
    Some(())
}

fn pip_of(asked: &[&str]) -> Option<()> {
    let python = system("python3")?;
    if !Command::new(&python).args(["-m", "pip", "--version"]).output().unwrap().status.success() {
        missing("pip", "./tests/run installs it");
        return None;
    }
    let mut live = Live::start()?;
    distribution(&live)?;
    let mut pip = live.command(python, "project");
    pip.args(["-m", "pip", "--disable-pip-version-check", "install", "--no-index", "--target", "here"]);
    done(pip.args(["--no-cache-dir", "--root-user-action=ignore"]).args(asked));
    live.redirected().must_be_by("pip", "hookpy", "1.2.3", "build");
    Some(())
}

#[test]
fn pip_of_a_file() {
    pip_of(&["../dist/hookpy-1.2.3.tar.gz"]);
}

#[test]
fn pip_by_name() {
    pip_of(&["--find-links", "../dist", "hookpy"]);
}

#[test]
fn uv() {
    let run = || {
        let uv = installed("uv/bin/uv")?;
        let mut live = Live::start()?;
        distribution(&live)?;
        let mut uv = live.command(uv, "project");
        uv.args(["pip", "install", "--offline", "--no-index", "--target", "here", "--find-links", "../dist"]);
        done(uv.arg("hookpy"));
        live.redirected().must_be_by("uv", "hookpy", "1.2.3", "build");
        Some(())
    };
    run();
}

#[test]
fn cargo_build_script() {
    let run = || {
        let mut live = Live::start()?;
        live.put(
            "hookcrate/Cargo.toml",
            "[package]\nname = \"hookcrate\"\nversion = \"1.2.3\"\nedition = \"2021\"\n",
        );
        live.put("hookcrate/src/lib.rs", "");
        let hook = format!(
            "fn main() {{ std::process::Command::new(\"sh\").args([\"-c\", {SED:?}]).status().unwrap(); }}"
        );
        live.put("hookcrate/build.rs", &hook);
        live.put(
            "project/Cargo.toml",
            "[package]\nname = \"project\"\nversion = \"1.0.0\"\nedition = \"2021\"\n\
            [dependencies]\nhookcrate = { path = \"../hookcrate\" }\n",
        );
        live.put("project/src/lib.rs", "");
        let mut cargo = live.command(env!("CARGO"), "project");
        for name in ["RUSTUP_HOME", "CARGO_HOME", "RUSTUP_TOOLCHAIN"] {
            cargo.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        done(cargo.args(["build", "--offline", "--quiet"]));
        live.redirected().must_be_by("cargo", "hookcrate", "1.2.3", "build-script");
        Some(())
    };
    run();
}

#[test]
fn gem() {
    let run = || {
        let gem = system("gem")?;
        let mut live = Live::start()?;
        let of_gem = "Gem::Specification.new do |s|\n s.name = 'hookgem'\n s.version = '1.2.3'\n s.summary = 'x'\n \
            s.authors = ['x']\n s.files = ['ext/extconf.rb']\n s.extensions = ['ext/extconf.rb']\nend\n";
        live.put("gem/hookgem.gemspec", of_gem);
        let make = r#"File.write("Makefile", "all install clean:\n\ttrue\n")"#;
        live.put("gem/ext/extconf.rb", &format!("system({SED:?})\n{make}\n"));
        done(live.command(&gem, "gem").args(["build", "hookgem.gemspec"]));
        let mut install = live.command(&gem, "project");
        install.args(["install", "--local", "--no-document", "--install-dir", "here"]);
        done(install.arg("../gem/hookgem-1.2.3.gem"));
        live.redirected().must_be_by("gem", "hookgem", "1.2.3", "extension");
        Some(())
    };
    run();
}

/// With a record of packages of its own, so that the machine's is left alone; the package brings no file.
#[test]
fn dpkg() {
    let run = || {
        let (dpkg, deb) = (system("dpkg")?, system("dpkg-deb")?);
        let mut live = Live::start()?;
        let control = "Package: hookdeb\nVersion: 1.2.3\nArchitecture: all\nMaintainer: x <x@example.com>\n\
            Description: x\n";
        live.put("deb/DEBIAN/control", control);
        let hook = live.put("deb/DEBIAN/postinst", &format!("#!/bin/sh\n{SED}\n"));
        done(Command::new("chmod").arg("755").arg(hook));
        done(live.command(deb, ".").args(["--build", "deb", "hookdeb.deb"]));
        for name in ["status", "available"] {
            live.put(&format!("record/{name}"), "");
        }
        for name in ["info", "updates", "triggers"] {
            fs::create_dir_all(live.scratch.path("record").join(name)).unwrap();
        }
        let record = format!("--admindir={}", live.scratch.path("record").display());
        done(live.command(dpkg, ".").args([&record, "--log=dpkg.log", "--install", "hookdeb.deb"]));
        live.redirected().must_be_by("dpkg", "hookdeb", "1.2.3", "postinst");
        Some(())
    };
    run();
}

/// A plugin runs inside composer: what it does is the install's doing, and which plugin it was nobody can tell.
#[test]
fn composer() {
    let run = || {
        let composer = system("composer")?;
        let mut live = Live::start()?;
        live.put(
            "plugin/composer.json",
            r#"{"name": "acme/hook", "version": "1.2.3", "type": "composer-plugin",
                "require": {"composer-plugin-api": "^2.0"},
                "autoload": {"classmap": ["Hook.php"]}, "extra": {"class": "AcmeHook"}}"#,
        );
        let plugin = "<?php class AcmeHook implements Composer\\Plugin\\PluginInterface {\n\
            public function activate($composer, $io) { exec('HOOK'); }\n\
            public function deactivate($composer, $io) {}\n\
            public function uninstall($composer, $io) {}\n}\n";
        live.put("plugin/Hook.php", &plugin.replace("HOOK", SED));
        live.put(
            "project/composer.json",
            r#"{"repositories": [{"type": "path", "url": "../plugin"}, {"packagist.org": false}],
                "require": {"acme/hook": "1.2.3"}, "config": {"allow-plugins": {"acme/hook": true}}}"#,
        );
        let mut install = live.command(composer, "project");
        install.env("COMPOSER_HOME", live.scratch.path("composer")).env("COMPOSER_ALLOW_SUPERUSER", "1");
        done(install.args(["install", "--no-interaction", "--no-progress"]));
        live.redirected().must_be_by("composer", "-", "", "-");
        live.stop();
        Some(())
    };
    run();
}
