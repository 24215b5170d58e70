-- Independent lookup tables.

CREATE TABLE "crm_Industry_Type" (
  "id"   uuid    NOT NULL,
  "__v"  integer NOT NULL,
  "name" text    NOT NULL,
  CONSTRAINT "crm_Industry_Type_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Documents_Types" (
  "id"   uuid    NOT NULL,
  "__v"  integer NOT NULL,
  "name" text    NOT NULL,
  CONSTRAINT "Documents_Types_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "invoice_States" (
  "id"   uuid NOT NULL,
  "name" text NOT NULL,
  CONSTRAINT "invoice_States_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "system_Modules_Enabled" (
  "id"       uuid    NOT NULL,
  "__v"      integer NOT NULL,
  "name"     text    NOT NULL,
  "enabled"  boolean NOT NULL,
  "position" integer NOT NULL,
  CONSTRAINT "system_Modules_Enabled_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "modulStatus" (
  "id"        uuid    NOT NULL,
  "name"      text    NOT NULL,
  "isVisible" boolean NOT NULL,
  CONSTRAINT "modulStatus_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "systemServices" (
  "id"              uuid    NOT NULL,
  "__v"             integer NOT NULL,
  "name"            text    NOT NULL,
  "serviceUrl"      text,
  "serviceId"       text,
  "serviceKey"      text,
  "servicePassword" text,
  "servicePort"     text,
  "description"     text,
  CONSTRAINT "systemServices_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "gpt_models" (
  "id"          uuid         NOT NULL,
  "__v"         integer      NOT NULL,
  "model"       text         NOT NULL,
  "description" text,
  "status"      "gptStatus",
  "created_on"  timestamp(3) DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "gpt_models_pkey" PRIMARY KEY ("id")
);
