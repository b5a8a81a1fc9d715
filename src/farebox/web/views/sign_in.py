"""Signing in, proving again who one is, passwords, and the second factor: allauth's steps on our pages."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from allauth.account import views as account
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.password_change import update_session_auth_hash
from allauth.core import ratelimit
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from farebox.domain.errors import Conflict, Rejected
from farebox.services import accounts, second_factor, single_sign_on
from farebox.wallclock import now
from farebox.web.accounts import account_key
from farebox.web.forms import (
    AddressForm,
    AgainForm,
    CodeAgainForm,
    CodeForm,
    FirstCodeForm,
    NewPasswordForm,
    PasswordForm,
    SignInForm,
)
from farebox.web.fresh import freshly_signed_in, proven_by_code
from farebox.web.sitting import came_by_single_sign_on
from farebox.web.team import for_person


class SignIn(account.LoginView):  # type: ignore[misc]  # allauth has no types
    """
    The sign-in page: where there is single sign-on for any domain it begins with the address.

    What follows depends on the domain alone: a password, the button of the provider, or both (no oracle). Where single
    sign-on is enforced a password is asked for only of who says that they are an operator.
    """

    form_class = SignInForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Sign in, or take the address and go on to what it asks for."""
        if "password" in request.POST:
            return super().post(request, *args, **kwargs)  # type: ignore[no-any-return]
        begun = AddressForm(request.POST)
        form = self.get_form_class()(initial={"login": request.POST.get("login", "")[:254]}, request=request)
        status = HTTPStatus.OK if begun.is_valid() else HTTPStatus.BAD_REQUEST
        shown = self.get_context_data(form=form, begun=begun, is_begun=begun.is_valid())
        return self.render_to_response(shown, status=status)  # type: ignore[no-any-return]

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show the form again, with what is wrong."""
        return self.render_to_response(self.get_context_data(form=form))  # type: ignore[no-any-return]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return what the page shows: the provider of the address, and whether a password counts at all."""
        shown: dict[str, Any] = super().get_context_data(**kwargs)
        address = str(shown["form"]["login"].value() or "")
        is_begun = kwargs.get("is_begun", bool(address) and shown["form"].is_bound)
        provider = single_sign_on.serving(address) if is_begun else None
        return shown | {
            "asks_address": not is_begun and single_sign_on.offered_anywhere(),
            "begun": kwargs.get("begun", AddressForm()),
            "address": address,
            "is_begun": is_begun,
            "provider": provider,
            "takes_password": provider is None or not provider.enforced or "operator" in self.request.POST,
        }


@method_decorator(login_required, name="dispatch")
class Again(account.ReauthenticateView):  # type: ignore[misc]  # allauth has no types
    """Proving again who one is: by password, by code, or at the identity provider."""

    form_class = AgainForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Offer what there is; with single sign-on enforced that is the provider alone."""
        if get_adapter().get_reauthentication_methods(request.user):
            return super().dispatch(request, *args, **kwargs)  # type: ignore[no-any-return]
        shown = self._provider(request) | super(account.BaseReauthenticateView, self).get_context_data(form=None)
        return render(request, "account/reauthenticate.html", shown)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return what the page shows."""
        shown: dict[str, Any] = super().get_context_data(**kwargs)
        return shown | self._provider(self.request)

    def _provider(self, request: HttpRequest) -> dict[str, Any]:
        address = str(request.user.get_username())
        is_usable = single_sign_on.enforced(address) or came_by_single_sign_on(request)
        return {"provider": single_sign_on.serving(address) if is_usable else None}


class AgainByCode(mfa.ReauthenticateView):  # type: ignore[misc]  # allauth has no types
    """Proving again who one is, by a code."""

    form_class = CodeAgainForm


@require_http_methods(["GET", "HEAD", "POST"])
def ask_reset(request: HttpRequest) -> HttpResponse:
    """Send a mail to the address on record, if there is one: the answer is the same for every address."""
    form = AddressForm(request.POST or None)
    if request.method != "POST":
        return render(request, "account/password_reset.html", {"form": form})
    if not form.is_valid():
        return render(request, "account/password_reset.html", {"form": form}, status=HTTPStatus.BAD_REQUEST)
    address = account_key(form.cleaned_data["login"])
    provider = single_sign_on.serving(address)
    if provider is not None and provider.enforced:
        return render(request, "account/password_reset.html", {"form": form, "provider": provider, "address": address})
    limited = ratelimit.consume_or_429(request, action="reset_password", key=address)
    if limited is not None:
        return limited  # type: ignore[no-any-return]
    accounts.ask_reset(address, now=now())
    return render(request, "account/password_reset.html", {"is_sent": True, "address": address})


class NewPassword(account.PasswordResetFromKeyView):  # type: ignore[misc]  # allauth has no types
    """A new password, over a link that was mailed; whose address takes none, for them the link is no longer good."""

    form_class = NewPasswordForm

    def form_valid(self, form: Any) -> HttpResponse:
        """Set the password, and lead to the sign-in page: whoever has a second factor is asked for it there."""
        form.save()
        if getattr(form, "is_late", False):
            shown = self.get_context_data(token_fail=True)
            return self.render_to_response(shown, status=HTTPStatus.CONFLICT)  # type: ignore[no-any-return]
        ratelimit.clear(self.request, action="login_failed", key=account_key(self.reset_user.email))
        logout(self.request)
        messages.success(self.request, _("Your new password is set. Sign in with it."))
        return redirect("account_login")


@for_person
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; whoever is signed in elsewhere no longer is."""
    user: Any = request.user
    if single_sign_on.enforced(user.email):
        raise PermissionDenied
    if not user.has_usable_password():
        return render(request, "account/password_change.html", {"has_none": True})
    form = PasswordForm(user=user, data=request.POST or None)
    if request.method != "POST":
        return render(request, "account/password_change.html", {"form": form})
    limited = ratelimit.consume_or_429(request, action="change_password")
    if limited is not None:
        return limited  # type: ignore[no-any-return]
    if form.is_valid():
        try:
            return _change_password(request, form.cleaned_data["password1"])
        except Conflict:
            form.add_error(None, _("The password was changed a moment ago, in another window."))
        except Rejected as error:
            form.add_error("password1", [problem.message for problem in error.problems])
    return render(request, "account/password_change.html", {"form": form}, status=HTTPStatus.BAD_REQUEST)


def _change_password(request: HttpRequest, password: str) -> HttpResponse:
    user: Any = request.user
    accounts.change_password(user, password, keep=request.session.session_key or "", now=now())
    update_session_auth_hash(request, user)
    messages.success(request, _("Your password is changed. Wherever else you were signed in, you no longer are."))
    return redirect("settings")


class SetUpCode(totp.ActivateTOTPView):  # type: ignore[misc]  # allauth has no types
    """Setting up an authenticator app."""

    form_class = FirstCodeForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return what the page shows: the secret as a picture and as text."""
        shown: dict[str, Any] = super().get_context_data(**kwargs)
        secret = shown["form"].secret
        return shown | {"secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))}

    def form_valid(self, form: Any) -> HttpResponse:
        """Take the secret for this account; the code that proves it is one's proof, and is used then."""
        user = _user(self.request)
        with second_factor.noted(user, "second_factor.set", now=now()):
            answer: HttpResponse = super().form_valid(form)
            second_factor.use(user, form.cleaned_data["code"])
        record_authentication(self.request, user, "mfa", type="totp", reauthenticated=True)
        return answer


class RemoveCode(totp.DeactivateTOTPView):  # type: ignore[misc]  # allauth has no types
    """Doing without the authenticator app."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Forget the secret and the recovery codes."""
        with second_factor.noted(_user(self.request), "second_factor.removed", now=now()):
            return super().form_valid(form)  # type: ignore[no-any-return]


class MoreCodes(codes.GenerateRecoveryCodesView):  # type: ignore[misc]  # allauth has no types
    """New recovery codes in the place of the old."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Make them."""
        with second_factor.noted(_user(self.request), "second_factor.codes", now=now()):
            return super().form_valid(form)  # type: ignore[no-any-return]


def _user(request: HttpRequest) -> Any:
    return request.user


sign_in = SignIn.as_view()
again = for_person(Again.as_view())
again_by_code = for_person(AgainByCode.as_view())
new_password = NewPassword.as_view()
set_up_code = for_person(freshly_signed_in(SetUpCode.as_view()))
remove_code = for_person(proven_by_code(RemoveCode.as_view()))
more_codes = for_person(proven_by_code(MoreCodes.as_view()))
shown_codes = for_person(proven_by_code(codes.ViewRecoveryCodesView.as_view()))
code = mfa.AuthenticateView.as_view(form_class=CodeForm)
second_factor_page = for_person(mfa.IndexView.as_view())
