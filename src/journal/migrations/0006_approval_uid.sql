-- The number of the account that gave an approval: who is an administrator is a fact, not a way of writing a name.
-- What was approved before has none, and counts as nobody's.
ALTER TABLE approvals ADD COLUMN uid INTEGER;
