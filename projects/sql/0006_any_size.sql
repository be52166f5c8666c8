-- Which rows changed is found by comparing sets, not by a join: a join is planned once a session, for the number of rows of the
-- first statements, and a loop that is right for one row is endless for thousands.
CREATE OR REPLACE FUNCTION projects_project_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM projects_refresh_status(array_agg(n.id ORDER BY n.id)) FROM new_rows n HAVING count(*) > 0;
    ELSE
        PERFORM projects_refresh_status(array_agg(d.id ORDER BY d.id))
           FROM (SELECT id, version FROM new_rows EXCEPT SELECT id, version FROM old_rows) AS d HAVING count(*) > 0;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION projects_reference_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    renamed uuid[];
BEGIN
    SELECT array_agg(d.id) INTO renamed FROM (SELECT id, name, code FROM new_rows EXCEPT SELECT id, name, code FROM old_rows) AS d;
    IF renamed IS NOT NULL THEN
        PERFORM projects_refresh_status(array_agg(p.id ORDER BY p.id)) FROM projects_project p
          WHERE CASE TG_TABLE_NAME WHEN 'projects_sector' THEN p.sector_id = ANY (renamed)
                                   WHEN 'projects_region' THEN p.region_id = ANY (renamed)
                                   ELSE p.office_id = ANY (renamed) OR p.authority_id = ANY (renamed) END
         HAVING count(*) > 0;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION projects_report_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT project_id) INTO ids FROM new_rows WHERE state = 'approved';
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT project_id) INTO ids FROM old_rows WHERE state = 'approved';
    ELSE
        WITH was AS (SELECT id, project_id, month, invested, physical_percent, state FROM old_rows),
             is_now AS (SELECT id, project_id, month, invested, physical_percent, state FROM new_rows)
        SELECT array_agg(DISTINCT project_id) INTO ids
          FROM ((TABLE was EXCEPT TABLE is_now) UNION ALL (TABLE is_now EXCEPT TABLE was)) AS differing;
    END IF;
    IF ids IS NOT NULL THEN
        PERFORM projects_refresh_reports(ids);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION projects_plan_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT project_id) INTO ids FROM new_rows WHERE state = 'approved';
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT project_id) INTO ids FROM old_rows WHERE state = 'approved';
    ELSE
        WITH was AS (SELECT id, project_id, year, revision, investment, state, decided_at FROM old_rows),
             is_now AS (SELECT id, project_id, year, revision, investment, state, decided_at FROM new_rows)
        SELECT array_agg(DISTINCT project_id) INTO ids
          FROM ((TABLE was EXCEPT TABLE is_now) UNION ALL (TABLE is_now EXCEPT TABLE was)) AS differing;
    END IF;
    IF ids IS NOT NULL THEN
        PERFORM projects_refresh_plans(ids);
    END IF;
    RETURN NULL;
END $$;
