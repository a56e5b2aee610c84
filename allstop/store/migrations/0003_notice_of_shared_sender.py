from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0002_queue")]

    operations = [
        migrations.RemoveConstraint(model_name="notice", name="notice_kind"),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["standing", "brake", "scheduled", "credits", "sender", "ramp"])),
                name="notice_kind",
            ),
        ),
    ]
