"""Going to one's identity provider and coming back, and the page on which a team sets that up."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from allauth.account.utils import get_next_redirect_url
from allauth.core import ratelimit
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from farebox.domain.errors import Conflict, NotFound, QuotaExceeded, Rejected
from farebox.domain.rights import Action
from farebox.services import single_sign_on
from farebox.services.single_sign_on import Connection, Draft, ProviderError
from farebox.services.single_sign_on.domains import Found
from farebox.wallclock import now
from farebox.web.accounts import account_key
from farebox.web.forms import DomainForm, ProviderForm
from farebox.web.single_sign_on import begin, callback_address, come_back, failure
from farebox.web.team import Acting, for_person, for_team

_changes = require_http_methods(["GET", "HEAD", "POST"])


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Go to the provider of an address; which one that is depends on its domain alone."""
    if request.method != "POST":
        return redirect("account_login")
    limited = ratelimit.consume_or_429(request, action="login")
    if limited is not None:
        return limited  # type: ignore[no-any-return]
    serving = single_sign_on.serving(account_key(request.POST.get("login", "")[:254]))
    if serving is None:
        return redirect("account_login")
    return _go(request, serving.team_id, serving.name, next_url=get_next_redirect_url(request) or "")


@for_person
@_changes
def again(request: HttpRequest) -> HttpResponse:
    """Have one's provider ask again who one is; only the same account comes back as itself."""
    user: Any = request.user
    serving = single_sign_on.serving(user.email)
    if request.method != "POST" or serving is None:
        return redirect("account_reauthenticate")
    next_url = get_next_redirect_url(request) or reverse("home")
    return _go(request, serving.team_id, serving.name, next_url=next_url, expected=user.pk)


def _go(request: HttpRequest, team_id: int, name: str, *, next_url: str, expected: int | None = None) -> HttpResponse:
    """Lead to a provider by a page of ours: what answers a form may not lead to another site (our content policy)."""
    address = begin(request, team_id, next_url=next_url, expected=expected)
    if address is None:
        return failure(request, name, {"expected": expected})
    return render(request, "sso_going.html", {"address": address, "name": name})


@require_safe
def callback(request: HttpRequest, team_id: int) -> HttpResponse:
    """Come back from a provider."""
    return come_back(request, team_id)


@for_team(Action.SINGLE_SIGN_ON, fresh_to_look=True)
@_changes
def page(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Show how single sign-on is set up in a team, and connect it to its provider."""
    if request.method != "POST":
        return _page(request, acting)
    form = ProviderForm(request.POST)
    if not form.is_valid():
        return _page(request, acting, form=form, status=HTTPStatus.BAD_REQUEST)
    asked = form.cleaned_data
    draft = Draft(asked["name"], asked["issuer"].strip(), asked["client_id"], asked["secret"], asked["joins"])
    try:
        to_prove = single_sign_on.connect(_user(request), acting.team_id, draft, now=now())
    except Rejected as error:
        for problem in error.problems:
            form.add_error(problem.pointer.strip("/"), _why(problem.code, problem.pointer))
    except ProviderError:
        form.add_error("issuer", _("The provider did not answer there as OpenID Connect wants it."))
    except Conflict:
        form.add_error(None, _("Single sign-on is enforced. Relax that before you change the provider."))
    else:
        messages.success(request, _("The provider is connected."))
        if to_prove:
            text = _("The texts of your domains are new. Put them into the DNS: only then does this provider count.")
            messages.warning(request, text)
        return _back(acting)
    return _page(request, acting, form=form, status=HTTPStatus.BAD_REQUEST)


def _why(code: str, pointer: str) -> str:
    if code == "missing":
        return _("Enter the secret that the provider gave you.")
    if pointer == "/issuer":
        return _("Enter an address that begins with https:// and has no query.")
    return _("This cannot be used.")


@for_team(Action.SINGLE_SIGN_ON)
@_changes
def domain(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Take up a domain, look for its proof, or give it back."""
    if request.method != "POST":
        return _back(acting)
    done = request.POST.get("do", "")
    try:
        if done == "claim":
            return _claim(request, acting)
        number = _number(request.POST.get("domain_id", ""))
        if done == "prove":
            found = single_sign_on.prove(_user(request), acting.team_id, number, keep=_current(request), now=now())
            messages.add_message(request, *_told(found))
        elif done == "drop":
            single_sign_on.drop(_user(request), acting.team_id, number, now=now())
            messages.success(request, _("The domain was given back."))
    except NotFound as error:
        raise Http404 from error
    except Conflict:
        text = _("Another team has proven this domain.") if done == "prove" else _("Relax single sign-on first.")
        messages.error(request, text)
    return _back(acting)


def _claim(request: HttpRequest, acting: Acting) -> HttpResponse:
    form = DomainForm(request.POST)
    try:
        if form.is_valid():
            single_sign_on.claim(_user(request), acting.team_id, form.cleaned_data["domain"], now=now())
            return _back(acting)
    except Rejected:
        form.add_error("domain", _("Enter a domain of your organisation, such as example.com."))
    except QuotaExceeded:
        form.add_error("domain", _("A team has at most 50 domains."))
    return _page(request, acting, domain_form=form, status=HTTPStatus.BAD_REQUEST)


def _told(found: Found) -> tuple[int, str]:
    match found:
        case Found.THERE:
            return messages.SUCCESS, _("The domain is proven.")
        case Found.MISSING:
            return messages.WARNING, _(
                "The text is not in the DNS yet. It can take a while until it is seen everywhere."
            )
        case Found.UNKNOWN:
            return messages.WARNING, _("No name server answered. Try again in some minutes.")


@for_team(Action.SINGLE_SIGN_ON, fresh_to_look=True)
@_changes
def rule(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Ask once more, then enforce single sign-on, relax it, or take the provider away."""
    wanted = (request.POST if request.method == "POST" else request.GET).get("do", "")
    connection = single_sign_on.connection_of(_user(request), acting.team_id)
    if connection is None or wanted not in ("enforce", "relax", "remove"):
        return _back(acting)
    if request.method != "POST":
        return render(request, "sso_sure.html", _shown(request, acting, connection) | {"wanted": wanted})
    try:
        _apply(request, acting, wanted)
    except (Conflict, NotFound):
        messages.error(request, _("That cannot be done as things are now."))
    return _back(acting)


def _apply(request: HttpRequest, acting: Acting, wanted: str) -> None:
    user, team = _user(request), acting.team_id
    if wanted == "enforce":
        ended = single_sign_on.enforce(user, team, keep=_current(request), now=now())
        text = ngettext(
            "Single sign-on is enforced. %d session was ended.",
            "Single sign-on is enforced. %d sessions were ended.",
            ended,
        )
        messages.success(request, text % ended)
    elif wanted == "relax":
        single_sign_on.relax(team, user, now=now())
        messages.success(request, _("Passwords count again beside single sign-on."))
    else:
        single_sign_on.disconnect(user, team, now=now())
        messages.success(request, _("The provider was taken away."))


def _page(
    request: HttpRequest,
    acting: Acting,
    *,
    form: ProviderForm | None = None,
    domain_form: DomainForm | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    connection = single_sign_on.connection_of(_user(request), acting.team_id)
    shown = _shown(request, acting, connection)
    initial = {} if connection is None else {name: getattr(connection, name) for name in _FIELDS}
    domains: Any = shown["domains"]
    proven = [one for one in domains if one.proven_us is not None]
    shown |= {
        "form": form or ProviderForm(initial=initial),
        "domain_form": domain_form or DomainForm(),
        "proven": proven,
        "may_enforce": connection is not None and connection.tested_us is not None and bool(proven),
        "own_is_proven": any(_user(request).email.endswith(f"@{one.domain}") for one in proven),
    }
    return render(request, "sso.html", shown, status=status)


_FIELDS = ("name", "issuer", "client_id", "joins")


def _shown(request: HttpRequest, acting: Acting, connection: Connection | None) -> dict[str, object]:
    return {
        "acting": acting,
        "connection": connection,
        "callback": callback_address(acting.team_id),
        "domains": single_sign_on.domains_of(_user(request), acting.team_id),
    }


def _back(acting: Acting) -> HttpResponse:
    return redirect(reverse("sso") + acting.query)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else 0


def _user(request: HttpRequest) -> Any:
    return request.user


def _current(request: HttpRequest) -> str:
    return request.session.session_key or ""
