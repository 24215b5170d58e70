DROP TABLE upload_history;
