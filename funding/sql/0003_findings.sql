-- What breaks a monitoring rule on a day. Every rule is one set-based query, the twin of its predicate in rules/monitoring.py: shares are
-- compared by cross-multiplication, what is not known is never held against anybody. Thresholds are rows of funding_monitoringrule.

-- Twin of lifecycle.BONDS.
CREATE FUNCTION funding_is_bond(kind text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT kind IN ('special_bond', 'general_bond', 'refinancing_bond', 'ultra_long_treasury')
$$;

-- Twin of rules.required_spend_percent.
CREATE FUNCTION funding_required_percent(received_on date, today date, goal_months int) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN today >= goal.day THEN 100.0000 WHEN today <= received_on THEN 0.0000
                ELSE round(100.0 * (today - received_on) / (goal.day - received_on), 4) END
      FROM (SELECT (received_on + make_interval(months => goal_months))::date AS day) goal
$$;

-- The first day on which something of `day` is so many months old, that is `months` before it is not earlier than `day`. Not always the same
-- day of a later month: of what began on the 31st, a month later in February, the end of the month is too early.
CREATE FUNCTION funding_months_old_on(day date, months int) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT later.day + CASE WHEN (later.day - make_interval(months => months))::date < $1 THEN 1 ELSE 0 END
      FROM (SELECT ($1 + make_interval(months => months))::date AS day) later
$$;

-- Allocations with money on a day: the balances as they stand, or the replay of a past day. `only` are projects, null is all.
CREATE FUNCTION funding_balances(as_of date, is_past boolean, only_of uuid[])
RETURNS TABLE (allocation_id uuid, source_id uuid, project_id uuid, "use" text, granted numeric, received numeric, paid numeric)
LANGUAGE sql STABLE AS $$
    SELECT a.id, a.source_id, a.project_id, a."use", a.granted, a.received, a.paid
      FROM funding_allocation a
     WHERE NOT is_past AND a.granted > 0 AND (only_of IS NULL OR a.project_id = ANY (only_of))
    UNION ALL
    SELECT a.id, a.source_id, a.project_id, a."use", sum(p.granted), sum(p.received), sum(p.paid)
      FROM funding_allocation a JOIN funding_posting p ON p.allocation_id = a.id
     WHERE is_past AND p.occurred_on <= as_of AND (only_of IS NULL OR a.project_id = ANY (only_of))
     GROUP BY a.id HAVING sum(p.granted) > 0
$$;

-- What moved an allocation until a day and still stands: of a reversed entry neither half.
CREATE FUNCTION funding_entries(allocation uuid, as_of date)
RETURNS TABLE (transfer_id uuid, request_id uuid, sequence bigint, kind text, occurred_on date, granted numeric, received numeric)
LANGUAGE sql STABLE AS $$
    SELECT t.id, t.request_id, t.sequence, t.kind, t.occurred_on, m.granted * t.amount, m.received * t.amount
      FROM funding_transfer t JOIN funding_movement m ON m.kind = t.kind
     WHERE t.allocation_id = allocation AND t.occurred_on <= as_of AND t.sign = 1
       AND NOT EXISTS (SELECT FROM funding_transfer r WHERE r.reverses_id = t.id AND r.occurred_on <= as_of)
    UNION ALL
    SELECT t.id, t.request_id, t.sequence, t.kind, t.occurred_on, m.target_granted * t.amount, m.target_received * t.amount
      FROM funding_transfer t JOIN funding_movement m ON m.kind = t.kind
     WHERE t.target_id = allocation AND t.occurred_on <= as_of AND t.sign = 1
       AND NOT EXISTS (SELECT FROM funding_transfer r WHERE r.reverses_id = t.id AND r.occurred_on <= as_of)
$$;

-- The receipts of an allocation of which something is left after `gone` yuan were paid, first in first out. What was given back or moved
-- on took from the oldest, whenever that was. Twin of rules.idle and rules.oldest_unpaid_on.
CREATE FUNCTION funding_left(allocation uuid, gone numeric, as_of date) RETURNS TABLE (occurred_on date, amount numeric) LANGUAGE sql STABLE AS $$
    SELECT w.occurred_on, least(w.received, w.arrived - w.taken)
      FROM (SELECT e.occurred_on, e.received, sum(greatest(e.received, 0)) OVER (ORDER BY e.occurred_on, e.sequence) AS arrived,
                   gone - sum(least(e.received, 0)) OVER () AS taken
              FROM funding_entries(allocation, as_of) e WHERE e.received <> 0) w
     WHERE w.received > 0 AND w.arrived > w.taken
$$;

-- The last day on which any of these allocations was given more: what raised their sum. (A function of rows, and so part of the query's plan.)
CREATE FUNCTION funding_last_grant(allocations uuid[], as_of date) RETURNS TABLE (occurred_on date) LANGUAGE sql STABLE AS $$
    SELECT max(e.occurred_on) FROM unnest(allocations) AS a (id) CROSS JOIN LATERAL funding_entries(a.id, as_of) e WHERE e.granted > 0
$$;

-- The last payment of an allocation that stands.
CREATE FUNCTION funding_last_payment(allocation uuid, as_of date) RETURNS TABLE (occurred_on date) LANGUAGE sql STABLE AS $$
    SELECT max(t.occurred_on) FROM funding_transfer t
     WHERE t.allocation_id = allocation AND t.kind = 'pay' AND t.sign = 1 AND t.occurred_on <= as_of
       AND NOT EXISTS (SELECT FROM funding_transfer r WHERE r.reverses_id = t.id AND r.occurred_on <= as_of)
$$;

-- Every finding of a day. `only_of` are projects, null is all, and only then the sources and the whole portfolio are judged.
-- A finding is the same one while rule, subject and since_on are the same. since_on is the day of the last event that opens the breach anew:
-- more money granted, received or moved in; a payment ahead of the works; the oldest money that is left growing too old; the capital passing
-- the total. The breach of a balance plan opens with the plan's first row: that another row is edited neither opens it nor hides it from
-- earlier days, which are judged by the plan as it stands now. A payment that is too small opens no slow spending.
CREATE FUNCTION funding_findings(as_of date, is_past boolean, only_of uuid[])
RETURNS TABLE (id uuid, "rule" text, rule_name text, "level" text, "position" smallint, subject_kind text, subject_id uuid, subject_name text,
               project_id uuid, source_id uuid, "use" text, amount numeric, since_on date, figures jsonb, state text, reply_id uuid, version int)
LANGUAGE sql STABLE AS $$
    WITH held AS (
        SELECT b.*, s.kind, s.name AS source_name FROM funding_balances(as_of, is_past, only_of) b
          JOIN funding_fundingsource s ON s.id = b.source_id),
    works AS (
        SELECT s.project_id, s.physical_percent FROM projects_status s
         WHERE NOT is_past AND s.physical_percent IS NOT NULL AND s.project_id IN (SELECT h.project_id FROM held h)
        UNION ALL
        SELECT f.project_id, f.physical_percent
          FROM projects_reports_facts((SELECT array_agg(DISTINCT h.project_id) FROM held h WHERE is_past), as_of) f
         WHERE f.physical_percent IS NOT NULL),
    sums AS (
        SELECT h.project_id, sum(h.granted) AS granted, array_agg(h.allocation_id) AS allocations,
               coalesce(sum(h.granted) FILTER (WHERE h.kind IN ('special_bond', 'bank_loan')), 0) AS debt,
               array_agg(h.allocation_id) FILTER (WHERE h.kind IN ('special_bond', 'bank_loan')) AS debts,
               coalesce(sum(h.granted) FILTER (WHERE h.kind = 'special_bond'), 0) AS special,
               array_agg(h.allocation_id) FILTER (WHERE h.kind = 'special_bond') AS specials,
               coalesce(sum(h.granted) FILTER (WHERE h."use" = 'capital' AND (h.kind = 'local_fiscal' OR funding_is_bond(h.kind))), 0) AS capital,
               array_agg(h.allocation_id) FILTER (WHERE h."use" = 'capital' AND (h.kind = 'local_fiscal' OR funding_is_bond(h.kind))) AS capitals
          FROM held h GROUP BY h.project_id),
    plans AS (
        SELECT b.project_id, sum(b.income) AS income, sum(b.cost) AS cost, sum(b.principal) AS principal, sum(b.interest) AS interest,
               min(b.year) AS first_year, max(b.year) AS last_year, min((b.created_at AT TIME ZONE 'Asia/Shanghai')::date) AS begun_on
          FROM funding_balanceplan b WHERE only_of IS NULL OR b.project_id = ANY (only_of)
         GROUP BY b.project_id),
    moved_in AS (
        SELECT t.target_id AS allocation_id, t.occurred_on, t.amount FROM funding_transfer t
         WHERE t.target_id IS NOT NULL AND t.sign = 1 AND t.occurred_on <= as_of
           AND NOT EXISTS (SELECT FROM funding_transfer r WHERE r.reverses_id = t.id AND r.occurred_on <= as_of)),
    broken ("rule", subject_kind, subject_id, project_id, source_id, "use", amount, since_on, figures) AS (
        -- uses and lists
        SELECT 'negative_list_override', 'allocation', h.allocation_id, h.project_id, h.source_id, h."use", least(h.granted, o.amount), o.since_on,
               jsonb_build_object('number', o.item ->> 0, 'name', o.item ->> 1)
          FROM (SELECT coalesce(t.target_id, t.allocation_id) AS allocation_id, sum(t.amount) AS amount, max(t.occurred_on) AS since_on,
                       (array_agg(jsonb_build_array(i.number, i.name) ORDER BY t.sequence DESC))[1] AS item
                  FROM funding_eligibilityitem i
                  JOIN funding_transferrequest q ON q.eligibility_item_id = i.id AND q.state = 'approved' AND q.override_reason <> ''
                  JOIN funding_transfer t ON t.request_id = q.id AND t.sign = 1 AND t.occurred_on <= as_of
                 WHERE i.list = 'negative'
                   AND NOT EXISTS (SELECT FROM funding_transfer r WHERE r.reverses_id = t.id AND r.occurred_on <= as_of)
                 GROUP BY 1) o
          JOIN held h ON h.allocation_id = o.allocation_id
        UNION ALL
        SELECT 'not_on_capital_list', 'allocation', h.allocation_id, h.project_id, h.source_id, h."use", least(h.granted, o.amount), o.since_on, '{}'
          FROM held h
         CROSS JOIN LATERAL (
               SELECT sum(e.granted) AS amount, max(e.occurred_on) AS since_on
                 FROM funding_entries(h.allocation_id, as_of) e
                 LEFT JOIN funding_transferrequest q ON q.id = e.request_id
                 LEFT JOIN funding_eligibilityitem i ON i.id = q.eligibility_item_id AND i.list = 'capital'
                WHERE e.granted > 0 AND i.id IS NULL) o
         WHERE h."use" = 'capital' AND funding_is_bond(h.kind) AND o.amount > 0
        UNION ALL
        SELECT 'capital_share', 'portfolio', '00000000-0000-0000-0000-000000000000', NULL, NULL, NULL, o.capital, g.occurred_on,
               jsonb_build_object('share', round(o.capital * 100 / o.total, 2)::text, 'threshold', trim_scale(r.threshold)::text)
          FROM funding_monitoringrule r
         CROSS JOIN (SELECT sum(h.granted) AS total, coalesce(sum(h.granted) FILTER (WHERE h."use" = 'capital'), 0) AS capital,
                            array_agg(h.allocation_id) FILTER (WHERE h."use" = 'capital') AS capitals
                       FROM held h LEFT JOIN funding_bond b ON b.source_id = h.source_id
                      WHERE h.kind = 'special_bond' AND coalesce(b.purpose_class, 'new_special') = 'new_special') o
         CROSS JOIN LATERAL funding_last_grant(o.capitals, as_of) g
         WHERE r.code = 'capital_share' AND only_of IS NULL AND o.total <> 0 AND o.capital * 100 > r.threshold * o.total
        -- the balance plan
        UNION ALL
        SELECT r.code, 'project', p.project_id, p.project_id, NULL, NULL, p.principal + p.interest, p.begun_on,
               jsonb_build_object('ratio', round((p.income - p.cost) / (p.principal + p.interest), 2)::text, 'threshold', trim_scale(r.threshold)::text)
          FROM plans p JOIN funding_monitoringrule r ON r.code = 'cover_ratio_low'
         WHERE p.principal + p.interest <> 0 AND p.income - p.cost < r.threshold * (p.principal + p.interest)
        UNION ALL
        SELECT r.code, 'project', p.project_id, p.project_id, NULL, NULL, p.principal + p.interest, p.begun_on,
               jsonb_build_object('ratio', round((p.income - p.cost) / (p.principal + p.interest), 2)::text, 'threshold', trim_scale(r.threshold)::text)
          FROM plans p JOIN funding_monitoringrule r ON r.code = 'cover_ratio_high'
         WHERE p.principal + p.interest <> 0 AND p.income - p.cost > r.threshold * (p.principal + p.interest)
        UNION ALL
        SELECT r.code, 'project', p.project_id, p.project_id, NULL, NULL, abs(p.principal - coalesce(s.debt, 0)),
               greatest(p.begun_on, g.occurred_on),
               jsonb_build_object('planned', p.principal::text, 'raised', coalesce(s.debt, 0)::text)
          FROM plans p JOIN funding_monitoringrule r ON r.code = 'plan_principal_differs' LEFT JOIN sums s ON s.project_id = p.project_id
         CROSS JOIN LATERAL funding_last_grant(s.debts, as_of) g
         WHERE abs(p.principal - coalesce(s.debt, 0)) > r.threshold AND p.income + p.cost + p.principal + p.interest > 0
        UNION ALL
        SELECT 'construction_interest_above_spending', 'project', o.project_id, o.project_id, NULL, NULL, o.interest - o.spending, o.begun_on,
               jsonb_build_object('interest', o.interest::text, 'spending', o.spending::text, 'year', o.ends_year)
          FROM (SELECT p.id AS project_id, p.total_investment AS spending, p.ends_year, w.begun_on, sum(b.interest) AS interest
                  FROM funding_balanceplan b JOIN plans w ON w.project_id = b.project_id JOIN projects_project p ON p.id = b.project_id
                 WHERE b.year <= p.ends_year
                 GROUP BY p.id, w.begun_on) o
         WHERE o.interest > o.spending
        UNION ALL
        SELECT 'empty_balance_plan', 'project', s.project_id, s.project_id, NULL, NULL, s.special, g.occurred_on, '{}'
          FROM sums s LEFT JOIN plans p ON p.project_id = s.project_id
         CROSS JOIN LATERAL funding_last_grant(s.specials, as_of) g
         WHERE s.special > 0 AND coalesce(p.income + p.cost + p.principal + p.interest, 0) = 0
        UNION ALL
        SELECT 'land_reserve_yearly_gap', 'project', o.project_id, o.project_id, NULL, NULL, o.gap, o.begun_on,
               jsonb_build_object('year', o.first_year, 'count', o.years)
          FROM (SELECT b.project_id, w.begun_on, count(*) AS years, min(b.year) AS first_year,
                       sum(b.principal + b.interest - b.income + b.cost) AS gap
                  FROM funding_balanceplan b JOIN plans w ON w.project_id = b.project_id
                  JOIN projects_project p ON p.id = b.project_id JOIN projects_sector c ON c.id = p.sector_id
                 WHERE c.code = 'housing.land_reserve' AND b.income - b.cost < b.principal + b.interest
                 GROUP BY b.project_id, w.begun_on) o
        UNION ALL
        SELECT r.code, 'project', p.project_id, p.project_id, NULL, NULL, NULL, p.begun_on,
               jsonb_build_object('years', p.last_year - p.first_year + 1, 'threshold', trim_scale(r.threshold)::text)
          FROM plans p JOIN funding_monitoringrule r ON r.code = 'plan_too_long'
         WHERE p.last_year - p.first_year + 1 > r.threshold
        -- the project's size
        UNION ALL
        SELECT 'above_total_investment', 'project', s.project_id, s.project_id, NULL, NULL, s.granted - p.total_investment, g.occurred_on,
               jsonb_build_object('granted', s.granted::text, 'total', p.total_investment::text)
          FROM sums s JOIN projects_project p ON p.id = s.project_id
         CROSS JOIN LATERAL funding_last_grant(s.allocations, as_of) g
         WHERE s.granted > p.total_investment
        UNION ALL
        SELECT 'capital_above_total', 'project', p.id, p.id, NULL, NULL, p.capital - p.total_investment,
               coalesce((SELECT max((c.at AT TIME ZONE 'Asia/Shanghai')::date) FROM history_change c
                          WHERE c.table_name = 'projects_project' AND c.row_id = p.id
                            AND (c.after ->> 'capital')::numeric > (c.after ->> 'total_investment')::numeric
                            AND ((c.before ->> 'capital')::numeric > (c.before ->> 'total_investment')::numeric) IS NOT TRUE),
                        (p.created_at AT TIME ZONE 'Asia/Shanghai')::date),
               jsonb_build_object('capital', p.capital::text, 'total', p.total_investment::text)
          FROM sums s JOIN projects_project p ON p.id = s.project_id
         WHERE p.capital > p.total_investment
        UNION ALL
        SELECT 'capital_overfunded', 'project', s.project_id, s.project_id, NULL, NULL, s.capital - p.capital, g.occurred_on,
               jsonb_build_object('granted', s.capital::text, 'capital', p.capital::text)
          FROM sums s JOIN projects_project p ON p.id = s.project_id
         CROSS JOIN LATERAL funding_last_grant(s.capitals, as_of) g
         WHERE s.capital > p.capital
        UNION ALL
        SELECT 'capital_above_bonds_of_year', 'project', o.project_id, o.project_id, NULL, NULL, o.capital - o.bonds, o.since_on,
               jsonb_build_object('year', o.year, 'capital', o.capital::text, 'bonds', o.bonds::text)
          FROM (SELECT h.project_id, extract(year FROM e.occurred_on)::int AS year, sum(e.granted) AS bonds,
                       coalesce(sum(e.granted) FILTER (WHERE h."use" = 'capital'), 0) AS capital,
                       max(e.occurred_on) FILTER (WHERE (e.granted > 0) = (h."use" = 'capital')) AS since_on
                  FROM (SELECT a.id, a.project_id, a."use" FROM funding_allocation a JOIN funding_fundingsource c ON c.id = a.source_id
                         WHERE c.kind = 'special_bond'
                           AND a.project_id IN (SELECT x.project_id FROM held x WHERE x.kind = 'special_bond' AND x."use" = 'capital')) h
                 CROSS JOIN LATERAL funding_entries(h.id, as_of) e
                 WHERE e.granted <> 0
                 GROUP BY 1, 2) o
         WHERE o.capital > o.bonds
        -- spending
        UNION ALL
        SELECT r.code, 'allocation', h.allocation_id, h.project_id, h.source_id, h."use", h.paid, y.occurred_on,
               jsonb_build_object('paid', round(h.paid * 100 / h.granted, 2)::text, 'works', w.physical_percent::text,
                                  'points', round(h.paid * 100 / h.granted - w.physical_percent, 2)::text)
          FROM held h JOIN works w ON w.project_id = h.project_id JOIN funding_monitoringrule r ON r.code = 'ahead_of_progress'
         CROSS JOIN LATERAL funding_last_payment(h.allocation_id, as_of) y
         WHERE h.paid * 100 >= (w.physical_percent + r.threshold) * h.granted
        UNION ALL
        SELECT r.code, 'allocation', h.allocation_id, h.project_id, h.source_id, h."use", h.paid, y.occurred_on,
               jsonb_build_object('works', w.physical_percent::text, 'threshold', trim_scale(r.threshold)::text)
          FROM held h JOIN works w ON w.project_id = h.project_id JOIN funding_monitoringrule r ON r.code = 'paid_without_works'
         CROSS JOIN LATERAL funding_last_payment(h.allocation_id, as_of) y
         WHERE h.paid >= h.granted AND w.physical_percent < r.threshold
        UNION ALL
        SELECT r.code, 'allocation', h.allocation_id, h.project_id, h.source_id, h."use", l.amount, funding_months_old_on(l.oldest_on, r.threshold::int),
               jsonb_build_object('months', trim_scale(r.threshold)::text, 'oldest_on', l.oldest_on)
          FROM held h JOIN funding_monitoringrule r ON r.code = 'idle_6_months'
         CROSS JOIN LATERAL (
               SELECT min(f.occurred_on) AS oldest_on,
                      sum(f.amount) FILTER (WHERE f.occurred_on <= (as_of - make_interval(months => r.threshold::int))::date) AS amount
                 FROM funding_left(h.allocation_id, h.paid, as_of) f) l
         WHERE h.received > h.paid AND l.amount > 0
        UNION ALL
        SELECT r.code, 'allocation', h.allocation_id, h.project_id, h.source_id, h."use", l.amount, funding_months_old_on(l.oldest_on, r.threshold::int),
               jsonb_build_object('months', trim_scale(r.threshold)::text, 'oldest_on', l.oldest_on)
          FROM held h JOIN funding_monitoringrule r ON r.code = 'idle_12_months'
         CROSS JOIN LATERAL (
               SELECT min(f.occurred_on) AS oldest_on,
                      sum(f.amount) FILTER (WHERE f.occurred_on <= (as_of - make_interval(months => r.threshold::int))::date) AS amount
                 FROM funding_left(h.allocation_id, h.paid, as_of) f) l
         WHERE h.received > h.paid AND l.amount > 0
        UNION ALL
        SELECT r.code, 'allocation', h.allocation_id, h.project_id, h.source_id, h."use", h.received - h.paid, l.last_on,
               jsonb_build_object('paid', round(h.paid * 100 / h.received, 2)::text, 'required', round(l.required / h.received, 2)::text)
          FROM held h JOIN funding_monitoringrule r ON r.code = 'slow_spending'
          JOIN funding_monitoringrule g ON g.code = 'spending_goal' AND g.is_active
         CROSS JOIN LATERAL (
               SELECT sum(f.amount * funding_required_percent(f.occurred_on, as_of, g.threshold::int)) AS required, max(f.occurred_on) AS last_on
                 FROM funding_left(h.allocation_id, 0, as_of) f) l
         WHERE h.received > h.paid AND h.paid * 100 <= l.required - r.threshold * h.received
        -- use adjustment
        UNION ALL
        SELECT 'adjustment_life', 'allocation', o.allocation_id, o.project_id, o.source_id, o."use", least(o.granted, o.amount), o.since_on,
               jsonb_build_object('life', o.last_year, 'matures_on', o.matures_on)
          FROM (SELECT h.allocation_id, h.project_id, h.source_id, h."use", h.granted, p.last_year, b.matures_on,
                       sum(m.amount) AS amount, max(m.occurred_on) AS since_on
                  FROM moved_in m JOIN held h ON h.allocation_id = m.allocation_id
                  JOIN plans p ON p.project_id = h.project_id JOIN funding_bond b ON b.source_id = h.source_id
                  JOIN funding_monitoringrule r ON r.code = 'adjustment_life'
                 WHERE (make_date(p.last_year, 12, 31) + make_interval(months => trunc(r.threshold * 12)::int))::date < b.matures_on
                 GROUP BY 1, 2, 3, 4, 5, 6, 7) o
        UNION ALL
        SELECT 'adjustment_not_ready', 'allocation', o.allocation_id, o.project_id, o.source_id, o."use", least(o.granted, o.amount), o.since_on,
               jsonb_build_object('stage', o.stage)
          FROM (SELECT h.allocation_id, h.project_id, h.source_id, h."use", h.granted, sum(m.amount) AS amount, max(m.occurred_on) AS since_on,
                       (array_agg(g.stage ORDER BY m.occurred_on DESC))[1] AS stage
                  FROM moved_in m JOIN held h ON h.allocation_id = m.allocation_id JOIN projects_project p ON p.id = h.project_id
                 CROSS JOIN LATERAL (  -- where the project stood on that day
                       SELECT coalesce((SELECT v.to_stage FROM projects_stagemove v
                                         WHERE v.project_id = p.id AND v."on" <= m.occurred_on ORDER BY v."on" DESC, v.id DESC LIMIT 1),
                                       (SELECT v.from_stage FROM projects_stagemove v
                                         WHERE v.project_id = p.id AND v."on" > m.occurred_on ORDER BY v."on", v.id LIMIT 1),
                                       p.stage) AS stage) g
                 WHERE g.stage NOT IN ('preparation', 'construction')
                 GROUP BY 1, 2, 3, 4, 5) o
        -- the order of days: by day of occurrence a balance was below zero, which by time of recording it never was
        UNION ALL
        SELECT 'negative_on_a_day', 'allocation', a.id, a.project_id, a.source_id, a."use", o.amount, o.since_on, jsonb_build_object('day', o.since_on)
          FROM (SELECT d.allocation_id, -min(d.low) AS amount, min(d.day) AS since_on
                  FROM (SELECT p.allocation_id, p.occurred_on AS day,
                               least(sum(sum(p.paid)) OVER w, sum(sum(p.received - p.paid)) OVER w, sum(sum(p.granted - p.received)) OVER w) AS low
                          FROM funding_posting p
                         WHERE p.occurred_on <= as_of
                           AND (only_of IS NULL OR p.allocation_id = ANY (ARRAY(SELECT x.id FROM funding_allocation x WHERE x.project_id = ANY (only_of))))
                         GROUP BY p.allocation_id, p.occurred_on
                        WINDOW w AS (PARTITION BY p.allocation_id ORDER BY p.occurred_on)) d
                 WHERE d.low < 0 GROUP BY d.allocation_id) o
          JOIN funding_allocation a ON a.id = o.allocation_id
        UNION ALL
        SELECT 'negative_on_a_day', 'source', o.source_id, NULL, o.source_id, NULL, o.amount, o.since_on, jsonb_build_object('day', o.since_on)
          FROM (SELECT d.source_id, -min(d.low) AS amount, min(d.day) AS since_on
                  FROM (SELECT t.source_id, t.occurred_on AS day,
                               least(sum(sum(m.allocated * t.sign * t.amount)) OVER w,
                                     sum(sum((m.issued - m.allocated) * t.sign * t.amount)) OVER w) AS low
                          FROM funding_transfer t JOIN funding_movement m ON m.kind = t.kind
                         WHERE only_of IS NULL AND t.occurred_on <= as_of AND (m.issued <> 0 OR m.allocated <> 0)
                         GROUP BY t.source_id, t.occurred_on
                        WINDOW w AS (PARTITION BY t.source_id ORDER BY t.occurred_on)) d
                 WHERE d.low < 0 GROUP BY d.source_id) o)
    SELECT md5(f."rule" || ':' || f.subject_id || ':' || f.since_on)::uuid, f."rule", r.name, r."level", r."position", f.subject_kind,
           f.subject_id,
           CASE f.subject_kind WHEN 'allocation' THEN p.name || ' · ' || s.name WHEN 'project' THEN p.name WHEN 'source' THEN s.name ELSE '全市' END,
           f.project_id, f.source_id, f."use", f.amount, f.since_on, f.figures,
           CASE WHEN y.id IS NULL THEN 'open'
                WHEN (y.written_off_at AT TIME ZONE 'Asia/Shanghai')::date <= as_of THEN 'written_off' ELSE 'replied' END,
           y.id, coalesce(y.version, 0)
      FROM broken f
      JOIN funding_monitoringrule r ON r.code = f."rule" AND r.is_active
      LEFT JOIN projects_project p ON p.id = f.project_id
      LEFT JOIN funding_fundingsource s ON s.id = f.source_id
      LEFT JOIN funding_findingreply y ON y."rule" = f."rule" AND y.subject_id = f.subject_id AND y.since_on = f.since_on
                                       AND (y.replied_at AT TIME ZONE 'Asia/Shanghai')::date <= as_of
     WHERE f.since_on <= as_of
$$;

-- The findings of the day in `app.findings_on`, as rows that lists filter and page.
CREATE VIEW funding_finding AS
    SELECT f.* FROM funding_findings(current_setting('app.findings_on')::date, current_setting('app.findings_past')::boolean, NULL) f;
