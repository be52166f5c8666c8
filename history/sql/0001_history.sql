-- One generic statement-level trigger writes history. Arguments: column that holds the project's id ('' for none),
-- quiet columns (a change of these alone is no change), masked columns (never stored).
-- SECURITY DEFINER: the application role cannot write history itself.
CREATE FUNCTION history_log_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    project_column text := TG_ARGV[0];
    quiet text[] := string_to_array(TG_ARGV[1], ',');
    mask text[] := string_to_array(TG_ARGV[2], ',');
    who text := nullif(current_setting('app.actor', true), '');
    who_name text := current_setting('app.actor_name', true);
    request text := coalesce(current_setting('app.request_id', true), '');
    act text := CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'updated' ELSE 'deleted' END;
BEGIN
    -- Who owns the table leaves evidence but is not stopped; everybody else must say on whose behalf they write.
    IF who IS NULL AND pg_has_role(session_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
        who := 'database:' || session_user;
        who_name := session_user;
    END IF;
    IF TG_OP = 'INSERT' THEN
        PERFORM history_demand_actor(who, TG_TABLE_NAME) FROM new_rows LIMIT 1;
        WITH logged AS (
            INSERT INTO history_change (at, actor, actor_name, request_id, table_name, row_id, row_version, project_id, action, before, after)
            SELECT now(), who, who_name, request, TG_TABLE_NAME, n.id, (n.r ->> 'version')::int,
                   nullif(n.r ->> project_column, '')::uuid, act, NULL, n.r - mask
              FROM (SELECT id, to_jsonb(t) AS r FROM new_rows t) n ORDER BY n.id
            RETURNING sequence)
        INSERT INTO history_pending (sequence) SELECT sequence FROM logged;
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM history_demand_actor(who, TG_TABLE_NAME) FROM old_rows LIMIT 1;
        WITH logged AS (
            INSERT INTO history_change (at, actor, actor_name, request_id, table_name, row_id, row_version, project_id, action, before, after)
            SELECT now(), who, who_name, request, TG_TABLE_NAME, o.id, (o.r ->> 'version')::int,
                   nullif(o.r ->> project_column, '')::uuid, act, o.r - mask, NULL
              FROM (SELECT id, to_jsonb(t) AS r FROM old_rows t) o ORDER BY o.id
            RETURNING sequence)
        INSERT INTO history_pending (sequence) SELECT sequence FROM logged;
    ELSE
        IF who IS NULL THEN
            PERFORM history_demand_actor(who, TG_TABLE_NAME)
               FROM (SELECT id, to_jsonb(t) AS r FROM old_rows t) o JOIN (SELECT id, to_jsonb(t) AS r FROM new_rows t) n USING (id)
              WHERE o.r - quiet IS DISTINCT FROM n.r - quiet LIMIT 1;
        END IF;
        WITH logged AS (
            INSERT INTO history_change (at, actor, actor_name, request_id, table_name, row_id, row_version, project_id, action, before, after)
            SELECT now(), who, who_name, request, TG_TABLE_NAME, n.id, (n.r ->> 'version')::int,
                   nullif(n.r ->> project_column, '')::uuid, act, o.r - mask, n.r - mask
              FROM (SELECT id, to_jsonb(t) AS r FROM old_rows t) o JOIN (SELECT id, to_jsonb(t) AS r FROM new_rows t) n USING (id)
             WHERE o.r - quiet IS DISTINCT FROM n.r - quiet ORDER BY n.id
            RETURNING sequence)
        INSERT INTO history_pending (sequence) SELECT sequence FROM logged;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION history_demand_actor(who text, table_name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF who IS NULL THEN
        RAISE EXCEPTION 'write to % without an actor', table_name USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

-- History is append-only; tracked tables are never truncated, since that would leave no trace.
-- Databases named test_… let TRUNCATE pass: that is how a test suite cleans up.
CREATE FUNCTION history_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_database() LIKE 'test\_%' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% of % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON history_change
    FOR EACH STATEMENT EXECUTE FUNCTION history_refuse();
ALTER TABLE history_change ENABLE ALWAYS TRIGGER refuse_change;

-- CALL history_track('milestones_milestone', 'project_id'): one line a table, in a migration.
CREATE PROCEDURE history_track(table_name regclass, project_column text DEFAULT '', quiet text DEFAULT '', mask text DEFAULT '')
LANGUAGE plpgsql AS $$
DECLARE
    always_quiet text := concat_ws(',', 'version', 'updated_at', nullif(quiet, ''));
    event text;
    tables text;
BEGIN
    FOREACH event IN ARRAY ARRAY['insert', 'update', 'delete'] LOOP
        tables := concat_ws(' ', CASE WHEN event <> 'insert' THEN 'OLD TABLE AS old_rows' END,
                                 CASE WHEN event <> 'delete' THEN 'NEW TABLE AS new_rows' END);
        EXECUTE format('CREATE TRIGGER history_%s AFTER %s ON %s REFERENCING %s FOR EACH STATEMENT EXECUTE FUNCTION history_log_change(%L, %L, %L)',
                       event, event, table_name, tables, project_column, always_quiet, mask);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER history_%s', table_name, event);
    END LOOP;
    EXECUTE format('CREATE TRIGGER history_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION history_refuse()', table_name);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER history_truncate', table_name);
END $$;

-- The application role reads history and writes it only through the trigger.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN
        REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON history_change, history_pending, history_feed, history_feedstate FROM app;
    END IF;
END $$;
