//! Debian: `dpkg.log` and `apt/history.log`, in local time. Seen with dpkg 1.21 and apt 2.6.

use super::reading::{Circumstances, INSTALLS, PACKAGES, Problem, Reading, install};
use crate::model::install::{Install, Manager, Package};
use crate::model::masking::mask_arguments;
use crate::model::text::Text;
use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};
use std::path::Path;

/// A longer pause in `dpkg.log` begins another run.
const PAUSE: SignedDuration = SignedDuration::from_secs(120);

/// `2026-11-21 15:19:35 install NAME:ARCH OLD NEW`, `upgrade …`, `configure NAME:ARCH VERSION …`.
pub(super) fn dpkg_log(file: &Path, bytes: &[u8], around: &Circumstances) -> Reading {
    let text = String::from_utf8_lossy(bytes);
    let mut reading = Reading::default();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let time = words.first().zip(words.get(1)).and_then(|(date, time)| local(date, time, around));
        let Some(time) = time else {
            reading.problem.get_or_insert_with(|| Problem::at(file, number + 1, "a line without a time"));
            continue;
        };
        let (name, version) = match (words.get(2), words.get(3)) {
            (Some(&("install" | "upgrade" | "reinstall")), Some(name)) => (name, words.get(5)),
            (Some(&"configure"), Some(name)) => (name, words.get(4)),
            _ => continue,
        };
        let name = name.split(':').next().unwrap_or_default();
        let last = reading
            .installs
            .last_mut()
            .filter(|last| last.ended.is_some_and(|ended| time.duration_since(ended) <= PAUSE));
        let run = match last {
            Some(last) => last,
            None => {
                let run = Install { started: Some(time), ..install(Manager::Dpkg, file, None, around) };
                reading.installs.push(run);
                let Some(run) = reading.installs.last_mut() else { continue };
                run
            }
        };
        run.ended = Some(time);
        run.user = None;
        let package = Package::new(name, version.copied());
        let is_known = package.as_ref().is_some_and(|package| run.packages.contains(package));
        if !is_known && run.packages.len() < PACKAGES {
            run.packages.extend(package);
        }
    }
    keep_latest(&mut reading);
    reading
}

/// Stanzas of `Start-Date:`, `Commandline:`, `Requested-By:`, `Install:`, `Upgrade:`, `End-Date:`.
pub(super) fn apt_history(file: &Path, bytes: &[u8], around: &Circumstances) -> Reading {
    let text = String::from_utf8_lossy(bytes);
    let mut reading = Reading::default();
    let mut current: Option<Install> = None;
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            reading.installs.extend(current.take().filter(|install| install.started.is_some()));
            continue;
        }
        let Some((key, value)) = line.split_once(": ") else {
            reading.problem.get_or_insert_with(|| Problem::at(file, number + 1, "a line without a key"));
            continue;
        };
        let run = current.get_or_insert_with(|| Install {
            ended: None,
            user: None,
            ..install(Manager::Apt, file, None, around)
        });
        let time = || value.trim().split_once(' ').and_then(|(date, time)| local(date, time.trim(), around));
        match key {
            "Start-Date" => {
                run.started = time();
                if run.started.is_none() {
                    reading.problem.get_or_insert_with(|| Problem::at(file, number + 1, "this is no time"));
                }
            }
            "End-Date" => run.ended = time(),
            "Commandline" => run.command_line = command_line(value),
            "Requested-By" => {
                let digits = value.rsplit_once('(').map(|(_, id)| id.trim_end_matches(')'));
                run.user = digits.and_then(|digits| digits.parse().ok());
            }
            "Install" | "Upgrade" | "Reinstall" | "Downgrade" => {
                let room = PACKAGES.saturating_sub(run.packages.len());
                run.packages.extend(packages(value).take(room));
            }
            _ => {}
        }
    }
    reading.installs.extend(current.filter(|install| install.started.is_some()));
    keep_latest(&mut reading);
    reading
}

fn command_line(value: &str) -> Vec<Text> {
    let words: Vec<&str> = value.split_whitespace().take(256).collect();
    let Some((program, rest)) = words.split_first() else { return Vec::new() };
    let program_text = mask_arguments("", &[program]).into_iter().next();
    let plain = matches!(*program, "apt" | "apt-get" | "aptitude").then(|| Text::plain(*program));
    plain.or(program_text).into_iter().chain(mask_arguments(program, rest)).collect()
}

/// `NAME:ARCH (OLD, NEW), NAME:ARCH (VERSION, automatic)`.
fn packages(value: &str) -> impl Iterator<Item = Package> {
    value.split("), ").filter_map(|entry| {
        let (name, versions) = entry.split_once(" (")?;
        let name = name.split(':').next()?;
        let versions: Vec<&str> =
            versions.trim_end_matches(')').split(", ").filter(|word| *word != "automatic").collect();
        Package::new(name, versions.last().copied())
    })
}

fn local(date: &str, time: &str, around: &Circumstances) -> Option<Timestamp> {
    let moment: DateTime = format!("{date}T{time}").parse().ok()?;
    Some(around.zone.to_ambiguous_zoned(moment).compatible().ok()?.timestamp())
}

fn keep_latest(reading: &mut Reading) {
    let excess = reading.installs.len().saturating_sub(INSTALLS);
    reading.installs.drain(..excess);
}
