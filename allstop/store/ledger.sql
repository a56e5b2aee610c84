-- The ledger's chain: a trigger numbers, links and hashes every entry, another refuses to change or delete one.

-- What is hashed: every column but the hash itself, as a JSON array, whose text form is the same on every server.
CREATE OR REPLACE FUNCTION ledger_text(e ledger) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_array(e.previous, e.account_id, e.number, extract(epoch FROM e.at), e.by, e.act, e.subject,
                           e.reason, e.before, e.after)::text $$;

CREATE OR REPLACE FUNCTION ledger_hash(e ledger) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT encode(sha256(convert_to(ledger_text(e), 'UTF8')), 'hex') $$;

CREATE OR REPLACE FUNCTION ledger_link() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE head ledger_head; BEGIN
  INSERT INTO ledger_head (chain, number, hash) VALUES (COALESCE(NEW.account_id, 0), 0, '') ON CONFLICT DO NOTHING;
  SELECT * INTO head FROM ledger_head WHERE chain = COALESCE(NEW.account_id, 0) FOR UPDATE;
  NEW.number := head.number + 1;
  NEW.previous := head.hash;
  NEW.hash := ledger_hash(NEW);
  UPDATE ledger_head SET number = NEW.number, hash = NEW.hash WHERE chain = head.chain;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$;

DROP TRIGGER IF EXISTS ledger_link ON ledger;
CREATE TRIGGER ledger_link BEFORE INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_link();
DROP TRIGGER IF EXISTS ledger_append_only ON ledger;
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
DROP TRIGGER IF EXISTS ledger_no_truncate ON ledger;
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON ledger FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
