//! One surface: its file read and understood, unless it is known to be what it was; and what has changed since.
//!
//! A file that the client would not take keeps the last meaning that it had. Must not know of other files.

use crate::host::clock::Clock;
use crate::host::files::{Contents, Files};
use crate::host::read_error::ReadError;
use crate::json;
use crate::model::surface::{FileFacts, Format, Scope, Surface, SurfaceState};
use crate::model::value::Value;
use crate::surface::claude_code;
use crate::surface::{Extract, Found};
use std::path::Path;
use std::time::Duration;

/// How long after a write a document that cannot be parsed may still be half of one.
const SETTLING: Duration = Duration::from_secs(2);

/// How often, and how far apart, such a document is read again.
const RETRIES: (u32, Duration) = (4, Duration::from_millis(15));

/// A change so recent that another could follow without moving the time stamp.
const BLUR_NANOSECONDS: i128 = 50_000_000;

/// A surface as it was when it was last read.
#[derive(Debug)]
pub(super) struct Remembered {
    pub(super) found: Found,
    /// Whether the file can be told from a later version by its facts.
    settled: bool,
    /// How many versions were read since somebody asked.
    pub(super) versions: u32,
}

/// What another look at a surface changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    /// It was read and says what it said, or was not touched.
    None,
    /// It must be judged again.
    Meaning,
    /// It names other files than before.
    Way,
}

/// Opens surfaces.
pub(super) struct Opener<'o> {
    pub(super) files: &'o dyn Files,
    pub(super) clock: &'o dyn Clock,
    /// The most bytes of a file that are read.
    pub(super) cap: u64,
    /// Whether a document that may be half of a save is read again.
    pub(super) waits: bool,
    pub(super) is_approved: &'o dyn Fn(&Path) -> bool,
}

impl Opener<'_> {
    /// Reads one surface, unless it is known to be what it was. Most of what is looked for is not there and
    /// nothing expects it: that is `None`.
    pub(super) fn refresh(
        &self,
        surface: &Surface,
        before: Option<Remembered>,
        was_touched: bool,
    ) -> (Option<Remembered>, Effect) {
        let before = match before {
            Some(known)
                if known.settled
                    && known.found.state == SurfaceState::Read
                    && self.files.facts(&surface.file).ok().as_ref() == known.found.facts.as_ref() =>
            {
                return (Some(known), Effect::None);
            }
            other => other,
        };
        let mut left = if self.waits { RETRIES.0 } else { 0 };
        let (state, facts, extract) = loop {
            let known = before.as_ref().and_then(|before| before.found.extract.as_ref());
            let (state, facts, extract) = self.read_once(surface, known);
            let half_written = matches!(state, SurfaceState::Unparsable(_))
                && extract.is_none()
                && facts.as_ref().is_some_and(|facts| self.age(facts.modified) < SETTLING);
            if !half_written || left == 0 {
                break (state, facts, extract);
            }
            left -= 1;
            self.clock.pause(RETRIES.1);
        };
        if state == SurfaceState::Missing && !(self.is_approved)(&surface.file) {
            let effect = match before {
                Some(before) => effect_of(&before.found, None),
                // That nothing is there may be news to whoever asks whether its directory is.
                None if was_touched => Effect::Meaning,
                None => Effect::None,
            };
            return (None, effect);
        }
        let settled = facts
            .as_ref()
            .is_some_and(|facts| self.clock.now().as_nanosecond() - facts.changed > BLUR_NANOSECONDS);
        let mut found = Found { surface: surface.clone(), state, facts, extract };
        let Some(mut before) = before else {
            let effect = if leads_anywhere(&found) { Effect::Way } else { Effect::Meaning };
            return (Some(Remembered { found, settled, versions: 1 }), effect);
        };
        let is_another = before.found.facts != found.facts;
        let versions = before.versions.saturating_add(u32::from(is_another));
        if matches!(found.state, SurfaceState::Unparsable(_) | SurfaceState::Unreadable(_))
            && found.extract.is_none()
        {
            let effect = if is_as_before(&before.found, &found) { Effect::None } else { Effect::Meaning };
            found.extract = before.found.extract.take();
            return (Some(Remembered { found, settled, versions }), effect);
        }
        let effect = effect_of(&before.found, Some(&found));
        (Some(Remembered { found, settled, versions }), effect)
    }

    fn read_once(
        &self,
        surface: &Surface,
        before: Option<&Extract>,
    ) -> (SurfaceState, Option<FileFacts>, Option<Extract>) {
        match self.files.read(&surface.file, self.cap) {
            Err(ReadError::Missing(_)) => (SurfaceState::Missing, None, None),
            Err(error) => (SurfaceState::Unreadable(error.to_string()), None, None),
            Ok(Contents { bytes, facts }) => match extract(surface, bytes, before) {
                // What another version of the client would take counts all the same.
                Ok(extract) => match extract.rejected.clone() {
                    Some(why) => (SurfaceState::Unparsable(why), Some(facts), Some(extract)),
                    None => (SurfaceState::Read, Some(facts), Some(extract)),
                },
                Err(why) => (SurfaceState::Unparsable(why), Some(facts), None),
            },
        }
    }

    fn age(&self, nanoseconds: i128) -> Duration {
        let age = self.clock.now().as_nanosecond() - nanoseconds;
        Duration::from_nanos(u64::try_from(age).unwrap_or(if age < 0 { u64::MAX } else { 0 }))
    }
}

fn extract(surface: &Surface, bytes: Vec<u8>, before: Option<&Extract>) -> Result<Extract, String> {
    // The client takes a `.mcp.json` or settings file that is empty for one that says nothing.
    let text = json::decode(&bytes);
    let may_be_empty = surface.format != Format::ClaudeJson || claude_code::is_stand_in(surface);
    if text.as_str().trim().is_empty() && may_be_empty {
        let managed = surface.scope == Scope::Managed;
        return Ok(Extract { content: managed.then_some(Value::Null), ..Extract::default() });
    }
    claude_code::extract_after(surface, text.as_str(), before).map_err(|error| error.to_string())
}

/// What it means that a surface was found otherwise than before.
fn effect_of(before: &Found, now: Option<&Found>) -> Effect {
    let nothing = Extract::default();
    let old = before.extract.as_ref().unwrap_or(&nothing);
    let new = now.and_then(|now| now.extract.as_ref()).unwrap_or(&nothing);
    if !old.leads_to_the_same(new) {
        return Effect::Way;
    }
    match now {
        Some(now) if is_as_before(before, now) && old.says_the_same(new) => Effect::None,
        _ => Effect::Meaning,
    }
}

/// Whether all that is judged of the file itself is as before: not when it was written, and not which inode it
/// is, since the client makes a new one at every save.
fn is_as_before(before: &Found, now: &Found) -> bool {
    let judged = |facts: &FileFacts| {
        (facts.owner, facts.group, facts.mode, facts.hard_links, facts.link_target.clone())
    };
    before.state == now.state && before.facts.as_ref().map(judged) == now.facts.as_ref().map(judged)
}

fn leads_anywhere(found: &Found) -> bool {
    found.extract.as_ref().is_some_and(|extract| !extract.leads_to_the_same(&Extract::default()))
}
