"""What sign-in stores besides Django's own accounts and sessions."""

from django.contrib.auth.models import User
from django.db import models


class FailedSignIn(models.Model):
    """The count of failed sign-ins with one name in one scope (cxadmin.accounts.failed_sign_ins).

    Both are stored as keyed digests: what was typed may be a password in the wrong field, and addresses are personal.
    """

    name = models.CharField(max_length=64)
    # The scope.
    place = models.CharField(max_length=64)
    tries = models.PositiveIntegerField(default=0)
    # Set by the attempt that reached the scope's limit. While it lasts, nothing is counted or written.
    locked = models.BooleanField(default=False)
    # By the database's clock. After that the row no longer counts, and may be deleted.
    ends_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["name", "place"], name="cxadmin_one_count_a_place")]

    def __str__(self) -> str:
        return f"{self.tries} failed{', locked' if self.locked else ''}"


class NameKey(models.Model):
    """A key that all names that read the same share (cxadmin.accounts.unique_names): no two accounts have it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="name_keys")
    key = models.CharField(max_length=64, unique=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"key of {self.user}"
