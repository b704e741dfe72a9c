"""`Place` is called `PauseSlot`. The table keeps its name."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0014_enqueued_at")]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterModelTable("Place", "campaigns_place"),
                migrations.RenameModel("Place", "PauseSlot"),
            ]
        )
    ]
