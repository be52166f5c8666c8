-- What the approved monthly reports of a project say on a day: a month counts from its last day on.
CREATE FUNCTION projects_reports_facts(ids uuid[], as_of date) RETURNS TABLE (
    project_id uuid, physical_percent numeric, last_reported_month date, invested_total numeric, invested_in_last_year numeric)
LANGUAGE sql STABLE AS $$
    SELECT i.id, r.physical_percent, r.last_reported_month, coalesce(r.invested_total, 0.00), coalesce(r.invested_in_last_year, 0.00)
      FROM unnest(ids) AS i (id)
      LEFT JOIN (
          SELECT x.project_id, (array_agg(x.physical_percent ORDER BY x.month DESC))[1] AS physical_percent,
                 max(x.month) AS last_reported_month, sum(x.invested) AS invested_total,
                 sum(x.invested) FILTER (WHERE date_trunc('year', x.month) = date_trunc('year', x.last_month)) AS invested_in_last_year
            FROM (SELECT m.project_id, m.month, m.invested, m.physical_percent, max(m.month) OVER (PARTITION BY m.project_id) AS last_month
                    FROM projects_monthlyreport m
                   WHERE m.project_id = ANY (ids) AND m.state = 'approved' AND m.month + interval '1 month -1 day' <= as_of) x
           GROUP BY x.project_id) r ON r.project_id = i.id
$$;

-- Lock first, recompute in a second statement (see projects_refresh_status).
CREATE FUNCTION projects_refresh_reports(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM projects_status WHERE project_id = ANY (ids) ORDER BY project_id FOR NO KEY UPDATE;
    UPDATE projects_status s SET physical_percent = f.physical_percent, last_reported_month = f.last_reported_month,
           invested_total = f.invested_total, invested_in_last_year = f.invested_in_last_year, updated_at = statement_timestamp()
      FROM projects_reports_facts(ids, 'infinity') f
     WHERE s.project_id = f.project_id
       AND (s.physical_percent, s.last_reported_month, s.invested_total, s.invested_in_last_year)
           IS DISTINCT FROM (f.physical_percent, f.last_reported_month, f.invested_total, f.invested_in_last_year);
END $$;

CREATE FUNCTION projects_report_changed() RETURNS trigger LANGUAGE plpgsql AS $$
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
         WHERE (o.project_id, o.month, o.invested, o.physical_percent, o.state)
               IS DISTINCT FROM (n.project_id, n.month, n.invested, n.physical_percent, n.state);
    END IF;
    IF ids IS NOT NULL THEN
        PERFORM projects_refresh_reports(ids);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER status_insert AFTER INSERT ON projects_monthlyreport REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION projects_report_changed();
CREATE TRIGGER status_update AFTER UPDATE ON projects_monthlyreport REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION projects_report_changed();
CREATE TRIGGER status_delete AFTER DELETE ON projects_monthlyreport REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION projects_report_changed();
