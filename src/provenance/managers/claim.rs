//! What an environment claims where no manager is above: a process can write into it what it likes. Must not be used
//! for more than "possible".

use crate::model::install::{Hook, Install, Manager, Package, Source, Step};
use crate::model::process::{Image, Process};
use std::sync::Arc;

/// Steps that `npm run` sets too, and commands that are no install.
const NO_INSTALL: [&str; 9] =
    ["run", "run-script", "start", "test", "stop", "restart", "exec", "publish", "pack"];

/// The install and the hook that somebody in the chain claims, the writer first.
pub(in crate::provenance) fn claim_of(chain: &[Arc<Process>]) -> Option<(Install, Hook)> {
    chain.iter().take(64).find_map(|process| process.images.iter().rev().find_map(|image| claim(image)))
}

fn claim(image: &Image) -> Option<(Install, Hook)> {
    let variable =
        |name: &str| image.environment.get(name).map(|value| value.reveal()).filter(|text| !text.is_empty());
    let event = variable("npm_lifecycle_event").and_then(|event| Step::from_word(&event));
    let is_run = variable("npm_command").is_some_and(|command| NO_INSTALL.contains(&command.as_str()));
    let (manager, name, version, step) = if let Some(step) = event.filter(|_| !is_run) {
        let agent = variable("npm_config_user_agent").unwrap_or_default();
        let manager = Manager::from_word(agent.split('/').next().unwrap_or_default()).unwrap_or(Manager::Npm);
        (manager, variable("npm_package_name"), variable("npm_package_version"), Some(step))
    } else if let Some(package) = variable("DPKG_MAINTSCRIPT_PACKAGE") {
        let step = variable("DPKG_MAINTSCRIPT_NAME").and_then(|name| Step::from_word(&name));
        (Manager::Dpkg, Some(package), None, step)
    } else if variable("OUT_DIR").is_some() && variable("CARGO_MANIFEST_DIR").is_some() {
        (Manager::Cargo, variable("CARGO_PKG_NAME"), variable("CARGO_PKG_VERSION"), Some(Step::BuildScript))
    } else if variable("PIP_BUILD_TRACKER").is_some() {
        (Manager::Pip, None, None, Some(Step::Build))
    } else if variable("UV_INTERNAL__BUILD_DIR").is_some() {
        (Manager::Uv, None, None, Some(Step::Build))
    } else {
        return None;
    };
    let package = name.and_then(|name| Package::new(&name, version.as_deref()));
    let package = package.map(|package| package.directory(image.directory.clone()));
    let hook = Hook { package, is_consumer: false, is_own: false, step, process: None };
    let mut install = Install::new(manager, Source::Seen);
    install.hooks = vec![hook.clone()];
    Some((install, hook))
}
