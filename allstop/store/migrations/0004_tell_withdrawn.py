"""Webhooks hear of messages that are withdrawn: queue_withdraw and plan_apply write the events."""

from django.db import migrations

from allstop.store.installed_sql import install


class Migration(migrations.Migration):
    dependencies = [("store", "0003_lead_import")]
    operations = [install("queue.sql"), install("plan.sql")]
