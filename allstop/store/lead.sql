-- The numbers that leads get at every change (lead.version), from which open pages see that they are out of date.
-- Written so that it may be installed again.

CREATE SEQUENCE IF NOT EXISTS lead_version AS bigint;
