"""The functions of queue.sql and plan.sql, and the triggers of ledger.sql.

A change of either file goes with a new migration that installs it again; test_schema compares the two.
"""

from django.db import migrations

from allstop.store.installed_sql import install


class Migration(migrations.Migration):
    dependencies = [("store", "0001_initial")]
    operations = [install("queue.sql"), install("plan.sql"), install("ledger.sql")]
