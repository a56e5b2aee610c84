-- The ledger's chain: a trigger numbers, links and hashes every entry, another refuses to change or delete one.

-- What is hashed: every column but the hash itself, as a JSON array, whose text form is the same on every server. The
-- digest of what lies beside the entry is in it only where something does: older entries keep their hash.
CREATE OR REPLACE FUNCTION ledger_text(e ledger) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT (jsonb_build_array(e.previous, e.account_id, e.number, extract(epoch FROM e.at), e.by, e.act, e.subject,
                            e.reason, e.before, e.after)
          || CASE WHEN e.personal = '' THEN '[]'::jsonb ELSE jsonb_build_array(e.personal) END)::text $$;

-- What an entry keeps of what lies beside it.
CREATE OR REPLACE FUNCTION ledger_digest(salt text, data jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT encode(sha256(convert_to(salt || data::text, 'UTF8')), 'hex') $$;

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

-- APPEND an entry, with what may name a contact beside it (`p_personal`; NULL: nothing). The installation's own chain is not
-- about contacts: what its operators type stands in it. One statement, since a person waits for each round trip of a stop.
CREATE OR REPLACE FUNCTION ledger_append(p_account bigint, p_at timestamptz, p_by text, p_act text, p_subject text, p_reason text,
                                         p_before jsonb, p_after jsonb, p_salt text, p_personal jsonb, p_contact bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE entry bigint; BEGIN
  IF p_account IS NULL THEN
    p_reason := COALESCE(p_personal->>'reason', p_reason);
    p_personal := NULL;
  END IF;
  INSERT INTO ledger (account_id, at, by, act, subject, reason, before, after, personal)
  VALUES (p_account, p_at, p_by, p_act, p_subject, p_reason, p_before, p_after, COALESCE(ledger_digest(p_salt, p_personal), ''))
  RETURNING id INTO entry;
  IF p_personal IS NOT NULL THEN
    INSERT INTO ledger_personal (entry_id, account_id, contact_id, salt, data)
    VALUES (entry, p_account, p_contact, p_salt, p_personal);
  END IF;
END $$;

DROP TRIGGER IF EXISTS ledger_link ON ledger;
CREATE TRIGGER ledger_link BEFORE INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_link();
DROP TRIGGER IF EXISTS ledger_append_only ON ledger;
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
DROP TRIGGER IF EXISTS ledger_no_truncate ON ledger;
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON ledger FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

-- Beside it: may be deleted, and given to the contact that another was merged into; what it says never changes.
CREATE OR REPLACE FUNCTION ledger_personal_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.entry_id, NEW.account_id, NEW.salt, NEW.data) IS DISTINCT FROM (OLD.entry_id, OLD.account_id, OLD.salt, OLD.data)
  THEN RAISE EXCEPTION 'the ledger is append-only'; END IF;
  RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS ledger_personal_keep ON ledger_personal;
CREATE TRIGGER ledger_personal_keep BEFORE UPDATE ON ledger_personal
  FOR EACH ROW EXECUTE FUNCTION ledger_personal_keep();

-- What people read: an entry with what lies beside it laid over its columns. Nothing is laid over an entry that has no
-- digest, so that a row slipped in there is not believed.
CREATE OR REPLACE VIEW ledger_entry AS
SELECT e.id, e.account_id, e.number, e.at, e.by, e.act, e.subject, e.previous, e.hash,
       COALESCE(p.data->>'reason', e.reason) AS reason,
       CASE WHEN p.data ? 'before' THEN COALESCE(e.before, '{}') || (p.data->'before') ELSE e.before END AS before,
       CASE WHEN p.data ? 'after' THEN COALESCE(e.after, '{}') || (p.data->'after') ELSE e.after END AS after,
       e.personal <> '' AND p.entry_id IS NULL AS is_erased
  FROM ledger e LEFT JOIN ledger_personal p ON p.entry_id = e.id AND e.personal <> '';
