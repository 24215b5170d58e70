CREATE TABLE parts (
  id bigint PRIMARY KEY, parent bigint REFERENCES parts, name text NOT NULL, made timestamptz, stock bigint,
  weight double precision, price numeric(12,4), tags text[], facts jsonb, photo bytea);
INSERT INTO parts
SELECT n, CASE WHEN n % 7 > 0 THEN n / 7 + 1 END, 'part ' || n, '2020-01-01 UTC'::timestamptz + n * interval '1 hour', n * 3,
  n / 8.0, n / 100.0, ARRAY['a' || n % 5, 'b'], jsonb_build_object('n', n, 'text', repeat('x', n % 50)), decode(md5(n::text), 'hex')
FROM generate_series(1, 4000) n;
CREATE TABLE readings (at timestamp, sensor integer, value double precision, note text);
INSERT INTO readings
SELECT '2024-01-01'::timestamp + n * interval '1 minute', n % 20, sqrt(n), 'reading ' || n || repeat('.', n % 90)
FROM generate_series(1, 6000) n;
ANALYZE;
