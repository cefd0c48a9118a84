-- The events again, each with its place in the chain: HMAC-SHA-256 under the installation's key of the hash before
-- it, its number and its document. No default: a program that knows no chain must not write here.
CREATE TABLE chained_events (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    time     TEXT NOT NULL,
    action   TEXT NOT NULL,
    level    TEXT NOT NULL,
    kind     TEXT NOT NULL,
    home     TEXT,
    document TEXT NOT NULL,
    hash     TEXT NOT NULL
) STRICT;

-- Where the chain ends, so that an end that was cut off is missed, and a digest of the approvals as they were then.
-- One row, always.
CREATE TABLE head (
    one       INTEGER PRIMARY KEY CHECK (one = 1),
    seq       INTEGER NOT NULL,
    hash      TEXT NOT NULL,
    approvals TEXT NOT NULL,
    mac       TEXT NOT NULL
) STRICT;

-- What was dropped from the chain's beginning, and when. The newest row is where the chain begins now; what it
-- kept are events that are still there though the chain begins after them, each with the hash before it.
CREATE TABLE checkpoints (
    seq    INTEGER PRIMARY KEY,
    hash   TEXT NOT NULL,
    events INTEGER NOT NULL,
    since  TEXT NOT NULL,
    until  TEXT NOT NULL,
    at     TEXT NOT NULL,
    broken INTEGER,
    kept   TEXT NOT NULL,
    mac    TEXT NOT NULL
) STRICT;

-- The drifts that stood when the agent last looked, and what was told of them.
CREATE TABLE standing (
    home    TEXT NOT NULL,
    drift   TEXT NOT NULL,
    state   TEXT NOT NULL,
    since   TEXT NOT NULL,
    level   TEXT NOT NULL,
    kind    TEXT NOT NULL,
    summary TEXT NOT NULL,
    event   TEXT,
    mac     TEXT NOT NULL,
    PRIMARY KEY (home, drift)
) STRICT, WITHOUT ROWID;
