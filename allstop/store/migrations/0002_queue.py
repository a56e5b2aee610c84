"""What is written by hand: queue.sql with its parts, plan.sql, the triggers of ledger.sql, the indexes of search.sql.

A change of one of them goes with a new migration that installs it again; test_schema compares the two.
"""

from django.db import migrations

from allstop.store.installed_sql import install


class Migration(migrations.Migration):
    dependencies = [("store", "0001_initial")]
    operations = [install("queue.sql"), install("plan.sql"), install("ledger.sql"), install("search.sql")]
