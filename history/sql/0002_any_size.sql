-- What a trigger does is planned once a session, for the number of rows of the first statements. A nested loop over the two sets of rows,
-- right for one row, took 128 s for 16,000; a hash join is as quick for one.
ALTER FUNCTION history_log_change() SET enable_nestloop TO off;
