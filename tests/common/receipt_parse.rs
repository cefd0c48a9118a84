//! What must hold for bytes of any sort, read as any receipt: no panic, every problem names the file and says what is
//! wrong, and no receipt fills the memory. Shared by the fuzz target and the replay of its seeds.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use mcpwatch::provenance::{MANIFESTS, parse_manifest};
use mcpwatch::receipt::{Circumstances, Kind, grouped, parse};
use std::path::Path;

/// Where a receipt of each kind lies.
fn place(kind: Kind) -> &'static Path {
    Path::new(match kind {
        Kind::NpmLog => "/home/u/.npm/_logs/2026-11-21T15_22_13_956Z-debug-0.log",
        Kind::NpmLock => "/home/u/p/node_modules/.package-lock.json",
        Kind::PnpmModules => "/home/u/p/node_modules/.modules.yaml",
        Kind::YarnIntegrity => "/home/u/p/node_modules/.yarn-integrity",
        Kind::YarnState => "/home/u/p/node_modules/.yarn-state.yml",
        Kind::BunLock => "/home/u/p/bun.lock",
        Kind::PythonDistInfo => "/home/u/v/lib/python3.11/site-packages/a-1.dist-info/METADATA",
        Kind::UvReceipt => "/home/u/.local/share/uv/tools/a/uv-receipt.toml",
        Kind::CargoCrates => "/home/u/.cargo/.crates2.json",
        Kind::DpkgLog => "/var/log/dpkg.log",
        Kind::AptHistory => "/var/log/apt/history.log",
        Kind::GemSpecification => "/var/lib/gems/3.1.0/specifications/a-1.gemspec",
        Kind::BrewReceipt => "/opt/homebrew/Cellar/a/1/INSTALL_RECEIPT.json",
        Kind::ComposerInstalled => "/home/u/p/vendor/composer/installed.json",
    })
}

/// Reads the bytes as every kind.
pub(crate) fn check(bytes: &[u8]) {
    let around =
        Circumstances { modified: Some(Timestamp::UNIX_EPOCH), owner: Some(1000), zone: TimeZone::UTC };
    for kind in Kind::ALL {
        let file = place(kind);
        let reading = parse(kind, file, bytes, &around);
        assert_eq!(reading, parse(kind, file, bytes, &around), "the same bytes say the same");
        if let Some(problem) = &reading.problem {
            assert!(problem.file.starts_with(file.parent().unwrap_or(file)) && !problem.what.is_empty());
            assert!(problem.line != Some(0) && problem.column != Some(0));
        }
        assert!(reading.installs.len() <= 256);
        assert!(
            reading
                .installs
                .iter()
                .all(|install| install.packages.len() <= 512 && install.hooks.len() <= 512)
        );
        let count = reading.installs.len();
        assert!(grouped(reading.installs).len() <= count);
    }
    for name in MANIFESTS {
        parse_manifest(&Path::new("/home/u/p").join(name), bytes);
    }
}
