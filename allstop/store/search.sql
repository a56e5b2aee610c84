-- What a search of contacts reads: trigram indexes on names and on addresses (lists/phonebook.py asks them).
--
-- The database's locale may be C, whose lower() knows ASCII only: names beyond it are found as they are written and,
-- decomposed and stripped of their accents, by their plain letters. Written so that it may be installed again.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Name and own id in small letters, and once more without accents where there are some.
CREATE OR REPLACE FUNCTION search_words(given text, family text, own_id text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT lower(given || ' ' || family || ' ' || own_id) || CASE
    WHEN octet_length(given) + octet_length(family) = length(given) + length(family) THEN ''
    ELSE ' ' || regexp_replace(lower(normalize(given || ' ' || family, NFKD)), '[^ -~]', '', 'g') END $$;

CREATE INDEX IF NOT EXISTS contact_words ON contact
  USING gin (search_words(given_name, family_name, external_id) gin_trgm_ops) WITH (gin_pending_list_limit = 1024);
CREATE INDEX IF NOT EXISTS address_words ON address
  USING gin (lower(value) gin_trgm_ops) WITH (gin_pending_list_limit = 1024);
