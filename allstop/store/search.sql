-- What a search of contacts reads: trigram indexes on names and on addresses (lists/phonebook.py asks them).
--
-- The database's locale may be C, whose lower() knows ASCII only: names beyond it are found as they are written and,
-- decomposed and stripped of their accents, by their plain letters; so are those with an apostrophe. Letters that do not
-- decompose are spelled as people write them who lack them: Lukasz, Soren, Weiss. contact_filter.py folds what is
-- searched for alike. Written so that it may be installed again; a change of search_words needs contact_words made anew.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Name and own id in small letters, and once more in plain letters where they are others.
CREATE OR REPLACE FUNCTION search_words(given text, family text, own_id text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT lower(given || ' ' || family || ' ' || own_id) || CASE
    WHEN octet_length(given) + octet_length(family) = length(given) + length(family)
     AND position('''' IN given || family) = 0 THEN ''
    ELSE ' ' || regexp_replace(lower(replace(replace(replace(
      translate(normalize(given || ' ' || family, NFKD), 'łŁøØđĐıðÐħĦÆŒ''', 'lLoOdDidDhHæœ'),
      'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe')), '[^ -~]', '', 'g') END $$;

CREATE INDEX IF NOT EXISTS contact_words ON contact
  USING gin (search_words(given_name, family_name, external_id) gin_trgm_ops) WITH (gin_pending_list_limit = 1024);
CREATE INDEX IF NOT EXISTS address_words ON address
  USING gin (lower(value) gin_trgm_ops) WITH (gin_pending_list_limit = 1024);
