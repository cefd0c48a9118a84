//! When the kernel drops what nobody took out in time: it is said, and it ends.

use super::kit::{lineage, shell};
use super::support::wait_until;
use mcpwatch::sensor::lineage::Options;

#[test]
fn a_flood_over_a_small_queue_is_told_and_overcome() {
    let Some((lineage, _alone)) = lineage(Options { buffer: 2048, ..Default::default() }) else { return };
    let mut before = shell("read line").stdin(std::process::Stdio::piped()).spawn().unwrap();
    // Whoever else forks now may have filled so small a queue already.
    let is_sure = || lineage.ancestry(before.id(), None).is_some_and(|ancestry| ancestry.is_lossless);
    wait_until("it is sure at first", is_sure);
    let script = "i=0; while [ $i -lt 3000 ]; do (:) & i=$((i+1)); done; wait";
    let mut forkers: Vec<_> = (0..8).map(|_| shell(script).spawn().unwrap()).collect();
    let mut was_doubtful = false;
    wait_until("something was dropped", || {
        was_doubtful |= !lineage.ancestry(before.id(), None).unwrap().is_lossless;
        was_doubtful
    });
    forkers.iter_mut().for_each(|forker| _ = forker.wait().unwrap());
    let report = lineage.report();
    eprintln!("{} dropped in {} losses, of {} forks", report.drops, report.losses, report.forks);
    assert!(report.losses > 0 && report.state.starts_with("losing"), "{report:?}");

    // All that run were looked at again: who was known and is the same is sure, and so is who comes after.
    wait_until("it is sure again", || lineage.ancestry(before.id(), None).unwrap().is_lossless);
    wait_until("so is who comes after", || {
        let mut after = shell("exit 3").spawn().unwrap();
        after.wait().unwrap();
        let ancestry = lineage.ancestry(after.id(), None);
        ancestry.is_some_and(|ancestry| ancestry.is_lossless && ancestry.is_whole)
    });
    before.kill().unwrap();
    before.wait().unwrap();
    let living = lineage.roots_matching(&|process| process.ended.is_none());
    let there = std::fs::read_dir("/proc").unwrap().flatten();
    let there = there.filter(|entry| entry.file_name().to_str().unwrap().parse::<u32>().is_ok()).count();
    assert!(living.len() < there + 50, "{} are taken for living, {there} are", living.len());
}
