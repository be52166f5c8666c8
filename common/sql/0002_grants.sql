-- Two roles: the owner migrates, `app` runs. What the owner creates later is open to `app` as well,
-- except what history takes away again. Where no role `app` exists (one role for both) nothing is granted.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN
        GRANT USAGE ON SCHEMA public TO app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO app;
        GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO app;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO app;
    END IF;
END $$;

-- Nobody but the owner makes objects of a session: a trigger of one's own on a temporary table would look like one of ours.
DO $$
BEGIN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END $$;
