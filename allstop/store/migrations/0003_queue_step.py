"""The claim is a part of the step, and the index of refs begins with the ref."""

from django.db import migrations, models

from allstop.store.installed_sql import install


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0002_queue"),
    ]

    operations = [
        install("queue.sql"),
        migrations.RemoveIndex(
            model_name="attempt",
            name="attempt_by_ref",
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(("ref", ""), _negated=True), fields=["ref", "adapter"], name="attempt_by_ref"
            ),
        ),
    ]
