"""Mail that is to be sent, and what became of it."""

from __future__ import annotations

from django.db import models

from farebox.domain.mails import MailKind, MailState
from farebox.records.models.fields import instant_us, one_of, word
from farebox.records.models.teams import Person, Team
from farebox.records.models.users import User


class Mail(models.Model):
    """
    One mail to one person, and the job of sending it: the row is the queue.

    `person` or `user` is whom it goes to; the address is looked up when it is sent. `facts` are numbers and codes:
    words and links are made then, in the language of the account, else in `language`. It is due at `due_us`, which
    whoever sends it puts off first, so that no two send it at once. `reference` makes the same Message-ID at each try,
    by which servers know a mail that they have already. `trouble` and `code` tell why the latest try failed.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    kind = word(MailKind)
    facts = models.JSONField()
    language = models.CharField(max_length=5)
    state = word(MailState, default=MailState.WAITING.value)
    tries = models.IntegerField(default=0)
    queued_us = instant_us()
    due_us = instant_us()
    done_us = instant_us(null=True)
    reference = models.CharField(max_length=32)
    trouble = models.CharField(max_length=12, blank=True)
    code = models.IntegerField(default=0)

    class Meta:
        constraints = [
            one_of("kind", MailKind, name="mail_kind"),
            one_of("state", MailState, name="mail_state"),
            models.CheckConstraint(
                condition=models.Q(person__isnull=False) | models.Q(user__isnull=False), name="mail_to_somebody"
            ),
        ]
        indexes = [
            models.Index(fields=["due_us", "id"], condition=models.Q(state="WAITING"), name="mail_due"),
            models.Index(fields=["done_us"], name="mail_done"),
        ]

    def __str__(self) -> str:
        return f"mail {self.pk}"
