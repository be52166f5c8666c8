-- The sum of twelve monthly amounts; null where they are not twelve, or one is missing or negative.
CREATE FUNCTION projects_sum_of_year(monthly numeric[]) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN cardinality(monthly) = 12 AND array_position(monthly, NULL) IS NULL AND 0 <= ALL (monthly)
                THEN (SELECT sum(amount) FROM unnest(monthly) AS m (amount)) END
$$;
