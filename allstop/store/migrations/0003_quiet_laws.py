"""The claim has the facts of promotions by text or call loaded: laws ask where the contact lives."""

from django.db import migrations

from allstop.store.installed_sql import install


class Migration(migrations.Migration):
    dependencies = [("store", "0002_queue")]
    operations = [install("queue.sql")]
