//! Points in time as people type and read them. Knows nothing of clocks: now is always given.

use jiff::{SignedDuration, Timestamp, Unit};

/// What a point in time may look like.
pub(crate) const FORMS: &str =
    "use a time such as 2026-01-31T12:00:00Z, or a length of time such as 10m, 2h or 3d";

/// A point in time as typed: absolute, or so far from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// RFC 3339.
    At(Timestamp),
    /// `10m`, `2h`, `3d`.
    Distance(SignedDuration),
}

impl When {
    /// The point in time, counted back from `now`.
    pub(crate) fn before(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Distance(distance) => now.saturating_sub(distance).unwrap_or(Timestamp::MIN),
        }
    }

    /// The point in time, counted on from `now`.
    pub(crate) fn after(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Distance(distance) => now.saturating_add(distance).unwrap_or(Timestamp::MAX),
        }
    }
}

impl std::str::FromStr for When {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(at) = text.parse::<Timestamp>() {
            return Ok(Self::At(at));
        }
        let digits = text.find(|character: char| !character.is_ascii_digit()).ok_or(FORMS)?;
        let (number, unit) = text.split_at(digits);
        let number: i64 = number.parse().map_err(|_| FORMS)?;
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            "w" => 604_800,
            _ => return Err(FORMS),
        };
        number
            .checked_mul(seconds)
            .map(|seconds| Self::Distance(SignedDuration::from_secs(seconds)))
            .ok_or(FORMS)
    }
}

/// An RFC 3339 time to the second, for tables; what is no time stays as it is.
pub(crate) fn to_the_second(time: &str) -> String {
    time.parse::<Timestamp>()
        .and_then(|time| time.round(Unit::Second))
        .map_or_else(|_| time.to_owned(), |time| time.to_string())
}

/// The day of an RFC 3339 time.
pub(crate) fn day(time: &str) -> &str {
    time.split_once('T').map_or(time, |(day, _)| day)
}

/// How long ago `then` was, in one word.
pub(crate) fn ago(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(then).as_secs().max(0);
    match seconds {
        0..=1 => "just now".to_owned(),
        2..=119 => format!("{seconds} s ago"),
        120..=7199 => format!("{} min ago", seconds / 60),
        7200..=172_799 => format!("{} h ago", seconds / 3600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan as _;

    fn tomorrow(now: Timestamp) -> Timestamp {
        now.checked_add(24.hours()).unwrap()
    }

    #[test]
    fn times_are_read_both_ways() {
        let now: Timestamp = "2026-01-02T00:00:00Z".parse().unwrap();
        assert_eq!("24h".parse::<When>().unwrap().after(now), tomorrow(now));
        assert_eq!("1d".parse::<When>().unwrap().before(now).to_string(), "2026-01-01T00:00:00Z");
        assert_eq!(
            "2026-03-01T00:00:00+01:00".parse::<When>().unwrap().before(now).to_string(),
            "2026-02-28T23:00:00Z"
        );
        assert_eq!("99999999999d".parse::<When>().unwrap().after(now), Timestamp::MAX);
        for wrong in ["", "10", "m", "-3d", "3y", "soon", "999999999999999999999d"] {
            assert_eq!(wrong.parse::<When>(), Err(FORMS), "{wrong}");
        }
    }

    #[test]
    fn times_are_short() {
        assert_eq!(to_the_second("2026-01-02T03:04:05.678901Z"), "2026-01-02T03:04:06Z");
        assert_eq!(to_the_second("long ago"), "long ago");
        let now: Timestamp = "2026-01-02T00:00:00Z".parse().unwrap();
        assert_eq!(ago(now, now), "just now");
        assert_eq!(ago(now, tomorrow(now)), "24 h ago");
    }
}
