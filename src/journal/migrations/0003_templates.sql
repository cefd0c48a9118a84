-- Signed templates that were in force, sealed: an older one, or none, does not take the place of the last good one.
CREATE TABLE templates (
    dir     TEXT NOT NULL,
    name    TEXT NOT NULL,
    sealed  BLOB NOT NULL,
    PRIMARY KEY (dir, name)
) STRICT, WITHOUT ROWID;
