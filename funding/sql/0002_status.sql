-- What the money of a project says on a day, replayed from the transfers that had occurred.
CREATE FUNCTION funding_facts(ids uuid[], as_of date)
RETURNS TABLE (project_id uuid, allocated numeric, received numeric, paid numeric, funding_kinds text[]) LANGUAGE sql STABLE AS $$
    SELECT i.id, coalesce(b.allocated, 0.00), coalesce(b.received, 0.00), coalesce(b.paid, 0.00), coalesce(b.funding_kinds, '{}')
      FROM unnest(ids) AS i (id)
      LEFT JOIN (
          SELECT a.project_id, sum(f.granted) AS allocated, sum(f.received) AS received, sum(f.paid) AS paid,
                 array_agg(DISTINCT s.kind ORDER BY s.kind) FILTER (WHERE f.granted > 0) AS funding_kinds
            FROM (SELECT p.allocation_id, sum(p.granted) AS granted, sum(p.received) AS received, sum(p.paid) AS paid
                    FROM funding_posting p WHERE p.occurred_on <= as_of GROUP BY p.allocation_id) f
            JOIN funding_allocation a ON a.id = f.allocation_id
            JOIN funding_fundingsource s ON s.id = a.source_id
           WHERE a.project_id = ANY (ids)
           GROUP BY a.project_id) b ON b.project_id = i.id
$$;

-- The money columns of the read model, from the balances. Lock first, recompute in a second statement (see projects_refresh_status).
CREATE FUNCTION funding_refresh_status(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM projects_status WHERE project_id = ANY (ids) ORDER BY project_id FOR NO KEY UPDATE;
    UPDATE projects_status s SET allocated = f.allocated, received = f.received, paid = f.paid, funding_kinds = f.funding_kinds,
           updated_at = statement_timestamp()
      FROM (SELECT i.id, coalesce(sum(a.granted), 0.00) AS allocated, coalesce(sum(a.received), 0.00) AS received,
                   coalesce(sum(a.paid), 0.00) AS paid,
                   coalesce(array_agg(DISTINCT c.kind ORDER BY c.kind) FILTER (WHERE a.granted > 0), '{}') AS funding_kinds
              FROM unnest(ids) AS i (id)
              LEFT JOIN funding_allocation a ON a.project_id = i.id
              LEFT JOIN funding_fundingsource c ON c.id = a.source_id
             GROUP BY i.id) f
     WHERE s.project_id = f.id
       AND (s.allocated, s.received, s.paid, s.funding_kinds) IS DISTINCT FROM (f.allocated, f.received, f.paid, f.funding_kinds);
END $$;

-- A new allocation holds nothing yet, so only later changes count.
CREATE FUNCTION funding_allocation_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[];
BEGIN
    SELECT array_agg(DISTINCT o.project_id ORDER BY o.project_id) INTO ids FROM old_rows o;
    IF ids IS NOT NULL THEN
        PERFORM funding_refresh_status(ids);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER status_update AFTER UPDATE ON funding_allocation REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION funding_allocation_changed();
CREATE TRIGGER status_delete AFTER DELETE ON funding_allocation REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION funding_allocation_changed();
