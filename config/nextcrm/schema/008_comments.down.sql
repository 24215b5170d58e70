DROP TABLE "tasksComments";
