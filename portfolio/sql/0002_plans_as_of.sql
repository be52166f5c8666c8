-- The read model on the day in `app.as_of`, with the plans of the year.
CREATE OR REPLACE VIEW projects_status_as_of AS
    SELECT s.project_id, s.name, s.name_pinyin, s.search_text, st.stage, s.sector_id, s.sector_code, s.sector_name, s.region_id, s.region_code,
           s.region_name, s.office_id, s.office_code, s.office_name, s.authority_id, s.authority_code, s.authority_name, s.total_investment,
           f.start_milestone_id, f.start_basis, f.start_baseline_on, f.start_due_on, f.start_forecast_on, f.start_achieved_on,
           f.completion_milestone_id, f.completion_basis, f.completion_baseline_on, f.completion_due_on, f.completion_forecast_on,
           f.completion_achieved_on, f.milestone_count, f.achieved_count, f.open_dues, f.next_due_milestone_id, f.next_due_name, f.next_due_on,
           CASE WHEN projects_dates_press(st.stage) THEN f.next_due_on END AS late_from_on, f.slippage_days,
           m.allocated, m.received, m.paid, m.funding_kinds, r.physical_percent, r.last_reported_month, r.invested_total, r.invested_in_last_year,
           s.updated_at, y.planned
      FROM projects_status s
      CROSS JOIN LATERAL (SELECT projects_stage_as_of(s.project_id, s.stage, current_setting('app.as_of')::date) AS stage) st
      JOIN milestones_facts((SELECT array_agg(project_id) FROM projects_status), current_setting('app.as_of')::date) f ON f.project_id = s.project_id
      JOIN funding_facts((SELECT array_agg(project_id) FROM projects_status), current_setting('app.as_of')::date) m ON m.project_id = s.project_id
      JOIN projects_reports_facts((SELECT array_agg(project_id) FROM projects_status), current_setting('app.as_of')::date) r ON r.project_id = s.project_id
      JOIN projects_plans_facts((SELECT array_agg(project_id) FROM projects_status), current_setting('app.as_of')::date) y ON y.project_id = s.project_id;
