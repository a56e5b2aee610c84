import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

# Accounts that are there already are Active. Those of a new database get their types with the first account.
OF_ACCOUNTS_BEFORE = """
INSERT INTO status_type (name, status)
SELECT name, lower(name) FROM unnest(ARRAY['Active', 'Cancelled', 'Suspended', 'Prospect']) name
 WHERE EXISTS (SELECT FROM account);
UPDATE account SET status_type_id = (SELECT id FROM status_type WHERE status = 'active');
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0005_talks"),
    ]

    operations = [
        migrations.CreateModel(
            name="StatusReason",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=120)),
            ],
            options={
                "db_table": "status_reason",
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("text"), name="status_reason_text_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StatusType",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("status", models.CharField(max_length=9)),
                ("image_url", models.CharField(db_default="", default="", max_length=500)),
                ("is_counted", models.BooleanField(db_default=True, default=True)),
            ],
            options={
                "db_table": "status_type",
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("name"), name="status_type_name_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["active", "cancelled", "suspended", "prospect"])),
                        name="status_type_status",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="account",
            name="status_type",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="accounts", to="store.statustype"
            ),
        ),
        migrations.RunSQL(OF_ACCOUNTS_BEFORE, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="account",
            name="status_type",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="accounts", to="store.statustype"
            ),
        ),
        migrations.CreateModel(
            name="StatusChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("status", models.CharField(max_length=9)),
                ("old_name", models.CharField(db_default="", default="", max_length=60)),
                ("old_status", models.CharField(max_length=9, null=True)),
                ("at", models.DateTimeField()),
                ("charge", models.CharField(max_length=8)),
                ("reason", models.CharField(max_length=120)),
                ("by", models.CharField(max_length=120)),
                ("via", models.CharField(max_length=10)),
                ("made_at", models.DateTimeField()),
                ("state", models.CharField(max_length=9)),
                ("ended_at", models.DateTimeField(null=True)),
                ("words", models.CharField(db_default="", default="", max_length=300)),
                ("is_lifting", models.BooleanField(db_default=False, default=False)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="status_changes",
                        to="store.account",
                    ),
                ),
                (
                    "type",
                    models.ForeignKey(
                        db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, to="store.statustype"
                    ),
                ),
            ],
            options={
                "db_table": "status_change",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "coming")), fields=["at", "id"], name="status_change_coming"
                    ),
                    models.Index(
                        condition=models.Q(("is_lifting", True)), fields=["account"], name="status_change_lifting"
                    ),
                    models.Index(fields=["account", "at", "id"], name="status_change_of_account"),
                    models.Index(
                        condition=models.Q(("state", "coming")), fields=["type"], name="status_change_of_type"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["active", "cancelled", "suspended", "prospect"])),
                        name="status_change_status",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("old_status__in", ["active", "cancelled", "suspended", "prospect"])),
                        name="status_change_old_status",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("charge__in", ["full", "prorated", "none"])), name="status_change_charge"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["coming", "done", "cancelled", "refused"])),
                        name="status_change_state",
                    ),
                ],
            },
        ),
    ]
