DROP TABLE words; DROP TABLE forms; DROP TABLE kinds; DROP TYPE place;
