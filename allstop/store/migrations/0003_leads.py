import django.db.models.deletion
from django.db import migrations, models

from allstop.store.installed_sql import install


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0002_queue"),
    ]

    operations = [
        install("lead.sql"),
        migrations.AddField(
            model_name="requestkey",
            name="lead_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.CreateModel(
            name="Lead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(unique=True)),
                ("status", models.CharField(max_length=11)),
                ("reason", models.CharField(max_length=20)),
                ("note", models.CharField(max_length=1024)),
                ("source", models.CharField(max_length=6)),
                ("kind", models.CharField(max_length=40)),
                ("comment", models.CharField(max_length=1024)),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(max_length=120)),
                ("version", models.BigIntegerField()),
                (
                    "account",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="store.account"),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="leads",
                        to="store.contact",
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, to="store.location"
                    ),
                ),
            ],
            options={
                "db_table": "lead",
            },
        ),
        migrations.CreateModel(
            name="LeadEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("title", models.CharField(max_length=24)),
                ("by", models.CharField(max_length=120)),
                ("detail", models.CharField(max_length=1024)),
                ("message_id", models.BigIntegerField(null=True)),
                ("inbound_id", models.BigIntegerField(null=True)),
                (
                    "account",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="store.account"),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="store.lead",
                    ),
                ),
            ],
            options={
                "db_table": "lead_event",
            },
        ),
        migrations.CreateModel(
            name="LeadSetup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.CharField(max_length=254)),
                ("repeat_days", models.SmallIntegerField()),
                ("strangers", models.CharField(max_length=7)),
                ("account", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, to="store.account")),
            ],
            options={
                "db_table": "lead_setup",
            },
        ),
        migrations.CreateModel(
            name="RefusedLead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hold_id", models.BigIntegerField()),
                ("source", models.CharField(max_length=6)),
                ("count", models.BigIntegerField()),
                ("last_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="store.account"),
                ),
            ],
            options={
                "db_table": "refused_lead",
            },
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(fields=["account", "-created_at", "-id"], name="lead_list"),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(fields=["account", "status", "-created_at", "-id"], name="lead_by_status"),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(fields=["contact", "-created_at"], name="lead_of_contact"),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(fields=["account", "-version"], name="lead_changes"),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                condition=models.Q(("location__isnull", False)), fields=["location"], name="lead_location"
            ),
        ),
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "new")), fields=("contact",), name="lead_new_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["new", "qualified", "unqualified"])), name="lead_status"
            ),
        ),
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.CheckConstraint(
                condition=models.Q(("source__in", ["api", "email", "manual", "file", "text", "call"])),
                name="lead_source",
            ),
        ),
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reason", ""),
                    models.Q(
                        (
                            "reason__in",
                            [
                                "not_interested",
                                "unresponsive",
                                "wrong_person",
                                "out_of_area",
                                "same_person",
                                "do_not_contact",
                                "ended",
                                "mass_end",
                                "member_end",
                                "other",
                            ],
                        ),
                        ("status", "unqualified"),
                    ),
                    _connector="OR",
                ),
                name="lead_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("status", "new")),
                    models.Q(models.Q(("status", "new"), _negated=True), ("ended_at__isnull", False)),
                    _connector="OR",
                ),
                name="lead_ended",
            ),
        ),
        migrations.AddIndex(
            model_name="leadevent",
            index=models.Index(fields=["lead", "at", "id"], name="lead_event_history"),
        ),
        migrations.AddConstraint(
            model_name="leadevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "title__in",
                        [
                            "Lead Created",
                            "Qualified Lead",
                            "Unqualified Lead",
                            "Inbound SMS",
                            "Outbound SMS",
                            "Inbound Email",
                            "Outbound Email",
                            "Outbound Call Attempt",
                            "Inbound Call Received",
                            "Note",
                            "Taken Over",
                            "Handed Over",
                        ],
                    )
                ),
                name="lead_event_title",
            ),
        ),
        migrations.AddConstraint(
            model_name="leadsetup",
            constraint=models.CheckConstraint(
                condition=models.Q(("strangers__in", ["nothing", "leads"])), name="lead_setup_strangers"
            ),
        ),
        migrations.AddConstraint(
            model_name="leadsetup",
            constraint=models.CheckConstraint(
                condition=models.Q(("repeat_days__gte", 0), ("repeat_days__lte", 365)), name="lead_setup_days"
            ),
        ),
        migrations.AddConstraint(
            model_name="refusedlead",
            constraint=models.UniqueConstraint(fields=("account", "hold_id", "source"), name="refused_lead_once"),
        ),
        migrations.AddConstraint(
            model_name="refusedlead",
            constraint=models.CheckConstraint(
                condition=models.Q(("source__in", ["api", "email", "manual", "file", "text", "call"])),
                name="refused_lead_source",
            ),
        ),
    ]
