-- CRM campaign and opportunity configuration.

CREATE TABLE "crm_campaigns" (
  "id"          uuid    NOT NULL,
  "__v"         integer NOT NULL,
  "name"        text    NOT NULL,
  "description" text,
  "status"      text,
  CONSTRAINT "crm_campaigns_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "crm_Opportunities_Sales_Stages" (
  "id"          uuid    NOT NULL,
  "__v"         integer NOT NULL,
  "name"        text    NOT NULL,
  "probability" integer,
  "order"       integer,
  CONSTRAINT "crm_Opportunities_Sales_Stages_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "crm_Opportunities_Type" (
  "id"    uuid    NOT NULL,
  "__v"   integer NOT NULL,
  "name"  text    NOT NULL,
  "order" integer,
  CONSTRAINT "crm_Opportunities_Type_pkey" PRIMARY KEY ("id")
);
