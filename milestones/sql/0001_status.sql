-- What the milestones of a project say on a day: an achievement dated later has not happened. The triggers ask with
-- 'infinity' (all facts), past days ask with their date, so both come from one piece of SQL.
-- Twin of rules.py: tests feed both the same matrix of dates.
CREATE FUNCTION milestones_facts(ids uuid[], as_of date) RETURNS TABLE (
    project_id uuid,
    start_milestone_id uuid, start_basis text, start_baseline_on date, start_due_on date, start_forecast_on date, start_achieved_on date,
    completion_milestone_id uuid, completion_basis text, completion_baseline_on date, completion_due_on date, completion_forecast_on date,
    completion_achieved_on date,
    milestone_count int, achieved_count int, open_dues date[],
    next_due_milestone_id uuid, next_due_name text, next_due_on date, slippage_days int)
LANGUAGE sql STABLE AS $$
    SELECT i.id, st.id, st.basis, st.baseline_on, st.due_on, st.forecast_on, CASE WHEN st.achieved_on <= as_of THEN st.achieved_on END,
           co.id, co.basis, co.baseline_on, co.due_on, co.forecast_on, CASE WHEN co.achieved_on <= as_of THEN co.achieved_on END,
           coalesce(m.milestone_count, 0), coalesce(m.achieved_count, 0), coalesce(m.open_dues, '{}'),
           m.next_ids[1], m.next_names[1], m.open_dues[1], m.slippage_days
      FROM unnest(ids) AS i (id)
      LEFT JOIN milestones_milestone st ON st.project_id = i.id AND st.kind = 'start'
      LEFT JOIN milestones_milestone co ON co.project_id = i.id AND co.kind = 'completion'
      LEFT JOIN (
          SELECT f.project_id, count(*)::int AS milestone_count, count(f.achieved_by)::int AS achieved_count,
                 array_agg(f.due_on ORDER BY f.due_on, f.position, f.id) FILTER (WHERE f.is_open) AS open_dues,
                 array_agg(f.id ORDER BY f.due_on, f.position, f.id) FILTER (WHERE f.is_open) AS next_ids,
                 array_agg(f.name ORDER BY f.due_on, f.position, f.id) FILTER (WHERE f.is_open) AS next_names,
                 max(coalesce(f.achieved_by, f.forecast_on, f.due_on) - f.baseline_on) AS slippage_days
            FROM (SELECT x.*, CASE WHEN x.achieved_on <= as_of THEN x.achieved_on END AS achieved_by,
                         x.due_on IS NOT NULL AND (x.achieved_on IS NULL OR x.achieved_on > as_of) AS is_open
                    FROM milestones_milestone x WHERE x.project_id = ANY (ids)) f
           GROUP BY f.project_id) m ON m.project_id = i.id
$$;

-- Lock first, recompute in a second statement (see projects_refresh_status).
CREATE FUNCTION milestones_refresh_status(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM projects_status WHERE project_id = ANY (ids) ORDER BY project_id FOR NO KEY UPDATE;
    UPDATE projects_status s SET
           start_milestone_id = f.start_milestone_id, start_basis = f.start_basis, start_baseline_on = f.start_baseline_on,
           start_due_on = f.start_due_on, start_forecast_on = f.start_forecast_on, start_achieved_on = f.start_achieved_on,
           completion_milestone_id = f.completion_milestone_id, completion_basis = f.completion_basis,
           completion_baseline_on = f.completion_baseline_on, completion_due_on = f.completion_due_on,
           completion_forecast_on = f.completion_forecast_on, completion_achieved_on = f.completion_achieved_on,
           milestone_count = f.milestone_count, achieved_count = f.achieved_count, open_dues = f.open_dues,
           next_due_milestone_id = f.next_due_milestone_id, next_due_name = f.next_due_name, next_due_on = f.next_due_on,
           late_from_on = CASE WHEN projects_dates_press(s.stage) THEN f.next_due_on END,
           slippage_days = f.slippage_days, updated_at = statement_timestamp()
      FROM milestones_facts(ids, 'infinity') f
     WHERE s.project_id = f.project_id
       AND (s.start_milestone_id, s.start_basis, s.start_baseline_on, s.start_due_on, s.start_forecast_on, s.start_achieved_on,
            s.completion_milestone_id, s.completion_basis, s.completion_baseline_on, s.completion_due_on, s.completion_forecast_on,
            s.completion_achieved_on, s.milestone_count, s.achieved_count, s.open_dues, s.next_due_milestone_id, s.next_due_name,
            s.next_due_on, s.slippage_days)
           IS DISTINCT FROM
           (f.start_milestone_id, f.start_basis, f.start_baseline_on, f.start_due_on, f.start_forecast_on, f.start_achieved_on,
            f.completion_milestone_id, f.completion_basis, f.completion_baseline_on, f.completion_due_on, f.completion_forecast_on,
            f.completion_achieved_on, f.milestone_count, f.achieved_count, f.open_dues, f.next_due_milestone_id, f.next_due_name,
            f.next_due_on, f.slippage_days);
END $$;

CREATE FUNCTION milestones_milestone_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT project_id) INTO ids FROM new_rows;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT project_id) INTO ids FROM old_rows;
    ELSE
        SELECT array_agg(DISTINCT p.id) INTO ids
          FROM old_rows o JOIN new_rows n USING (id) CROSS JOIN LATERAL (VALUES (o.project_id), (n.project_id)) AS p (id)
         WHERE (o.project_id, o.name, o.kind, o.position, o.basis, o.baseline_on, o.due_on, o.forecast_on, o.achieved_on)
               IS DISTINCT FROM (n.project_id, n.name, n.kind, n.position, n.basis, n.baseline_on, n.due_on, n.forecast_on, n.achieved_on);
    END IF;
    IF ids IS NOT NULL THEN
        PERFORM milestones_refresh_status(ids);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER status_insert AFTER INSERT ON milestones_milestone REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION milestones_milestone_changed();
CREATE TRIGGER status_update AFTER UPDATE ON milestones_milestone REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION milestones_milestone_changed();
CREATE TRIGGER status_delete AFTER DELETE ON milestones_milestone REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION milestones_milestone_changed();

-- The stage on a past day: the last move up to it, else where the first later move came from, else today's.
CREATE FUNCTION projects_stage_as_of(project uuid, present text, as_of date) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT v.to_stage FROM projects_stagemove v WHERE v.project_id = project AND v."on" <= as_of ORDER BY v."on" DESC, v.id DESC LIMIT 1),
        (SELECT v.from_stage FROM projects_stagemove v WHERE v.project_id = project AND v."on" > as_of ORDER BY v."on", v.id LIMIT 1),
        present)
$$;
