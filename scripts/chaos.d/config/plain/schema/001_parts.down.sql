DROP TABLE readings;
DROP TABLE parts;
