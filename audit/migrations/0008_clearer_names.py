from django.db import migrations, models


class Migration(migrations.Migration):
    """Models and a field get clearer names. Tables and columns keep theirs, so nothing changes in the database."""

    dependencies = [
        ("audit", "0007_tally_seen"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameModel("Progress", "FoldingProgress"),
                migrations.AlterModelTable("FoldingProgress", "audit_progress"),
                migrations.RenameModel("Name", "Suggestion"),
                migrations.AlterModelTable("Suggestion", "audit_name"),
                migrations.RenameField("Posting", "places", "positions"),
                migrations.AlterField("Posting", "positions", models.BinaryField(db_column="places")),
            ]
        )
    ]
