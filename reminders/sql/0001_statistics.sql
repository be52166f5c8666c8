-- The sweep may add thousands of rows and join them in the same transaction, before autovacuum has counted any: the planner
-- then takes the table for tiny and compares every row with every other. So `app` may count them itself (ANALYZE needs MAINTAIN).
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN
        GRANT MAINTAIN ON reminders_reminder, reminders_delivery TO app;
    END IF;
END $$;
