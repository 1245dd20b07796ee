-- The accounts that the audit names are searched like its people. See lib/db/lists/audit-events.ts.
CREATE OR REPLACE FUNCTION "keep_audit_names"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- In one order: two inserts at once would else wait for each other.
  INSERT INTO "AuditName" ("field", "value")
  SELECT DISTINCT named."field", named."value"
  FROM added, LATERAL (VALUES
    ('action', added."action"), ('person', added."actorEmail"), ('server', added."serverName"),
    ('account', coalesce(added."details"->>'actingAs', added."details"->>'account'))
  ) AS named ("field", "value")
  WHERE named."value" IS NOT NULL
  ORDER BY 1, 2
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END;
$$;
INSERT INTO "AuditName" ("field", "value")
SELECT 'account', coalesce("details"->>'actingAs', "details"->>'account') FROM "AuditEvent"
WHERE coalesce("details"->>'actingAs', "details"->>'account') IS NOT NULL GROUP BY 2
ON CONFLICT DO NOTHING;
