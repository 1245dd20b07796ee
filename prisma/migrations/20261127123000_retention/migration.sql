-- Old events may be deleted, by whoever says in the transaction that this is meant. 30 days is the shortest
-- retention; a day less, because clocks differ.
CREATE FUNCTION "refuse_young_audit_deletion"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('usher.deletes_old_audit_events', true) = 'on'
     AND OLD."at" < now() - interval '29 days' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'AuditEvent is append-only: % is refused', TG_OP;
END;
$$;
DROP TRIGGER "AuditEvent_append_only" ON "AuditEvent";
CREATE TRIGGER "AuditEvent_append_only" BEFORE UPDATE OR TRUNCATE ON "AuditEvent"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_audit_change"();
CREATE TRIGGER "AuditEvent_kept" BEFORE DELETE ON "AuditEvent"
  FOR EACH ROW EXECUTE FUNCTION "refuse_young_audit_deletion"();

CREATE INDEX "Conversation_updatedAt_idx" ON "Conversation"("updatedAt");
