-- Which projects changed is found by comparing sets, not by a join: a join is planned once a session, for the number of rows of the
-- first statements, and a loop that is right for one row is endless for thousands.
CREATE OR REPLACE FUNCTION milestones_milestone_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT project_id) INTO ids FROM new_rows;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT project_id) INTO ids FROM old_rows;
    ELSE
        WITH was AS (SELECT id, project_id, name, kind, position, basis, baseline_on, due_on, forecast_on, achieved_on FROM old_rows),
             is_now AS (SELECT id, project_id, name, kind, position, basis, baseline_on, due_on, forecast_on, achieved_on FROM new_rows)
        SELECT array_agg(DISTINCT project_id) INTO ids
          FROM ((TABLE was EXCEPT TABLE is_now) UNION ALL (TABLE is_now EXCEPT TABLE was)) AS differing;
    END IF;
    IF ids IS NOT NULL THEN
        PERFORM milestones_refresh_status(ids);
    END IF;
    RETURN NULL;
END $$;
