CREATE TYPE place AS (day date, share double precision);
CREATE TABLE kinds (id integer PRIMARY KEY);
INSERT INTO kinds SELECT generate_series(0, 9);
CREATE TABLE forms (
  id bigint PRIMARY KEY, word text, day date, at timestamptz, share double precision, span interval, cash money, place place,
  period tstzrange, ip inet, spot point, tags text[], shares double precision[], moments timestamptz[], blob bytea, kind integer REFERENCES kinds);
CREATE INDEX forms_word_idx ON forms (word);
CREATE TABLE words (
  id bigint PRIMARY KEY, word text, day text, at text, share text, span text, period text, place text, blob text);
