import django.db.models.deletion
from django.db import migrations, models

from allstop.store.installed_sql import install


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0006_status"),
    ]

    operations = [
        migrations.AddField(
            model_name="sendingsetup",
            name="attachment_mb",
            field=models.SmallIntegerField(db_default=10, default=10),
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                ("type", models.CharField(max_length=100)),
                ("size", models.IntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
                ("by", models.CharField(max_length=120)),
                ("at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="store.account"),
                ),
            ],
            options={
                "db_table": "attachment",
            },
        ),
        migrations.CreateModel(
            name="AttachmentSet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=500)),
                ("used_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="store.account"),
                ),
            ],
            options={
                "db_table": "attachment_set",
            },
        ),
        migrations.CreateModel(
            name="AttachmentInSet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.SmallIntegerField()),
                ("attachment", models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, to="store.attachment")),
                (
                    "set",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="store.attachmentset",
                    ),
                ),
            ],
            options={
                "db_table": "attachment_in_set",
            },
        ),
        migrations.AddField(
            model_name="message",
            name="attachment_set",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                to="store.attachmentset",
            ),
        ),
        migrations.AddField(
            model_name="messengerdraft",
            name="attachment_set",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.RESTRICT, to="store.attachmentset"),
        ),
        migrations.AddField(
            model_name="messengersend",
            name="attachment_set",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.RESTRICT, to="store.attachmentset"),
        ),
        migrations.AddField(
            model_name="template",
            name="attachment_set",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.RESTRICT, to="store.attachmentset"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("attachment_set__isnull", False)),
                fields=["attachment_set"],
                name="message_by_attachments",
            ),
        ),
        migrations.AddIndex(
            model_name="attachment",
            index=models.Index(fields=["at"], name="attachment_by_age"),
        ),
        migrations.AddIndex(
            model_name="attachmentset",
            index=models.Index(fields=["used_at"], name="attachment_set_by_age"),
        ),
        migrations.AddConstraint(
            model_name="attachmentset",
            constraint=models.UniqueConstraint(fields=("account", "key"), name="attachment_set_once"),
        ),
        migrations.AddConstraint(
            model_name="attachmentinset",
            constraint=models.UniqueConstraint(fields=("set", "number"), name="attachment_in_set_once"),
        ),
        install("plan.sql"),
    ]
