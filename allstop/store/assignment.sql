-- Each contact has its row of contact_assignment, whoever makes the contact: a form, an import, a test. So "nobody's" is
-- a value that an index holds, and not a row that is missing. Once for a statement, not once for a row. Written so that
-- it may be installed again.

CREATE OR REPLACE FUNCTION contact_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO contact_assignment (contact_id, account_id) SELECT id, account_id FROM made;
  RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS contact_begins ON contact;
CREATE TRIGGER contact_begins AFTER INSERT ON contact REFERENCING NEW TABLE AS made
  FOR EACH STATEMENT EXECUTE FUNCTION contact_begins();
