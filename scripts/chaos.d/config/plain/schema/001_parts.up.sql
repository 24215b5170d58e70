CREATE TABLE parts (
  id bigint PRIMARY KEY, parent bigint REFERENCES parts, name text NOT NULL, made timestamptz, stock bigint,
  weight double precision, price numeric(12,4), tags text[], facts jsonb, photo bytea);
CREATE INDEX parts_name_idx ON parts (name);
CREATE TABLE readings (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamp, sensor integer, value double precision, note text);
CREATE INDEX readings_sensor_idx ON readings (sensor, at);
