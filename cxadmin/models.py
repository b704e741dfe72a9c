"""What sign-in remembers between requests, besides Django's own accounts and sessions."""

from django.contrib.auth.models import User
from django.db import models


class FailedSignIn(models.Model):
    """Failed sign-ins with one name from one place, counted (cxadmin.accounts.failed_sign_ins). Both are keyed
    digests: what was typed may be a password in the wrong field, and addresses are nobody's business."""

    name = models.CharField(max_length=64)
    place = models.CharField(max_length=64)
    tries = models.PositiveIntegerField(default=0)
    # Set by the try that reached the place's limit. While it lasts, nothing is counted or written.
    locked = models.BooleanField(default=False)
    # By the database's clock. From then on the row means nothing, and may be deleted.
    ends_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["name", "place"], name="cxadmin_one_count_a_place")]

    def __str__(self) -> str:
        return f"{self.tries} failed{', locked' if self.locked else ''}"


class NameKey(models.Model):
    """What a name has in common with all that read the same (cxadmin.accounts.unique_names): no two accounts have
    one."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="name_keys")
    key = models.CharField(max_length=64, unique=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"key of {self.user}"
