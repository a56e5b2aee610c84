"""What is personal of a contact lies beside its ledger entry (docs/notes/0010-erasing.md)."""

import django.db.models.deletion
from django.db import migrations, models

from allstop.store.installed_sql import install


class Migration(migrations.Migration):
    dependencies = [("store", "0002_queue")]
    operations = [
        migrations.RenameModel("LedgerEntry", "LedgerRow"),
        migrations.AddField(
            model_name="ledgerrow",
            name="personal",
            field=models.CharField(db_default="", default="", max_length=64),
        ),
        migrations.CreateModel(
            name="LedgerPersonal",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="beside",
                        serialize=False,
                        to="store.ledgerrow",
                    ),
                ),
                ("contact_id", models.BigIntegerField(null=True)),
                ("salt", models.CharField(max_length=64)),
                ("data", models.JSONField()),
                (
                    "account",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="store.account"),
                ),
            ],
            options={
                "db_table": "ledger_personal",
                "indexes": [models.Index(fields=["account", "contact_id"], name="ledger_personal_of_contact")],
            },
        ),
        migrations.CreateModel(  # a view, which ledger.sql makes
            name="LedgerEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="store.account",
                    ),
                ),
                ("number", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=120)),
                ("act", models.CharField(max_length=40)),
                ("subject", models.CharField(max_length=80)),
                ("reason", models.CharField(max_length=300)),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                ("previous", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
                ("is_erased", models.BooleanField()),
            ],
            options={"db_table": "ledger_entry", "managed": False},
        ),
        install("ledger.sql"),
    ]
