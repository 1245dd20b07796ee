ALTER TABLE "PausedToolCall"
  ADD COLUMN "inputOutcomes" JSONB,
  ADD COLUMN "inputContentSealed" TEXT,
  ADD COLUMN "requestStateSealed" TEXT;

ALTER TABLE "PausedToolCall"
  ADD CONSTRAINT "PausedToolCall_inputContentSealed_is_sealed" CHECK ("inputContentSealed" ~ '^v1(\.[^.]+){4}$'),
  ADD CONSTRAINT "PausedToolCall_requestStateSealed_is_sealed" CHECK ("requestStateSealed" ~ '^v1(\.[^.]+){4}$');

-- SQL cannot seal. Of a call that waits now, what was entered is asked for once more, and its server gets
-- the call without its state, as in the first round.
UPDATE "PausedToolCall" AS call
SET "inputOutcomes" = kept."outcomes",
    "state" = CASE
      WHEN call."state" = 'INPUT_GIVEN' AND EXISTS (
        SELECT 1 FROM jsonb_object_keys(call."inputRequests") AS asked("key")
        WHERE NOT kept."outcomes" ? asked."key"
      ) THEN 'AWAITING_INPUT'::"PausedToolCallState"
      ELSE call."state"
    END
FROM (
  SELECT "id", coalesce(
    (SELECT jsonb_object_agg("key", "value" -> 'action') FROM jsonb_each("inputResponses")
     WHERE NOT "value" ? 'content'),
    '{}') AS "outcomes"
  FROM "PausedToolCall" WHERE "inputResponses" IS NOT NULL
) AS kept
WHERE call."id" = kept."id";

ALTER TABLE "PausedToolCall"
  DROP COLUMN "inputResponses",
  DROP COLUMN "requestState";
