"""START as a plan, and the ramp; queue.sql knows both."""

import django.db.models.deletion
from django.db import migrations, models

from allstop.store.installed_sql import install


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0002_queue"),
    ]

    operations = [
        migrations.CreateModel(
            name="StartPlanItem",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "plan_id", "message_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("plan_id", models.BigIntegerField()),
                ("message_id", models.BigIntegerField()),
                ("due_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(max_length=60)),
            ],
            options={
                "db_table": "start_plan_item",
            },
        ),
        migrations.CreateModel(
            name="Ramp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("start_number", models.BigIntegerField()),
                ("by", models.CharField(max_length=120)),
                ("per_minute", models.IntegerField()),
                ("pace_ms", models.BigIntegerField()),
                ("minutes", models.IntegerField()),
                ("begun_at", models.DateTimeField()),
                ("state", models.CharField(max_length=7)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(max_length=120)),
                ("figures", models.JSONField(null=True)),
                ("account", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="store.account")),
            ],
            options={
                "db_table": "ramp",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["running", "done", "ended", "tripped", "stopped"])),
                        name="ramp_state",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("account",), name="ramp_one_at_a_time"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minutes__gt", 0), ("pace_ms__gt", 0), ("per_minute__gt", 0)),
                        name="ramp_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StartPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stop_number", models.BigIntegerField()),
                ("by", models.CharField(max_length=120)),
                ("via", models.CharField(max_length=10)),
                ("reason", models.CharField(max_length=300)),
                ("state", models.CharField(max_length=9)),
                ("choices", models.JSONField()),
                ("counts", models.JSONField()),
                ("total", models.BigIntegerField()),
                ("dropped", models.BigIntegerField(default=0)),
                ("redated", models.BigIntegerField(default=0)),
                ("ramp", models.JSONField(null=True)),
                ("drawn_at", models.DateTimeField()),
                ("touched_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("start_number", models.BigIntegerField(null=True)),
                ("account", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="store.account")),
            ],
            options={
                "db_table": "start_plan",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["applying", "started", "cancelled"])), name="start_plan_state"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "applying")), fields=("account",), name="start_plan_one_at_a_time"
                    ),
                ],
            },
        ),
        install("queue.sql"),
        install("plan.sql"),
    ]
