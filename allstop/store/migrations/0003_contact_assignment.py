"""Whose a contact is gets a narrow table; addresses lose an index and a check that others make unnecessary."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0001_initial")]
    run_before = [("store", "0002_queue")]  # whose triggers are of this table
    operations = [
        migrations.RemoveField(model_name="contact", name="assigned_to"),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                (
                    "contact",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="assignment",
                        serialize=False,
                        to="store.contact",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="store.account",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="store.member",
                    ),
                ),
            ],
            options={
                "db_table": "contact_assignment",
                "indexes": [models.Index(fields=["account", "member", "contact"], name="contact_assignment_list")],
            },
        ),
        migrations.AlterField(
            model_name="address",
            name="account",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                to="store.account",
            ),
        ),
        migrations.AlterField(
            model_name="address",
            name="contact",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="addresses",
                to="store.contact",
            ),
        ),
    ]
