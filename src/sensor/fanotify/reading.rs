//! What fanotify tells, as fast as it tells it: whose change it is and who made it. Nothing heavier is done here,
//! since who is not looked at soon is gone.

use super::super::hearing::Hearing;
use super::super::inbox::News;
use super::super::route::{Effect, Routes};
use super::super::temporaries::Temporaries;
use super::super::versions::{Versions, Writing};
use super::Shared;
use super::table::Table;
use crate::host::clock::{Clock, SystemClock};
use crate::host::fanotify::{Doer, Doers, Errno, Event, Handle, Named, What};
use crate::model::touch::{Deed, Touch};

use std::cell::OnceCell;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Room for some hundred events: each may bring a descriptor, and those are scarce too.
const BUFFER: usize = 16 * 1024;

/// What whoever reads needs.
pub(super) struct Reading {
    ear: Ear,
    buffer: Vec<u8>,
}

/// What is made of events.
struct Ear {
    hearing: Hearing,
    writing: Writing,
    doers: Doers,
    temporaries: Temporaries<Handle, Doer>,
    clock: SystemClock,
}

/// What happened to one path.
struct Happened {
    path: PathBuf,
    effect: Effect,
    deeds: Vec<Deed>,
    /// Something that may have been written before was given this name; the name that it had, if any is known.
    named: Option<Option<PathBuf>>,
    /// It was done under that very name. What was done under another one may have been done before the file was given this
    /// name: the mark is set by what the disk says, which is ahead of what is heard. Then the rename is the version.
    is_by_name: bool,
}

/// Reads until it is over.
pub(super) fn run(shared: &Shared) {
    if let Err(error) = read_on(shared) {
        shared.is_over.store(true, Ordering::Release);
        // Every mark is deaf now: whoever sets them is to look for other means.
        let degraded = Some(format!("fanotify ended: {error}"));
        let news = News { degraded, overflow: true, is_blind: true, ..News::default() };
        shared.reading().ear.hearing.tell(&news);
    }
    shared.rounds().done = u64::MAX;
    shared.caught_up.notify_all();
}

fn read_on(shared: &Shared) -> Result<(), Errno> {
    loop {
        let ready = shared.group.wait(&shared.bell)?;
        if shared.is_over.load(Ordering::Acquire) {
            return Ok(());
        }
        let asked = shared.rounds().asked;
        let mut reading = shared.reading();
        while reading.read(shared)? {}
        drop(reading);
        if ready.is_rung {
            shared.rounds().done = asked;
            shared.caught_up.notify_all();
        }
    }
}

impl Reading {
    pub(super) fn new(hearing: Hearing) -> Self {
        let ear = Ear {
            hearing,
            writing: Writing::default(),
            doers: Doers::default(),
            temporaries: Temporaries::default(),
            clock: SystemClock,
        };
        Self { ear, buffer: vec![0; BUFFER] }
    }

    /// Hears all there is; says whether there was an end to it in that time.
    pub(super) fn read_for(&mut self, shared: &Shared, at_most: Duration) -> bool {
        let end = self.ear.clock.elapsed() + at_most;
        loop {
            match self.read(shared) {
                Ok(false) => return true,
                Ok(true) if self.ear.clock.elapsed() < end => {}
                // The thread that reads on will meet the same error, and tells it.
                Ok(true) | Err(_) => return false,
            }
        }
    }

    fn read(&mut self, shared: &Shared) -> Result<bool, Errno> {
        let Self { ear, buffer } = self;
        let hearing = ear.hearing.clone();
        // Asked for once something was read: whoever sets a mark says before what it is for.
        let routes = OnceCell::new();
        let mut news = News::default();
        let mut read = shared.group.read(buffer, |event, process| {
            ear.hear(shared, routes.get_or_init(|| hearing.routes()), event, process, &mut news);
        });
        if read == Err(Errno::PROTO) {
            news.overflow = true;
            news.is_blind = true;
            read = Ok(true);
        }
        // All at once: a rename is several events, and who is woken by the first one reads the file twice.
        if news.overflow || routes.get().is_some() {
            hearing.tell(&news);
        }
        read
    }
}

impl Ear {
    fn hear<'r>(
        &mut self,
        shared: &Shared,
        routes: &'r Routes,
        event: &Event<'_>,
        mut process: Option<OwnedFd>,
        news: &mut News<'r>,
    ) {
        let what = event.what;
        if what.is_overflow() {
            news.overflow = true;
            news.is_blind = true;
            return;
        }
        let mut owners = Vec::new();
        let mut known = None;
        for Happened { path, effect, deeds, named, is_by_name } in happened(shared, event) {
            routes.tell(&path, effect, news);
            owners.clear();
            news.is_blind |= !routes.owners(&path, &mut owners);
            if owners.is_empty() {
                continue;
            }
            let doer = *known.get_or_insert_with(|| self.doers.who(event.pid, process.take()));
            let writers = event.file.map_or(&[][..], |file| self.temporaries.of(file));
            // Who was heard writing before closes what it wrote: nothing came through a memory map.
            let has_written = writers.contains(&doer);
            let deeds = deeds.iter().map(|deed| match deed {
                Deed::ClosedWritable if has_written => Deed::Written,
                deed => *deed,
            });
            let writers = if named.is_some() { writers } else { &[] };
            let writers = writers.iter().map(|writer| (Deed::WroteTemporary, *writer));
            let elapsed = self.clock.elapsed();
            for (deed, Doer { pid, started, is_reaped }) in writers.chain(deeds.map(|deed| (deed, doer))) {
                let touch = |file| Touch { file, pid, started, deed, elapsed, is_reaped };
                news.touches.extend(owners.iter().cloned().map(touch));
            }
            if what.is_directory() || !is_by_name {
                continue;
            }
            if let Some(from) = named.filter(|_| what.is_renamed()) {
                routes.tell_version(&path, Versions::renamed(from.as_deref(), &path), news);
            }
            if what.is_written() {
                self.writing.write(&path);
            }
            if what.is_closed() && self.writing.close(&path) {
                routes.tell_version(&path, Versions::OTHER, news);
            }
        }
        if let Some(file) =
            event.file.filter(|_| !what.is_directory() && (what.is_created() || what.is_written()))
        {
            let doer = *known.get_or_insert_with(|| self.doers.who(event.pid, process.take()));
            self.temporaries.wrote(file, doer);
        }
    }
}

/// What that event says, with paths in the place of handles.
fn happened(shared: &Shared, event: &Event<'_>) -> Vec<Happened> {
    let mut table = shared.table();
    let what = event.what;
    let mut all: Vec<Happened> = Vec::new();
    if what.is_renamed() {
        let [old, new] = [event.old, event.new].map(|named| named.map(|named| paths(&table, named)));
        let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
        all.extend(new.into_iter().map(|path| Happened {
            path,
            effect: Effect::Appears,
            deeds: vec![Deed::RenamedOnto],
            named: Some(old.first().cloned()),
            is_by_name: true,
        }));
        all.extend(old.into_iter().map(|path| Happened {
            path,
            effect: Effect::Goes,
            deeds: vec![Deed::RenamedAway],
            named: None,
            is_by_name: true,
        }));
    }
    all.extend(event.name.map(|named| paths(&table, named)).unwrap_or_default().into_iter().map(|path| {
        Happened {
            path,
            effect: effect(what),
            deeds: deeds(what),
            named: what.is_created().then_some(None),
            is_by_name: true,
        }
    }));
    let Some(file) = event.file else { return all };
    if what.is_of_itself() {
        for path in table.paths(file) {
            if !all.iter().any(|known| known.path.as_os_str() == &**path) {
                let path = PathBuf::from(&**path);
                all.push(Happened {
                    path,
                    effect: effect(what),
                    deeds: deeds(what),
                    named: None,
                    is_by_name: event.name.is_none(),
                });
            }
        }
    }
    if what.is_gone() {
        table.is_gone(file);
    }
    all
}

/// The paths of that name: more than one where the directory has several.
fn paths(table: &Table, named: Named<'_>) -> Vec<PathBuf> {
    let directories = table.paths(named.directory).map(|path| Path::new(&**path));
    let path = |directory: &Path| match named.name == "." {
        true => directory.to_path_buf(),
        false => directory.join(named.name),
    };
    directories.map(path).collect()
}

fn effect(what: What) -> Effect {
    if what.is_deleted() || what.is_gone() || what.is_moved() {
        Effect::Goes
    } else if what.is_created() {
        Effect::Appears
    } else {
        Effect::Stays
    }
}

fn deeds(what: What) -> Vec<Deed> {
    let all = [
        (what.is_created(), Deed::Created),
        (what.is_written(), Deed::Written),
        (what.is_closed() && !what.is_written(), Deed::ClosedWritable),
        (what.is_attributes(), Deed::Attributes),
        (what.is_deleted(), Deed::Deleted),
    ];
    all.into_iter().filter(|(is, _)| *is).map(|(_, deed)| deed).collect()
}
