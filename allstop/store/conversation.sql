-- A conversation with a contact is assigned to whom the contact is assigned to. Many things assign contacts: a form, a
-- change of a million, an import, a merge. A trigger carries it over, so that none of them can forget to.
-- Once for a statement, not once for a row. Written so that it may be installed again.

CREATE SEQUENCE IF NOT EXISTS conversation_version AS bigint;

CREATE OR REPLACE FUNCTION conversation_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE conversation SET assigned_to_id = becomes.member_id, version = nextval('conversation_version')
    FROM becomes
   WHERE conversation.contact_id = becomes.contact_id
     AND conversation.assigned_to_id IS DISTINCT FROM becomes.member_id;
  RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS conversation_follow ON contact;
DROP TRIGGER IF EXISTS conversation_follow ON contact_assignment;
CREATE TRIGGER conversation_follow AFTER UPDATE ON contact_assignment REFERENCING NEW TABLE AS becomes
  FOR EACH STATEMENT EXECUTE FUNCTION conversation_follow();
