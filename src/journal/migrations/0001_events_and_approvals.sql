-- Marks the file as a journal ('mcpw'), so that another program's database is never taken for one.
PRAGMA application_id = 0x6D637077;

-- Facts about the journal itself.
CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What happened. The document is the whole of it; the other columns repeat what events are found by.
-- AUTOINCREMENT: a number is never used twice, also when the newest event was deleted.
CREATE TABLE events (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    time     TEXT NOT NULL,
    action   TEXT NOT NULL,
    level    TEXT NOT NULL,
    kind     TEXT NOT NULL,
    home     TEXT,
    document TEXT NOT NULL
) STRICT;

CREATE INDEX events_by_time ON events (time);

-- What was accepted. Content and raw text are sealed, and bound to this row. A row is never deleted: it is
-- superseded by a later approval of the same subject, or withdrawn.
CREATE TABLE approvals (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    home          TEXT NOT NULL,
    kind          TEXT NOT NULL,
    subject       TEXT NOT NULL,
    content       BLOB NOT NULL,
    raw           BLOB NOT NULL,
    file          TEXT NOT NULL,
    by            TEXT NOT NULL,
    at            TEXT NOT NULL,
    reason        TEXT,
    expires       TEXT,
    event         TEXT,
    superseded_at TEXT,
    superseded_by INTEGER REFERENCES approvals (id) DEFERRABLE INITIALLY DEFERRED,
    withdrawn_at  TEXT,
    withdrawn_by  TEXT,
    CHECK ((superseded_at IS NULL) = (superseded_by IS NULL)),
    CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL))
) STRICT;

-- One approval of a subject is in force at a time.
CREATE UNIQUE INDEX approvals_in_force ON approvals (home, kind, subject)
    WHERE superseded_at IS NULL AND withdrawn_at IS NULL;
