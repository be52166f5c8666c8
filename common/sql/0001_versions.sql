-- version and updated_at: raised on every real change, by whatever door it came.
CREATE FUNCTION common_raise_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    NEW.updated_at := statement_timestamp();
    RETURN NEW;
END $$;

-- CALL common_track_versions('projects_project'): one line a table, in the migration that creates it.
CREATE PROCEDURE common_track_versions(table_name regclass) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER raise_version BEFORE UPDATE ON %s FOR EACH ROW '
                   'WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION common_raise_version()', table_name);
END $$;
