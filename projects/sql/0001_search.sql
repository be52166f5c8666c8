-- Two-character tokens. pg_trgm needs three characters, and most Chinese words have two.
CREATE FUNCTION projects_bigrams(words text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT substr(words, i, 2)), '{}')
      FROM generate_series(1, length(words) - 1) i
     WHERE substr(words, i, 2) !~ '\s'
$$;
