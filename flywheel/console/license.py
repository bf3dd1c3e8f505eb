"""Licensors: ape run license terms; licensees: quote | buy | status | renew | present | ...

Third parties: ape run license verify; anyone: enforce | terminate | release-bond.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flywheel.console import audit_commands, license_commands
from flywheel.console import cli as shared

if TYPE_CHECKING:
    from flywheel.deploy.suite import Suite
    from flywheel.licensing.offer_terms import LicenceTerms

LICENCE = license_commands.LICENCE
TERMS = click.argument("source", metavar="TERMS")
NEW_FILE = shared.NEW_FILE


class Terms(click.Group):
    """Shows, unless another command is named: `license terms` is `license terms show`."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = ["show", *args]
        return super().parse_args(context, args)


@click.group()
def cli() -> None:
    """Licensees: see what is offered, buy, see where a licence stands, prove it."""


@cli.group(cls=Terms)
def terms() -> None:
    """Show terms and presets; offer and retire terms of a model."""


# --- terms ---


@shared.reading(terms)
@click.argument("source", metavar="[TERMS]", required=False)
@click.option("--model", "model_id", type=int, help="Of one model only.")
@click.option("--all", "every", is_flag=True, help="Those that are not offered any more, too.")
def show(output: shared.Output, source: str | None, model_id: int | None, every: bool) -> None:
    """List the terms on offer; or one in full: its number, a preset, or a file."""
    from flywheel.deploy.suite import Suite
    from flywheel.licensing import views

    suite = Suite.connected()
    if source is None:
        output.show([views.list_terms(suite, model_id, every)])
    else:
        output.show([views.show_terms(suite, source)])


@shared.reading(terms)
def presets(output: shared.Output) -> None:
    """List the presets that 'offer' takes by their name."""
    from flywheel.deploy.suite import Suite
    from flywheel.licensing import views

    output.show([views.list_presets(Suite.connected())])


OVERRIDES = {
    "fee": "Paid at once, for each term.",
    "bond": "Held as security, given back at the end.",
    "share": "Of revenue, such as '5 %'.",
    "price_per_unit": "Of a metered unit.",
    "minimum": "Per period.",
    "cap": "Most that all periods owe; 0 is no cap.",
    "late_rate": "Interest a year, such as '12 %'.",
    "period": "Such as '90 days'.",
    "grace": "To report and pay after a period.",
    "cure": "Until anybody may terminate.",
    "term": "'perpetual' or a duration of whole periods.",
    "field_of_use": "At most 64 characters.",
    "legal_uri": "Where the licence text is.",
    "legal_text": "The file of the licence text, whose hash is offered.",
}


def _overrides(function: Callable[..., None]) -> Callable[..., None]:
    for name, text in reversed(OVERRIDES.items()):
        function = click.option(f"--{name.replace('_', '-')}", name, help=text)(function)
    return function


@shared.command(terms)
@click.argument("source", metavar="FILE_OR_PRESET")
@click.option("--model", "model_id", type=int, required=True, help="Whose licences these are.")
@click.option("--out", type=NEW_FILE, help="Actions file for a model of the DAO.")
@_overrides
def offer(
    session: shared.Session, source: str, model_id: int, out: Path | None, **overrides: Any
) -> None:
    """Offer licences of a model under the terms of a YAML file or a preset.

    Whoever owns the model's token offers directly. For a model of the DAO the offer is written as
    an action for 'ape run vote propose'.
    """
    from flywheel.deploy.suite import Suite
    from flywheel.licensing import licenses, offer_terms, views

    suite = Suite.connected()
    path = offer_terms.path_of(source)
    unit = views.unit_of_file(suite, path)
    wanted = offer_terms.load(path, unit, model_id, overrides)
    offer_terms.require_legal_text(wanted)
    owner = licenses.owner_of_model(suite, model_id)
    if owner == suite.timelock.address:
        licenses.require_offer_succeeds(suite, wanted, owner)
        _offer_by_vote(session, suite, wanted, out or Path(f"offer-model-{model_id}.yaml"))
        return
    account = session.account
    _require_owner(model_id, owner, str(account.address))
    licenses.require_offer_succeeds(suite, wanted, owner)
    fields: dict[str, Any] = {"Model": model_id, **offer_terms.in_words(wanted, unit)}
    if session.dry_run:
        session.output.record("Terms to offer", fields)
    said = licenses.offer(suite, wanted).words
    if session.confirm(said[:1].upper() + said[1:]):
        terms_id = licenses.offer_directly(suite, account, wanted)
        session.output.record("Terms offered", {"Terms": terms_id, **fields})


@shared.command(terms)
@click.argument("terms_id", metavar="TERMS", type=int)
def retire(session: shared.Session, terms_id: int) -> None:
    """Sell no more licences under TERMS; those that were sold stay as they are."""
    from flywheel.deploy.suite import Suite
    from flywheel.licensing import licenses

    suite = Suite.connected()
    model_id = licenses.terms_of(suite, terms_id).model_id
    owner = licenses.owner_of_model(suite, model_id)
    if owner == suite.timelock.address:
        line = f"ape run vote propose-call LicenseCatalog.retire_terms terms_id={terms_id}"
        session.output.record("The model belongs to the DAO", {"Terms": terms_id, "Next": line})
        return
    account = session.account
    _require_owner(model_id, owner, str(account.address))
    if session.confirm(f"Sell no more licences under terms {terms_id}"):
        licenses.retire(suite, account, terms_id)
        session.output.record("Terms retired", {"Terms": terms_id})


def _require_owner(model_id: int, owner: str, account: str) -> None:
    from flywheel.errors import fix

    if owner != account:
        raise fix(
            f"Model {model_id} belongs to {owner}", "Only its account offers and retires terms"
        )


def _offer_by_vote(
    session: shared.Session, suite: "Suite", wanted: "LicenceTerms", out: Path
) -> None:
    from flywheel.governance import named
    from flywheel.licensing import licenses

    name = suite.registry.model_name(wanted.model_id)
    title = f"Licences of model {wanted.model_id}, {name}"
    words = licenses.offer(suite, wanted).words
    if not session.dry_run:
        named.write(out, title, [licenses.as_named_action(suite, wanted)])
    session.output.record(
        "The model belongs to the DAO",
        {
            "Would": words,
            "Written to": "not in a dry run" if session.dry_run else str(out),
            "Next": f"ape run vote propose {out}",
        },
    )


# --- buying ---


@shared.reading(cli)
@TERMS
@click.option("--revenue", help="Of one period.")
@click.option("--units", type=click.IntRange(0), default=0, help="Metered units of one period.")
@click.option("--for", "buyer", type=shared.ACCOUNT, help="Who would buy.")
def quote(
    output: shared.Output, source: str, revenue: str | None, units: int, buyer: str | None
) -> None:
    """What a licence under TERMS costs: at once, and for a period of that revenue.

    An account that lost a licence of the model by a breach pays more: name it with --for.
    """
    from flywheel.deploy.suite import Suite
    from flywheel.licensing import views

    output.show([views.quote(Suite.connected(), source, revenue, units, buyer)])


@shared.command(cli)
@click.argument("terms_id", metavar="TERMS", type=int)
@click.option("--max-cost", help="Refuse more, fee and bond together. Default: as read now.")
@click.option("--no-present", is_flag=True, help="Do not present it for its model yet.")
def buy(
    session: shared.Session,
    terms_id: int,
    max_cost: str | None,
    no_present: bool,
) -> None:
    """Buy a licence under TERMS, and present it, so that others can verify it.

    The hash of the terms that are shown is sent: no other terms can be sold to you. Nobody can buy
    a licence, with its duties, for another account.
    """
    from flywheel.deploy.suite import Suite
    from flywheel.licensing import licenses, offer_terms, rights, views
    from flywheel.shown import yes

    suite = Suite.connected()
    account = session.account
    _, found, unit = views.terms_from(suite, str(terms_id))
    fee = licenses.fee_for(suite, terms_id, str(account.address))
    why = licenses.why_dearer(suite, found, fee)
    cost = unit.show(fee + found.bond)
    limit = unit.units(max_cost) if max_cost is not None else None
    royalty = offer_terms.royalty_words(found, unit)
    if not session.confirm(
        f"Buy a licence of model {found.model_id} under terms {terms_id} for {cost}, "
        f"royalty: {royalty}{f'. The fee is {unit.show(fee)}, {why}' if why else ''}"
    ):
        return
    license_id = licenses.buy(suite, account, terms_id, limit)
    presented = False
    if session.batch is not None:
        session.output.say(
            "The licence will not be presented: nobody can verify it until its holder calls "
            f"present() of LicenseRights {suite.rights.address} with the licence's number, or runs "
            "'ape run license present' with it"
        )
    elif not no_present:
        rights.present(suite, account, license_id)
        presented = True
    session.output.record(
        "Licence bought",
        {
            "Licence": license_id,
            "Licensee": str(account.address),
            "Paid": cost,
            "Of that bond": unit.show(found.bond),
            **({"Why this fee": why} if why else {}),
            "Presented": yes(presented),
            **({} if presented else {"Then": f"ape run license present {license_id}"}),
        },
    )


@shared.command(cli)
@LICENCE
@click.option("--max-cost", help="Refuse more, fee and bond together. Default: as read now.")
def renew(session: shared.Session, license_id: int, max_cost: str | None) -> None:
    """Add a term to LICENCE: pays its fee again and fills the bond up."""
    from flywheel.deploy.suite import Suite
    from flywheel.licensing import licenses, views

    suite = Suite.connected()
    licence = licenses.get(suite, license_id)
    unit = views.unit_of_licence(suite, licence)
    fee, refill = licenses.renewal_cost(suite, licence)
    limit = unit.units(max_cost) if max_cost is not None else fee + refill
    account = session.account
    if session.confirm(f"Renew licence {license_id} for {unit.show(fee + refill)}"):
        ends_at = licenses.renew(suite, account, licence, limit)
        session.output.record(
            "Licence renewed",
            {
                "Licence": license_id,
                "Fee": unit.show(fee),
                "Into the bond": unit.show(refill),
                "Ends": views.day(ends_at),
            },
        )


# --- looking ---


@shared.reading(cli)
@click.argument("license_id", metavar="[LICENCE]", type=int, required=False)
@click.option("--for", "holder", type=shared.ACCOUNT, help="Whose licences are listed.")
def status(output: shared.Output, license_id: int | None, holder: str | None) -> None:
    """Show what LICENCE has reported, paid and owes, and what is due next; or list those of one."""
    from flywheel.deploy.suite import Suite
    from flywheel.errors import fix
    from flywheel.licensing import views

    if (license_id is None) == (holder is None):
        raise fix("Either a licence or an account is needed", "Give its number, or --for ACCOUNT")
    suite = Suite.connected()
    if license_id is not None:
        output.show([views.show_licence(suite, license_id)])
    else:
        output.show([views.list_licences(suite, str(holder))])


@shared.reading(cli)
@click.argument("model_id", metavar="MODEL", type=int)
@click.argument("account", type=shared.ACCOUNT)
@click.option("--kind", default="use", show_default=True, help="Or a kind of derived model.")
@click.option("--at", "moment", help="Such as '2030-01-31 12:00' (UTC); now if absent.")
@click.pass_context
def verify(
    context: click.Context,
    output: shared.Output,
    model_id: int,
    account: str,
    kind: str,
    moment: str | None,
) -> None:
    """Ask whether ACCOUNT may use MODEL, or derive another from it. Exit status 1: it may not."""
    from flywheel.chain import connection
    from flywheel.deploy.suite import Suite
    from flywheel.licensing import rights, views
    from flywheel.shown import NONE, yes
    from flywheel.wording.lexicon import show_time

    suite = Suite.connected()
    at = views.past_time(moment) if moment else connection.now()
    found = rights.verify(suite, model_id, account, kind, at)
    output.record(
        f"Model {model_id}",
        {
            "Account": account,
            "Kind": kind,
            "At": show_time(at),
            "Licensed": yes(found.licensed),
            "Licence": found.license_id or NONE,
            "Why not": found.reason,
        },
    )
    if not found.licensed:
        context.exit(1)


# --- rights ---


@shared.command(cli)
@LICENCE
def present(session: shared.Session, license_id: int) -> None:
    """Make LICENCE, or a sublicence, the one that 'verify' reads for you and its model."""
    from flywheel.deploy.suite import Suite
    from flywheel.licensing import rights

    suite = Suite.connected()
    account = session.account
    if session.confirm(f"Present licence {license_id} for its model"):
        model_id = rights.present(suite, account, license_id)
        session.output.record(
            "Licence presented",
            {"Licence": license_id, "Model": model_id, "By": str(account.address)},
        )


@shared.command(cli)
@LICENCE
@click.argument("to", metavar="ACCOUNT", type=shared.ACCOUNT)
def sublicense(session: shared.Session, license_id: int, to: str) -> None:
    """Let ACCOUNT use the model under your LICENCE."""
    from flywheel.deploy.suite import Suite
    from flywheel.licensing import rights

    suite = Suite.connected()
    account = session.account
    if session.confirm(f"Grant {to} a sublicence under licence {license_id}"):
        number = rights.sublicense(suite, account, license_id, to)
        session.output.record(
            "Sublicence granted",
            {
                "Sublicence": number,
                "Licensee": to,
                "Next": f"by its holder: ape run license present {number}",
            },
        )


@shared.command(cli)
@click.argument("sublicense_id", metavar="SUBLICENCE", type=int)
def end_sublicense(session: shared.Session, sublicense_id: int) -> None:
    """End SUBLICENCE now: its holder may, and who holds the licence above it."""
    from flywheel.deploy.suite import Suite
    from flywheel.licensing import rights

    suite = Suite.connected()
    account = session.account
    if session.confirm(f"End sublicence {sublicense_id}"):
        rights.end_sublicense(suite, account, sublicense_id)
        session.output.record("Sublicence ended", {"Sublicence": sublicense_id})


@shared.command(cli)
@LICENCE
@click.argument("to", metavar="ACCOUNT", type=shared.ACCOUNT)
def transfer(session: shared.Session, license_id: int, to: str) -> None:
    """Hand LICENCE on to ACCOUNT, its bond and its obligations with it."""
    from flywheel.deploy.suite import Suite
    from flywheel.licensing import licenses

    suite = Suite.connected()
    account = session.account
    if session.confirm(f"Hand licence {license_id} on to {to}"):
        licenses.transfer(suite, account, license_id, to)
        session.output.record("Handed on", {"Licence": license_id, "Licensee": to})


license_commands.attach(cli)
audit_commands.attach(cli)
