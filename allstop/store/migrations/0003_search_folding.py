"""Names with letters that do not decompose, and with apostrophes, are found by their plain letters."""

from django.db import migrations

from allstop.store.installed_sql import install


class Migration(migrations.Migration):
    dependencies = [("store", "0002_queue")]
    operations = [
        migrations.RunSQL("DROP INDEX IF EXISTS contact_words", migrations.RunSQL.noop),  # made of the older words
        install("search.sql"),
    ]
