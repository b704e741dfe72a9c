"""What each person has arranged for themselves: how the list looks, views of it, starred campaigns, notifications."""

from django.conf import settings
from django.db import models

from campaigns.models.campaign import Campaign


class Density(models.TextChoices):
    DENSE = "dense", "Dense"
    COMFORTABLE = "comfortable", "Comfortable"


class Theme(models.TextChoices):
    SYSTEM = "system", "As the system"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class Preferences(models.Model):
    """One row for each person who changed any of them. `columns`: those of the list, in order; [] for the default."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="preferences"
    )
    columns = models.JSONField(default=list)
    density = models.CharField(max_length=12, choices=Density, default=Density.DENSE)
    twelve_hours = models.BooleanField(default=False, help_text="Show times with AM and PM, too.")
    # An IANA name; "" for that of the browser.
    time_zone = models.CharField(max_length=64, blank=True, default="", db_default="")
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.SYSTEM, db_default=Theme.SYSTEM)
    desktop_notifications = models.BooleanField(default=False)
    sound = models.BooleanField(default=False)
    # The person has seen what ended until then.
    seen_operations_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        verbose_name_plural = "preferences"

    def __str__(self) -> str:
        return f"preferences of {self.user}"


class SavedView(models.Model):
    """A filter, order and columns of the list under a name. `query`: the address's parameters."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=60)
    # As long as its tags need: in an address, a letter may take twelve characters.
    query = models.TextField(blank=True)
    columns = models.JSONField(default=list)
    shared = models.BooleanField(default=False, help_text="Everybody sees it; only its owner changes it.")

    class Meta:
        default_permissions = ()
        ordering = ("name", "id")
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="one_view_of_a_name_for_a_person")]

    def __str__(self) -> str:
        return self.name


class Star(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="stars")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="stars")

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "campaign"], name="one_star_for_a_campaign")]

    def __str__(self) -> str:
        return f"star of {self.campaign_id}"
