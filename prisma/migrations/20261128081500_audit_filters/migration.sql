-- What failed is little of much, and so is what one account did: without these, a search goes through all events.
-- The words are those of lib/db/lists/audit-events.ts. What failed is also looked for together with each name.
CREATE INDEX "AuditEvent_failed_idx" ON "AuditEvent"("at", "id")
  WHERE coalesce("details"->>'outcome', '') <> ALL ('{"",answered,REVOKED,NO_ENDPOINT,AUTHORIZED_AGAIN}'::text[])
    OR "action" = 'sign-in.refused';
CREATE INDEX "AuditEvent_failed_action_idx" ON "AuditEvent"("action", "at", "id")
  WHERE coalesce("details"->>'outcome', '') <> ALL ('{"",answered,REVOKED,NO_ENDPOINT,AUTHORIZED_AGAIN}'::text[])
    OR "action" = 'sign-in.refused';
CREATE INDEX "AuditEvent_failed_actorId_idx" ON "AuditEvent"("actorId", "at", "id")
  WHERE coalesce("details"->>'outcome', '') <> ALL ('{"",answered,REVOKED,NO_ENDPOINT,AUTHORIZED_AGAIN}'::text[])
    OR "action" = 'sign-in.refused';
CREATE INDEX "AuditEvent_failed_actorEmail_idx" ON "AuditEvent"("actorEmail", "at", "id")
  WHERE coalesce("details"->>'outcome', '') <> ALL ('{"",answered,REVOKED,NO_ENDPOINT,AUTHORIZED_AGAIN}'::text[])
    OR "action" = 'sign-in.refused';
CREATE INDEX "AuditEvent_failed_serverName_idx" ON "AuditEvent"("serverName", "at", "id")
  WHERE coalesce("details"->>'outcome', '') <> ALL ('{"",answered,REVOKED,NO_ENDPOINT,AUTHORIZED_AGAIN}'::text[])
    OR "action" = 'sign-in.refused';

CREATE INDEX "AuditEvent_account_idx" ON "AuditEvent"(coalesce("details"->>'actingAs', "details"->>'account'), "at");
