-- What the approved plans of a project say on a day, by year: the newest revision that was approved by then.
CREATE FUNCTION projects_plans_facts(ids uuid[], as_of date) RETURNS TABLE (project_id uuid, planned jsonb)
LANGUAGE sql STABLE AS $$
    SELECT i.id, coalesce(y.planned, '{}')
      FROM unnest(ids) AS i (id)
      LEFT JOIN (
          SELECT x.project_id, jsonb_object_agg(x.year::text, x.investment::text) AS planned
            FROM (SELECT DISTINCT ON (p.project_id, p.year) p.project_id, p.year, p.investment
                    FROM projects_plan p
                   WHERE p.project_id = ANY (ids) AND p.state = 'approved'
                     AND (p.decided_at IS NULL OR (p.decided_at AT TIME ZONE 'Asia/Shanghai')::date <= as_of)
                   ORDER BY p.project_id, p.year, p.revision DESC) x
           GROUP BY x.project_id) y ON y.project_id = i.id
$$;

-- Lock first, recompute in a second statement (see projects_refresh_status).
CREATE FUNCTION projects_refresh_plans(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM projects_status WHERE project_id = ANY (ids) ORDER BY project_id FOR NO KEY UPDATE;
    UPDATE projects_status s SET planned = f.planned, updated_at = statement_timestamp()
      FROM projects_plans_facts(ids, 'infinity') f
     WHERE s.project_id = f.project_id AND s.planned IS DISTINCT FROM f.planned;
END $$;

CREATE FUNCTION projects_plan_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT project_id) INTO ids FROM new_rows WHERE state = 'approved';
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT project_id) INTO ids FROM old_rows WHERE state = 'approved';
    ELSE
        SELECT array_agg(DISTINCT p.id) INTO ids
          FROM old_rows o JOIN new_rows n USING (id) CROSS JOIN LATERAL (VALUES (o.project_id), (n.project_id)) AS p (id)
         WHERE (o.project_id, o.year, o.revision, o.investment, o.state, o.decided_at)
               IS DISTINCT FROM (n.project_id, n.year, n.revision, n.investment, n.state, n.decided_at);
    END IF;
    IF ids IS NOT NULL THEN
        PERFORM projects_refresh_plans(ids);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER status_insert AFTER INSERT ON projects_plan REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION projects_plan_changed();
CREATE TRIGGER status_update AFTER UPDATE ON projects_plan REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION projects_plan_changed();
CREATE TRIGGER status_delete AFTER DELETE ON projects_plan REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION projects_plan_changed();
