"""What is written by hand: the functions of the queue and of plans, triggers, and indexes that Django cannot name.

A change of one of them goes with a new migration that installs it again; test_schema compares the two.
"""

from django.db import migrations

from allstop.store.installed_sql import INSTALLED, install


class Migration(migrations.Migration):
    dependencies = [("store", "0001_initial")]
    operations = [install(name) for name in INSTALLED]
