-- Tasks and boards.

CREATE TABLE "Boards" (
  "id"                uuid         NOT NULL,
  "__v"               integer      NOT NULL,
  "description"       text         NOT NULL,
  "favourite"         boolean,
  "favouritePosition" integer,
  "icon"              text,
  "position"          integer,
  "title"             text         NOT NULL,
  "user"              uuid         NOT NULL,
  "visibility"        text,
  "sharedWith"        uuid[],
  "createdAt"         timestamp(3) DEFAULT CURRENT_TIMESTAMP,
  "createdBy"         uuid,
  "updatedAt"         timestamp(3),
  "updatedBy"         uuid,
  CONSTRAINT "Boards_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "Boards_user_fkey" FOREIGN KEY ("user")
    REFERENCES "Users" ("id") ON UPDATE CASCADE ON DELETE RESTRICT
);

CREATE INDEX "Boards_user_idx" ON "Boards" ("user");
CREATE INDEX "Boards_createdBy_idx" ON "Boards" ("createdBy");
CREATE INDEX "Boards_updatedBy_idx" ON "Boards" ("updatedBy");
CREATE INDEX "Boards_favourite_idx" ON "Boards" ("favourite");
CREATE INDEX "Boards_visibility_idx" ON "Boards" ("visibility");
CREATE INDEX "Boards_createdAt_idx" ON "Boards" ("createdAt");
CREATE INDEX "Boards_user_favourite_idx" ON "Boards" ("user", "favourite");

CREATE TABLE "Sections" (
  "id"       uuid    NOT NULL,
  "__v"      integer NOT NULL,
  "board"    uuid    NOT NULL,
  "title"    text    NOT NULL,
  "position" integer,
  CONSTRAINT "Sections_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "Sections_board_fkey" FOREIGN KEY ("board")
    REFERENCES "Boards" ("id") ON UPDATE CASCADE ON DELETE RESTRICT
);

CREATE INDEX "Sections_board_idx" ON "Sections" ("board");

CREATE TABLE "Tasks" (
  "id"           uuid         NOT NULL,
  "__v"          integer      NOT NULL,
  "content"      text,
  "createdAt"    timestamp(3) DEFAULT CURRENT_TIMESTAMP,
  "createdBy"    uuid,
  "updatedAt"    timestamp(3),
  "updatedBy"    uuid,
  "dueDateAt"    timestamp(3) DEFAULT CURRENT_TIMESTAMP,
  "lastEditedAt" timestamp(3) DEFAULT CURRENT_TIMESTAMP,
  "position"     integer      NOT NULL,
  "priority"     text         NOT NULL,
  "section"      uuid,
  "tags"         jsonb,
  "title"        text         NOT NULL,
  "likes"        integer      DEFAULT 0,
  "user"         uuid,
  "taskStatus"   "taskStatus" DEFAULT 'ACTIVE',
  CONSTRAINT "Tasks_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "Tasks_user_fkey" FOREIGN KEY ("user")
    REFERENCES "Users" ("id") ON UPDATE CASCADE ON DELETE SET NULL,
  CONSTRAINT "Tasks_section_fkey" FOREIGN KEY ("section")
    REFERENCES "Sections" ("id") ON UPDATE CASCADE ON DELETE SET NULL
);

CREATE INDEX "Tasks_user_idx" ON "Tasks" ("user");
CREATE INDEX "Tasks_section_idx" ON "Tasks" ("section");
CREATE INDEX "Tasks_createdBy_idx" ON "Tasks" ("createdBy");
CREATE INDEX "Tasks_updatedBy_idx" ON "Tasks" ("updatedBy");
CREATE INDEX "Tasks_priority_idx" ON "Tasks" ("priority");
CREATE INDEX "Tasks_taskStatus_idx" ON "Tasks" ("taskStatus");
CREATE INDEX "Tasks_dueDateAt_idx" ON "Tasks" ("dueDateAt");
CREATE INDEX "Tasks_createdAt_idx" ON "Tasks" ("createdAt");
CREATE INDEX "Tasks_user_taskStatus_idx" ON "Tasks" ("user", "taskStatus");

CREATE TABLE "crm_Accounts_Tasks" (
  "id"         uuid         NOT NULL,
  "__v"        integer      NOT NULL,
  "content"    text,
  "createdAt"  timestamp(3) DEFAULT CURRENT_TIMESTAMP,
  "createdBy"  uuid,
  "updatedAt"  timestamp(3),
  "updatedBy"  uuid,
  "dueDateAt"  timestamp(3) DEFAULT CURRENT_TIMESTAMP,
  "priority"   text         NOT NULL,
  "tags"       jsonb,
  "title"      text         NOT NULL,
  "likes"      integer      DEFAULT 0,
  "user"       uuid,
  "taskStatus" "taskStatus" DEFAULT 'ACTIVE',
  "account"    uuid,
  CONSTRAINT "crm_Accounts_Tasks_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "crm_Accounts_Tasks_user_fkey" FOREIGN KEY ("user")
    REFERENCES "Users" ("id") ON UPDATE CASCADE ON DELETE SET NULL,
  CONSTRAINT "crm_Accounts_Tasks_account_fkey" FOREIGN KEY ("account")
    REFERENCES "crm_Accounts" ("id") ON UPDATE CASCADE ON DELETE SET NULL
);

CREATE INDEX "crm_Accounts_Tasks_user_idx" ON "crm_Accounts_Tasks" ("user");
CREATE INDEX "crm_Accounts_Tasks_account_idx" ON "crm_Accounts_Tasks" ("account");
CREATE INDEX "crm_Accounts_Tasks_createdBy_idx" ON "crm_Accounts_Tasks" ("createdBy");
CREATE INDEX "crm_Accounts_Tasks_updatedBy_idx" ON "crm_Accounts_Tasks" ("updatedBy");
CREATE INDEX "crm_Accounts_Tasks_priority_idx" ON "crm_Accounts_Tasks" ("priority");
CREATE INDEX "crm_Accounts_Tasks_taskStatus_idx" ON "crm_Accounts_Tasks" ("taskStatus");
CREATE INDEX "crm_Accounts_Tasks_dueDateAt_idx" ON "crm_Accounts_Tasks" ("dueDateAt");
CREATE INDEX "crm_Accounts_Tasks_createdAt_idx" ON "crm_Accounts_Tasks" ("createdAt");
CREATE INDEX "crm_Accounts_Tasks_account_taskStatus_idx"
  ON "crm_Accounts_Tasks" ("account", "taskStatus");
