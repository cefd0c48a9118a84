//! The record against this kernel: what is forked and run here must be in it.
#![allow(clippy::print_stderr, reason = "a test says why it did not run")]

use super::*;

#[test]
fn smoke() {
    let lineage = match Lineage::start(Options::default()) {
        Ok(l) => l,
        Err(e) => {
            eprintln!("not run: {e}");
            return;
        }
    };
    println!("{:?}", lineage.report());
    let t = std::time::Instant::now();
    let a = lineage.ancestry(std::process::id(), None).unwrap();
    println!("{:?}", t.elapsed());
    println!("{:#?}", a);
    let t = std::time::Instant::now();
    for _ in 0..1000 {
        std::process::Command::new("/bin/true").status().unwrap();
    }
    println!("{:?} {:?}", t.elapsed(), lineage.report());
    let s = sampled(std::process::id());
    println!("{:?}", s.unwrap().processes.len());
}
