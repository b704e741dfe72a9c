"""What sign-in stores besides Django's own accounts and sessions."""

from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class Person(models.Model):
    """What is kept about a person beside Django's account."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="person")
    # When they last did something, to the minute. Their sessions say it, too, but are deleted when they end.
    seen_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        permissions = [("manage_people", "Can add, change and disable people")]
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return str(self.user)


class Session(AbstractBaseSession):
    """A session, with whose it is beside its signed data, so that a person's sessions can be listed and ended.

    The columns repeat what the data has (cxadmin.accounts.session_store); they are null while nobody is signed in.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions")
    began_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    # In words from a closed list, such as "Firefox on Windows". What the browser itself sent isn't stored.
    browser = models.CharField(max_length=40, blank=True)

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        default_permissions = ()

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from cxadmin.accounts.session_store import SessionStore

        return SessionStore


class PasswordLink(models.Model):
    """A link by which one person sets a new password, once (cxadmin.accounts.password_links). It is deleted by then.

    Nobody can learn the link from it: `token_hash` is a digest of 192 random bits.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="password_link")
    token_hash = models.CharField(max_length=64, unique=True)
    # The admin's name.
    made_by = models.CharField(max_length=150)
    # Both by the database's clock.
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"password link of {self.user}"


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


class KnownAddress(models.Model):
    """An address from which an account has signed in (cxadmin.accounts.known_addresses)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="known_addresses")
    # Keyed, of name and address together.
    digest = models.CharField(max_length=64, unique=True)
    # By the database's clock: when it last signed in from there.
    seen_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"address of {self.user}"


class NameKey(models.Model):
    """A key that all names that read the same share (cxadmin.accounts.unique_names): no two accounts have it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="name_keys")
    key = models.CharField(max_length=64, unique=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"key of {self.user}"
