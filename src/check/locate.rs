//! Lines for what is to be shown: a file is read once more, and only where there is drift. Counting lines at
//! every check would cost a pass over megabytes in which nothing has changed.

use super::Report;
use crate::host::files::Files;
use crate::json::decode;
use crate::model::inventory::Server;
use crate::model::subject::Subject;
use std::collections::HashMap;
use std::path::PathBuf;

/// Where an entry starts, which it is, and where its line goes.
type Place<'r> = (usize, &'r Server, &'r mut Option<usize>);

/// Gives each server's judgement the line on which its entry starts, if the file still says it there.
pub(super) fn locate(report: &mut Report, files: &dyn Files, cap: u64) {
    if report.judgements.iter().all(|judgement| judgement.server.is_none()) {
        return;
    }
    let servers: HashMap<Subject, &Server> =
        report.inventory.servers.iter().map(|server| (Subject::server(server), server)).collect();
    // By file, since one file is read once, and by place, since lines are counted on from the last one.
    let mut wanted: HashMap<PathBuf, Vec<Place<'_>>> = HashMap::new();
    for judgement in &mut report.judgements {
        if let Some(server) = servers.get(&judgement.subject) {
            let place = (server.offset, *server, &mut judgement.line);
            wanted.entry(server.surface.file.to_path_buf()).or_default().push(place);
        }
    }
    for (file, mut places) in wanted {
        let Ok(contents) = files.read(&file, cap) else { continue };
        let text = decode(&contents.bytes);
        places.sort_unstable_by_key(|(offset, _, _)| *offset);
        let (mut line, mut counted) = (1, 0);
        for (offset, server, found) in places {
            if !text.as_str().get(offset..).is_some_and(|rest| rest.starts_with(server.raw.reveal())) {
                continue;
            }
            let between = text.as_str().as_bytes().get(counted..offset).unwrap_or_default();
            line += memchr::memchr_iter(b'\n', between).count();
            counted = offset;
            *found = Some(line);
        }
    }
}
