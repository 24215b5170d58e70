DROP TABLE "secondBrain_notions";
DROP TABLE "openAi_keys";
