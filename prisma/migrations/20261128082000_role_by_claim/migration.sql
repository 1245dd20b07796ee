ALTER TABLE "User" ADD COLUMN "roleByClaim" BOOLEAN NOT NULL DEFAULT false;
UPDATE "User" u SET "roleByClaim" = true
WHERE EXISTS (
  SELECT 1 FROM "GroupMember" m JOIN "Group" g ON g."id" = m."groupId"
  WHERE m."userId" = u."id" AND m."source" = 'CLAIM' AND g."role" = u."role");
