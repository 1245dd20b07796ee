-- An event still cannot be changed, with one exception: when a person is deleted, their name and addresses may be
-- replaced. What happened, when, where and how it ended stays as it was.
CREATE FUNCTION "refuse_audit_rewrite"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  personal CONSTANT text[] := ARRAY['email', 'person', 'people', 'before', 'name', 'owner', 'account',
    'previousAccount', 'actingAs'];
BEGIN
  IF current_setting('usher.erases_person', true) = 'on'
     AND to_jsonb(NEW) - 'actorEmail' - 'ipAddress' - 'details'
       = to_jsonb(OLD) - 'actorEmail' - 'ipAddress' - 'details'
     AND (NEW."actorEmail" IS NOT DISTINCT FROM OLD."actorEmail"
       OR NEW."actorEmail" LIKE 'Deleted person %')
     AND (NEW."ipAddress" IS NOT DISTINCT FROM OLD."ipAddress" OR NEW."ipAddress" IS NULL)
     AND NEW."details" - personal = OLD."details" - personal THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'AuditEvent is append-only: % is refused', TG_OP;
END;
$$;
DROP TRIGGER "AuditEvent_append_only" ON "AuditEvent";
CREATE TRIGGER "AuditEvent_append_only" BEFORE TRUNCATE ON "AuditEvent"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_audit_change"();
CREATE TRIGGER "AuditEvent_unchanged" BEFORE UPDATE ON "AuditEvent"
  FOR EACH ROW EXECUTE FUNCTION "refuse_audit_rewrite"();
