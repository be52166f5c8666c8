-- Twin of lifecycle.UNHURRIED: in these stages no date presses.
CREATE FUNCTION projects_dates_press(stage text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT stage NOT IN ('reserve', 'suspended', 'cancelled')
$$;

-- The columns of the read model that come from the project itself. First wait for the rows, then read the facts in a
-- second statement: under READ COMMITTED a statement that waited still sees the facts from before it waited.
CREATE FUNCTION projects_refresh_status(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM projects_status WHERE project_id = ANY (ids) ORDER BY project_id FOR NO KEY UPDATE;
    INSERT INTO projects_status AS s (project_id, name, name_pinyin, search_text, stage, sector_id, sector_code, sector_name,
            region_id, region_code, region_name, office_id, office_code, office_name, authority_id, authority_code, authority_name,
            total_investment, updated_at)
    SELECT p.id, p.name, p.name_pinyin,
           lower(concat_ws(E'\n', p.name, array_to_string(p.aliases, E'\n'), p.code, p.unit_name, p.initials)),
           p.stage, se.id, se.code, se.name, re.id, re.code, re.name, o.id, o.code, o.name, a.id, a.code, a.name,
           p.total_investment, statement_timestamp()
      FROM projects_project p
      JOIN projects_sector se ON se.id = p.sector_id
      JOIN projects_region re ON re.id = p.region_id
      JOIN accounts_office o ON o.id = p.office_id
      LEFT JOIN accounts_office a ON a.id = p.authority_id
     WHERE p.id = ANY (ids)
     ORDER BY p.id
    ON CONFLICT (project_id) DO UPDATE SET
           name = excluded.name, name_pinyin = excluded.name_pinyin, search_text = excluded.search_text, stage = excluded.stage,
           sector_id = excluded.sector_id, sector_code = excluded.sector_code, sector_name = excluded.sector_name,
           region_id = excluded.region_id, region_code = excluded.region_code, region_name = excluded.region_name,
           office_id = excluded.office_id, office_code = excluded.office_code, office_name = excluded.office_name,
           authority_id = excluded.authority_id, authority_code = excluded.authority_code, authority_name = excluded.authority_name,
           total_investment = excluded.total_investment,
           late_from_on = CASE WHEN projects_dates_press(excluded.stage) THEN s.next_due_on END,
           updated_at = excluded.updated_at;
END $$;

CREATE FUNCTION projects_project_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM projects_refresh_status(array_agg(n.id ORDER BY n.id)) FROM new_rows n HAVING count(*) > 0;
    ELSE
        PERFORM projects_refresh_status(array_agg(n.id ORDER BY n.id))
           FROM new_rows n JOIN old_rows o USING (id) WHERE n.version IS DISTINCT FROM o.version HAVING count(*) > 0;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER status_insert AFTER INSERT ON projects_project REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION projects_project_changed();
CREATE TRIGGER status_update AFTER UPDATE ON projects_project REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION projects_project_changed();

-- A renamed sector, region or office: rare, and one set-based refresh.
CREATE FUNCTION projects_reference_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    renamed uuid[];
BEGIN
    SELECT array_agg(n.id) INTO renamed FROM new_rows n JOIN old_rows o USING (id) WHERE (n.name, n.code) IS DISTINCT FROM (o.name, o.code);
    IF renamed IS NOT NULL THEN
        PERFORM projects_refresh_status(array_agg(p.id ORDER BY p.id)) FROM projects_project p
          WHERE CASE TG_TABLE_NAME WHEN 'projects_sector' THEN p.sector_id = ANY (renamed)
                                   WHEN 'projects_region' THEN p.region_id = ANY (renamed)
                                   ELSE p.office_id = ANY (renamed) OR p.authority_id = ANY (renamed) END
         HAVING count(*) > 0;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER status_update AFTER UPDATE ON projects_sector REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION projects_reference_renamed();
CREATE TRIGGER status_update AFTER UPDATE ON projects_region REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION projects_reference_renamed();
CREATE TRIGGER status_update AFTER UPDATE ON accounts_office REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION projects_reference_renamed();
