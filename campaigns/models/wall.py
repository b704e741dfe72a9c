"""Links to the wallboard, for screens on which nobody is signed in."""

from django.db import models
from django.db.models import Q


class WallTheme(models.TextChoices):
    DARK = "dark", "Dark"
    LIGHT = "light", "Light"
    SCREEN = "screen", "As the screen is set"


class WallLink(models.Model):
    """Whoever knows its token may look at the wallboard, and at nothing else, until it is revoked or expires."""

    name = models.CharField(max_length=60, help_text="Where it hangs.")
    # The SHA-256 of the token, in hex. The token itself is shown once and kept nowhere.
    token_hash = models.CharField(max_length=64, unique=True)
    key = models.CharField(max_length=64, unique=True, help_text="The form's own: two clicks make one.")
    group_by = models.CharField(max_length=60, blank=True, help_text="The name of the tag by which it adds up.")
    zone = models.CharField(max_length=64, help_text="That of its clock and its times.")
    theme = models.CharField(max_length=6, choices=WallTheme, default=WallTheme.DARK)
    shows_people = models.BooleanField(default=False)
    offers_sound = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    expires_at = models.DateTimeField(null=True, help_text="None: it lives until it is revoked.")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=150, blank=True)
    shown_at = models.DateTimeField(null=True, help_text="When a screen last showed it, to the minute.")

    class Meta:
        default_permissions = ()
        ordering = ("-made_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by="") | Q(revoked_at__isnull=False), name="who_revokes_says_when"
            ),
        ]

    def __str__(self) -> str:
        return self.name
