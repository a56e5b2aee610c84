"""A claim looks into its lane once, not twice."""

from django.db import migrations

from allstop.store.installed_sql import install


class Migration(migrations.Migration):
    dependencies = [("store", "0002_queue")]
    operations = [install("queue.sql")]
