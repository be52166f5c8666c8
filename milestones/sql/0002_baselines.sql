-- Baselines are append-only for everybody. Only those of the demonstration, whose projects are tagged so, may be taken away with it.
CREATE TRIGGER refuse_update BEFORE UPDATE ON milestones_baseline FOR EACH STATEMENT EXECUTE FUNCTION history_refuse();
ALTER TABLE milestones_baseline ENABLE ALWAYS TRIGGER refuse_update;
CREATE TRIGGER refuse_update BEFORE UPDATE ON milestones_baselinedate FOR EACH STATEMENT EXECUTE FUNCTION history_refuse();
ALTER TABLE milestones_baselinedate ENABLE ALWAYS TRIGGER refuse_update;

CREATE FUNCTION milestones_refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM old_rows o
                WHERE NOT EXISTS (SELECT FROM projects_projecttag l JOIN projects_tag t ON t.id = l.tag_id
                                   WHERE l.project_id = o.project_id AND t.kind = 'demo')) THEN
        RAISE EXCEPTION 'DELETE of % is refused', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER refuse_delete AFTER DELETE ON milestones_baseline REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION milestones_refuse_delete();
ALTER TABLE milestones_baseline ENABLE ALWAYS TRIGGER refuse_delete;
CREATE TRIGGER refuse_delete AFTER DELETE ON milestones_baselinedate REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION milestones_refuse_delete();
ALTER TABLE milestones_baselinedate ENABLE ALWAYS TRIGGER refuse_delete;

-- The running role adds rows and reads them, nothing else; what the demonstration deletes goes through the trigger above.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN
        REVOKE UPDATE ON milestones_baseline, milestones_baselinedate FROM app;
    END IF;
END $$;
