//! What package managers leave behind, from its bytes: which packages, when, by whom, with install scripts or not.
//! Must not read anything, and believes nothing: whoever could run an install could write all of this.

mod brew;
mod bun;
mod cargo;
mod composer;
mod debian;
mod gem;
mod npm;
mod places;
mod pnpm;
mod python;
mod reading;
mod yarn;

pub use self::places::{Place, fits, of_home, of_project, of_system};
pub use self::python::{DIST_INFO, dist_info};
pub use self::reading::{Circumstances, LIMIT, Problem, Reading, grouped};

use std::path::Path;

/// A kind of receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `~/.npm/_logs/*-debug-0.log`. It names a package while its hook still runs.
    NpmLog,
    /// `node_modules/.package-lock.json`. It appears when the hooks have ended.
    NpmLock,
    /// `node_modules/.modules.yaml`.
    PnpmModules,
    /// `node_modules/.yarn-integrity`, of yarn 1.
    YarnIntegrity,
    /// `node_modules/.yarn-state.yml`, of yarn 2 and later.
    YarnState,
    /// `bun.lock`.
    BunLock,
    /// A `*.dist-info` directory: see [`dist_info`].
    PythonDistInfo,
    /// `uv-receipt.toml`.
    UvReceipt,
    /// `.crates2.json`.
    CargoCrates,
    /// `dpkg.log`.
    DpkgLog,
    /// `apt/history.log`.
    AptHistory,
    /// `*.gemspec` under `specifications`.
    GemSpecification,
    /// `INSTALL_RECEIPT.json`.
    BrewReceipt,
    /// `vendor/composer/installed.json`.
    ComposerInstalled,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::NpmLog,
        Self::NpmLock,
        Self::PnpmModules,
        Self::YarnIntegrity,
        Self::YarnState,
        Self::BunLock,
        Self::PythonDistInfo,
        Self::UvReceipt,
        Self::CargoCrates,
        Self::DpkgLog,
        Self::AptHistory,
        Self::GemSpecification,
        Self::BrewReceipt,
        Self::ComposerInstalled,
    ];

    /// Whether it grows and is read from its end: of such a file the last [`LIMIT`] bytes are enough.
    pub fn is_log(self) -> bool {
        matches!(self, Self::NpmLog | Self::DpkgLog | Self::AptHistory)
    }
}

/// Reads one receipt. Of a `*.dist-info` directory these are the bytes of its `METADATA`.
pub fn parse(kind: Kind, file: &Path, bytes: &[u8], around: &Circumstances) -> Reading {
    if bytes.len() > LIMIT {
        return Reading::refused(Problem::new(file, "it is too large to be one"));
    }
    match kind {
        Kind::NpmLog => npm::log(file, bytes, around),
        Kind::NpmLock => npm::lock(file, bytes, around),
        Kind::PnpmModules => pnpm::modules(file, bytes, around),
        Kind::YarnIntegrity => yarn::integrity(file, bytes, around),
        Kind::YarnState => yarn::state(file, bytes, around),
        Kind::BunLock => bun::lock(file, bytes, around),
        Kind::PythonDistInfo => {
            let directory = file.parent().unwrap_or(file);
            dist_info(directory, &|name| (name == "METADATA").then(|| bytes.to_vec()), around)
        }
        Kind::UvReceipt => python::uv_receipt(file, bytes, around),
        Kind::CargoCrates => cargo::crates(file, bytes, around),
        Kind::DpkgLog => debian::dpkg_log(file, bytes, around),
        Kind::AptHistory => debian::apt_history(file, bytes, around),
        Kind::GemSpecification => gem::specification(file, bytes, around),
        Kind::BrewReceipt => brew::receipt(file, bytes, around),
        Kind::ComposerInstalled => composer::installed(file, bytes, around),
    }
}
