"""A round that somebody waits for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_search")]
    operations = [
        migrations.AddField("watch", "wanted_at", models.DateTimeField(null=True)),
        migrations.AddField("watch", "wanted_by", models.CharField(max_length=150, default=""), preserve_default=False),
    ]
