-- Times are RFC 3339 in UTC. Names are escaped as text.go says. JSON columns
-- hold the root package's types. Rows of observation, finding, batch and
-- outbox are never changed after they were written, save for outbox.sent.

CREATE TABLE run (
  id     INTEGER PRIMARY KEY,
  key    TEXT NOT NULL,
  state  TEXT NOT NULL CHECK (state IN ('open', 'finished', 'abandoned')),
  began  TEXT NOT NULL,
  ended  TEXT
) STRICT;

CREATE UNIQUE INDEX run_open ON run (key) WHERE state = 'open';

CREATE TABLE run_brand (
  run    INTEGER NOT NULL REFERENCES run (id),
  brand  TEXT NOT NULL,
  body   TEXT NOT NULL,
  PRIMARY KEY (run, brand)
) STRICT;

-- Other tables refer to num: IDs are hashes, and would scatter the rows of a
-- batch over the whole of every index.
CREATE TABLE candidate (
  num        INTEGER PRIMARY KEY,
  id         TEXT NOT NULL UNIQUE,
  domain     TEXT NOT NULL,
  brand      TEXT NOT NULL,
  matches    TEXT NOT NULL,
  sightings  TEXT NOT NULL,
  links      TEXT NOT NULL
) STRICT;

-- The ID is a hash of both, so it is unique without saying so.
CREATE INDEX candidate_name ON candidate (domain, brand);

-- member is a candidate's place in a run. Domain and brand are repeated so
-- that pending ones are read in order without sorting them all.
CREATE TABLE member (
  run        INTEGER NOT NULL REFERENCES run (id),
  candidate  INTEGER NOT NULL REFERENCES candidate (num),
  domain     TEXT NOT NULL,
  brand      TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('pending', 'finding', 'undecided', 'absent')),
  outcome    TEXT NOT NULL,
  settled    TEXT,
  PRIMARY KEY (run, candidate),
  CHECK ((state = 'pending') = (settled IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX member_pending ON member (run, domain, brand) WHERE state = 'pending';

CREATE TABLE batch (
  id         INTEGER PRIMARY KEY,
  run        INTEGER NOT NULL REFERENCES run (id),
  feed       TEXT NOT NULL,
  cursor     TEXT NOT NULL,
  read       INTEGER NOT NULL,
  matched    INTEGER NOT NULL,
  unmatched  INTEGER NOT NULL,
  malformed  INTEGER NOT NULL,
  undecided  INTEGER NOT NULL,
  UNIQUE (run, feed, cursor),
  CHECK (read = matched + unmatched + malformed),
  CHECK (matched >= 0 AND unmatched >= undecided AND malformed >= 0 AND undecided >= 0)
) STRICT;

CREATE TABLE feed_report (
  run   INTEGER NOT NULL REFERENCES run (id),
  feed  TEXT NOT NULL,
  body  TEXT NOT NULL,
  PRIMARY KEY (run, feed)
) STRICT;

CREATE TABLE undecided (
  run         INTEGER NOT NULL REFERENCES run (id),
  domain      TEXT NOT NULL,
  resolution  TEXT NOT NULL,
  reason      TEXT NOT NULL,
  PRIMARY KEY (run, domain)
) STRICT;

CREATE TABLE observation (
  id         INTEGER PRIMARY KEY,
  run        INTEGER NOT NULL,
  candidate  INTEGER NOT NULL,
  domain     TEXT NOT NULL,
  probe      TEXT NOT NULL,
  outcome    TEXT NOT NULL,
  body       TEXT NOT NULL,
  FOREIGN KEY (run, candidate) REFERENCES member (run, candidate)
) STRICT;

CREATE INDEX observation_member ON observation (run, candidate);

CREATE TABLE finding (
  run        INTEGER NOT NULL,
  candidate  INTEGER NOT NULL,
  verdict    TEXT NOT NULL,
  body       TEXT NOT NULL,
  PRIMARY KEY (run, candidate),
  FOREIGN KEY (run, candidate) REFERENCES member (run, candidate)
) STRICT;

CREATE INDEX finding_candidate ON finding (candidate, run);

-- triage is what people decided about a candidate, over all runs.
CREATE TABLE triage (
  candidate  INTEGER PRIMARY KEY REFERENCES candidate (num),
  state      TEXT NOT NULL,
  note       TEXT NOT NULL
) STRICT;

CREATE TABLE outbox (
  key      TEXT PRIMARY KEY,
  body     TEXT NOT NULL,
  created  TEXT NOT NULL,
  sent     TEXT
) STRICT;
