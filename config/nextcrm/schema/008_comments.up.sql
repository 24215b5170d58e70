-- Task comments.

CREATE TABLE "tasksComments" (
  "id"                        uuid         NOT NULL,
  "__v"                       integer      NOT NULL,
  "comment"                   text         NOT NULL,
  "createdAt"                 timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "task"                      uuid         NOT NULL,
  "user"                      uuid         NOT NULL,
  "assigned_crm_account_task" uuid,
  CONSTRAINT "tasksComments_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "tasksComments_assigned_crm_account_task_fkey" FOREIGN KEY ("assigned_crm_account_task")
    REFERENCES "crm_Accounts_Tasks" ("id") ON UPDATE CASCADE ON DELETE SET NULL,
  CONSTRAINT "tasksComments_task_fkey" FOREIGN KEY ("task")
    REFERENCES "Tasks" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT "tasksComments_user_fkey" FOREIGN KEY ("user")
    REFERENCES "Users" ("id") ON UPDATE CASCADE ON DELETE RESTRICT
);

CREATE INDEX "tasksComments_task_idx" ON "tasksComments" ("task");
CREATE INDEX "tasksComments_user_idx" ON "tasksComments" ("user");
CREATE INDEX "tasksComments_assigned_crm_account_task_idx"
  ON "tasksComments" ("assigned_crm_account_task");
