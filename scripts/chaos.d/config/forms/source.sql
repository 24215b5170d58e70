CREATE TYPE place AS (day date, share double precision);
CREATE TABLE forms (
  id bigint PRIMARY KEY, word text, day date, at timestamptz, share double precision, span interval, cash money, place place,
  period tstzrange, ip inet, spot point, tags text[], shares double precision[], moments timestamptz[], blob bytea, kind integer);
INSERT INTO forms
SELECT n, 'wörd ' || n || ' ßÿ', '2001-02-03'::date + n, '2020-03-04 05:06:07.891011 UTC'::timestamptz + n * interval '1 hour',
  n / 3.0::float8, n * interval '1 hour 2 minutes' - interval '3 days', n::money / 100, ROW('2001-02-03'::date + n, n / 7.0::float8)::place,
  tstzrange('2020-01-02 UTC'::timestamptz + n * interval '1 day', '2021-01-02 UTC'::timestamptz + n * interval '1 day'),
  '10.0.0.0'::inet + n, point(n / 3.0, -n), ARRAY['a' || n, NULL, 'NULL', 'null', ''], ARRAY[n / 3.0, NULL, 1e-17 * n],
  ARRAY['2020-01-02 03:04:05.678 UTC'::timestamptz + n * interval '1 minute', NULL], decode(md5(n::text), 'hex') || '\x005c27'::bytea,
  CASE WHEN n % 150 = 0 THEN 99 ELSE n % 10 END
FROM generate_series(1, 3000) n;
ANALYZE;
