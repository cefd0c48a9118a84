-- A number is never used twice, also when the newest event was deleted.
DELETE FROM sqlite_sequence WHERE name = 'chained_events';
INSERT INTO sqlite_sequence (name, seq) SELECT 'chained_events', seq FROM sqlite_sequence WHERE name = 'events';

DROP TABLE events;
ALTER TABLE chained_events RENAME TO events;
CREATE INDEX events_by_time ON events (time);
