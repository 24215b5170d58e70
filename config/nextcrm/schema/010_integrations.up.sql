-- Integrations.

CREATE TABLE "openAi_keys" (
  "id"              uuid    NOT NULL,
  "__v"             integer NOT NULL,
  "user"            uuid    NOT NULL,
  "organization_id" text    NOT NULL,
  "api_key"         text    NOT NULL,
  CONSTRAINT "openAi_keys_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "openAi_keys_user_fkey" FOREIGN KEY ("user")
    REFERENCES "Users" ("id") ON UPDATE CASCADE ON DELETE RESTRICT
);

CREATE INDEX "openAi_keys_user_idx" ON "openAi_keys" ("user");

CREATE TABLE "secondBrain_notions" (
  "id"             uuid    NOT NULL,
  "__v"            integer NOT NULL,
  "user"           uuid    NOT NULL,
  "notion_api_key" text    NOT NULL,
  "notion_db_id"   text    NOT NULL,
  CONSTRAINT "secondBrain_notions_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "secondBrain_notions_user_fkey" FOREIGN KEY ("user")
    REFERENCES "Users" ("id") ON UPDATE CASCADE ON DELETE RESTRICT
);

CREATE INDEX "secondBrain_notions_user_idx" ON "secondBrain_notions" ("user");
