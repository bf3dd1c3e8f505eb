"""Plays a scenario of models that were made from each other, and checks every ancestor's income.

Stages: deploy -> raise -> the DAO's models by vote -> register -> license -> report -> settle ->
withdraw. Beside the contracts runs `flywheel.lineage.Books`, which is told the same events and
nothing that a contract said; both must agree to the unit.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eth_utils import keccak

from flywheel import amounts, chain, licensing_math
from flywheel.actions import assets, governance, licensing, models, royalties
from flywheel.actions.governance import ProposalState
from flywheel.actions.grants import ReceiverKind, Share
from flywheel.balance_sheet import Check
from flywheel.errors import fix
from flywheel.lineage import TREASURY, Books, Earnings, Link
from flywheel.lineage import Share as BookShare
from flywheel.lineage_scenario import Lineages, OpenModel
from flywheel.scenario import Licensee
from flywheel.story import raising
from flywheel.story.play import Play
from flywheel.suite import CONTRACTS

if TYPE_CHECKING:
    from ape.api import AccountAPI

# Settled so often that no rounding is averaged away, and seldom enough to be quick.
MONTHS_PER_SETTLEMENT = 4


@dataclass
class Tale:
    """One play: the contracts' side as it happens, and the reference beside it."""

    play: Play
    lineages: Lineages
    books: Books = field(default_factory=Books)
    ids: dict[str, int] = field(default_factory=dict)
    derivative_terms: dict[str, int] = field(default_factory=dict)
    earned: dict[int, Earnings] = field(default_factory=dict)
    licences: int = 0
    payments: int = 0
    paid: int = 0
    settlements: int = 0
    withdrawn: dict[str, int] = field(default_factory=dict)
    income: int = 0


def play_lineages(play: Play, lineages: Lineages) -> dict[str, Any]:
    """Plays all stages; returns the summary that `summary.json` holds."""
    tale = Tale(play, lineages)
    raising.deploy(play)
    if not raising.raise_money(play):
        raise fix("The round fails, and nobody could vote", "Raise the contributions")
    _vote_models(tale)
    _register(tale)
    terms = _offer_use(tale)
    _earn(tale, terms)
    _withdraw(tale)
    return _account(tale)


# --- models ---


def _digest(item: OpenModel) -> bytes:
    """Stands for the SHA-256 of weights that nobody downloads for a play."""
    return bytes(keccak(text=f"{item.name}/weights"))


def _vote_models(tale: Tale) -> None:
    """The DAO's own models, their floors and licences to derive, and the protocol fee: one vote."""
    suite, lineages, books = tale.play.suite, tale.lineages, tale.books
    tale.play.output.heading("Vote: the DAO's models, their floors and licences")
    fee = lineages.protocol_fee_bps
    actions = [
        governance.action(
            suite.registry,
            "set_protocol_fee",
            fee,
            words=f"set the protocol fee to {amounts.show_bps(fee)}",
        )
    ]
    offered = []
    for item in lineages.models:
        if not item.is_dao:
            break
        actions.append(models.registration(suite, item.kind, item.name, _digest(item), item.source))
        number = books.add([], [BookShare(TREASURY, amounts.BPS)])
        tale.ids[item.name] = number
        if item.floor_bps:
            books.floors[number] = item.floor_bps
            words = f"give model {number} a floor of {amounts.show_bps(item.floor_bps)}"
            actions.append(
                governance.action(suite.registry, "set_floor", number, item.floor_bps, words=words)
            )
        if lineages.derivatives(item.name):
            actions.append(licensing.offer(suite, _derivative_terms(tale, item)))
            offered.append(item.name)
    if tale.play.vote("The DAO's models", actions) != ProposalState.EXECUTED:
        raise fix("The holders refuse the DAO's models", "Have more supporters vote for them")
    for number, name in enumerate(offered, start=1):
        tale.derivative_terms[name] = number


def _derivative_terms(tale: Tale, item: OpenModel) -> licensing.LicenceTerms:
    """A licence to derive: a fee at once, and a share of what the derived model is paid."""
    family = tale.lineages.families[item.family]
    return licensing.LicenceTerms(
        model_id=tale.ids[item.name],
        upfront_fee=family.derivative_fee,
        share_bps=0,
        minimum_per_period=0,
        period_seconds=0,
        grace_seconds=0,
        term_seconds=0,
        transferable=False,
        legal_uri=family.legal_uri,
        derivation_bps=tuple(
            (kind.value.bit_length() - 1, bps) for kind, bps in family.shares.items()
        ),
    )


def _offer(tale: Tale, owner: "AccountAPI", terms: licensing.LicenceTerms) -> int:
    """Offers terms for a model of one's own; returns their id."""
    catalog = tale.play.suite.catalog
    struct = terms.struct(str(tale.play.suite.asset.address))
    receipt = chain.send(catalog.offer_terms, struct, sender=owner)
    return int(chain.event_of(receipt, catalog.TermsOffered).terms_id)


def _register(tale: Tale) -> None:
    """Makers commit, wait the minute, buy licences of their parents, and register."""
    play, lineages, suite = tale.play, tale.lineages, tale.play.suite
    play.output.heading("Register: makers commit, buy licences of the parents, register")
    rows = [
        (tale.ids[item.name], item.name, item.kind.word, "", "")
        for item in lineages.models
        if item.is_dao
    ]
    theirs = [item for item in lineages.models if not item.is_dao]
    salts = {
        item.name: models.commit(suite, play.actor(item.maker), _digest(item)) for item in theirs
    }
    models.await_reveal(suite, chain.now())
    for maker in lineages.makers:
        play.give_money(maker, _fees_of(lineages, maker))
    for item in theirs:
        maker = play.actor(item.maker)
        parents = [(tale.ids[name], _license(tale, item, name)) for name in item.parents]
        model_id = models.register(
            suite,
            maker,
            0,
            item.kind,
            item.name,
            _digest(item),
            item.source,
            split=[Share(ReceiverKind.ACCOUNT, amounts.BPS, str(maker.address)).argument],
            parents=parents,
            salt=salts[item.name],
        )
        tale.ids[item.name] = model_id
        _book(tale, item)
        if lineages.derivatives(item.name):
            terms = _derivative_terms(tale, item)
            tale.derivative_terms[item.name] = _offer(tale, maker, terms)
        owed = sum(tale.books.tables[model_id].values())
        rows.append(
            (
                model_id,
                item.name,
                item.kind.word,
                ", ".join(str(tale.ids[name]) for name in item.parents),
                amounts.show_bps(owed) if owed else "",
            )
        )
    play.output.table(
        f"{len(rows)} models, {tale.licences} licences to derive",
        ("Model", "Name", "Kind", "Parents", "Owes"),
        rows,
    )


def _fees_of(lineages: Lineages, maker: str) -> int:
    return sum(
        lineages.families[lineages.model(name).family].derivative_fee
        for item in lineages.models
        if item.maker == maker and not item.is_dao
        for name in item.parents
        if not lineages.is_own(name, item)
    )


def _license(tale: Tale, item: OpenModel, parent: str) -> int:
    """The licence that a child is made under; 0 for a parent of its maker's own."""
    if tale.lineages.is_own(parent, item):
        return 0
    account = tale.play.actor(item.maker)
    terms_id = tale.derivative_terms[parent]
    license_id = licensing.buy(tale.play.suite, account, terms_id, str(account.address))
    fee = tale.lineages.families[tale.lineages.model(parent).family].derivative_fee
    tale.licences += 1
    _pay(tale, parent, fee)
    return license_id


def _book(tale: Tale, item: OpenModel) -> None:
    """The same registration in the reference, from the scenario's own figures."""
    lineages, links = tale.lineages, []
    for name in item.parents:
        if lineages.is_own(name, item):
            number = tale.ids[name]
            owed = sum(tale.books.tables[number].values())
            links.append(Link(number, owed, own=True))
        else:
            shares = lineages.families[lineages.model(name).family].shares
            links.append(Link(tale.ids[name], shares[item.kind]))
    split = [BookShare(item.maker, amounts.BPS)]
    number = tale.books.add(links, split, lineages.protocol_fee_bps)
    if number != tale.ids[item.name]:
        raise fix(f"{item.name} is not model {number}", "Play on a chain without models")


def _pay(tale: Tale, name: str, amount: int) -> None:
    """Notes in the reference what somebody has paid for a model."""
    if amount:
        tale.books.pay(tale.ids[name], amount)
        tale.payments += 1
        tale.paid += amount


# --- money ---


def _offer_use(tale: Tale) -> dict[str, int]:
    """Each licensed model's terms of use, by model."""
    licence, found = tale.lineages.licence, {}
    for name in dict.fromkeys(tale.lineages.licensed.values()):
        terms = licensing.LicenceTerms(
            model_id=tale.ids[name],
            upfront_fee=licence.upfront_fee,
            share_bps=licence.share_bps,
            minimum_per_period=licence.minimum_per_period,
            period_seconds=licence.period_seconds,
            grace_seconds=licence.grace_seconds,
            term_seconds=0,
            transferable=False,
            legal_uri=licence.legal_uri,
        )
        maker = tale.play.actor(tale.lineages.model(name).maker)
        found[name] = _offer(tale, maker, terms)
    return found


def _earn(tale: Tale, terms: dict[str, int]) -> None:
    """Licensees buy, report month by month and pay; all models are settled now and then."""
    play, lineages, suite = tale.play, tale.lineages, tale.play.suite
    play.output.heading("Earn: licensees buy, report twelve months and pay")
    licence = lineages.licence
    licences, rows = {}, []
    for item in lineages.licensees:
        account, model = play.actor(item.name), lineages.licensed[item.name]
        cost = licence.upfront_fee + sum(_dues(lineages, item))
        play.give_money(item.name, cost)
        licences[item.name] = licensing.buy(suite, account, terms[model], str(account.address))
        _pay(tale, model, licence.upfront_fee)
        tale.licences += 1
        assets.ensure_allowance(suite, account, suite.market, cost - licence.upfront_fee)
        revenue = sum(item.revenue)
        rows.append((item.name, model, suite.money(revenue), suite.money(cost)))
    months = max(len(item.revenue) for item in lineages.licensees)
    for month in range(months):
        play.wait(licence.period_seconds)
        for item in lineages.licensees:
            if month < len(item.revenue):
                _report(tale, item, licences[item.name], month)
        if (month + 1) % MONTHS_PER_SETTLEMENT == 0 or month + 1 == months:
            _settle(tale)
    play.output.table(
        f"{tale.payments} payments of {suite.money(tale.paid)}, {tale.settlements} settlements",
        ("Licensee", "Model", "Reported revenue", "Fee and royalties"),
        rows,
    )


def _dues(lineages: Lineages, item: Licensee) -> list[int]:
    licence = lineages.licence
    rates = licensing_math.Rates(licence.share_bps, 0, licence.minimum_per_period)
    return [licensing_math.due(rates, revenue, 0, 0) for revenue in item.revenue]


def _report(tale: Tale, item: Licensee, license_id: int, month: int) -> None:
    evidence = bytes(keccak(text=f"{item.name}/{month + 1}"))
    account, revenue = tale.play.actor(item.name), item.revenue[month]
    licensing.report_and_pay(tale.play.suite, account, license_id, month + 1, revenue, evidence)
    _pay(tale, tale.lineages.licensed[item.name], _dues(tale.lineages, item)[month])


def _settle(tale: Tale) -> None:
    """Divides all that waits, on the chain and in the reference, and notes what the chain said."""
    suite = tale.play.suite
    done = royalties.settle_all(suite, tale.play.keeper, tale.ids.values())
    tale.settlements += len(done)
    tale.books.settle_all()
    for model_id, settlement in done.items():
        earned = tale.earned.setdefault(model_id, Earnings())
        passed_on = sum(settlement.ancestors.values())
        earned.passed_on += passed_on
        earned.paid += settlement.amount
        for ancestor, part in settlement.ancestors.items():
            inherits = tale.earned.setdefault(ancestor, Earnings())
            inherits.inherited += part
            # A settlement's amount is what was paid for the model and what it inherited.
            inherits.paid -= part
    if suite.router.treasury_credit(suite.asset.address):
        tale.income += royalties.forward_income(suite, tale.play.keeper)


def _withdraw(tale: Tale) -> None:
    suite, play = tale.play.suite, tale.play
    for maker in tale.lineages.makers:
        if suite.router.credit(play.address(maker), suite.asset.address):
            tale.withdrawn[maker] = royalties.withdraw(suite, play.keeper, play.address(maker))


# --- accounts ---


def _account(tale: Tale) -> dict[str, Any]:
    """Prints every model's income and every maker's beside the reference; compares them all."""
    play, suite, output = tale.play, tale.play.suite, tale.play.output
    output.heading("Account: every ancestor's income, and the reference beside it")
    names = {model_id: name for name, model_id in tale.ids.items()}
    rows = []
    for model_id, expected in tale.books.earnings.items():
        earned = tale.earned.get(model_id, Earnings())
        if earned != Earnings() or expected != Earnings():
            rows.append(
                (
                    model_id,
                    names[model_id],
                    *map(suite.money, (earned.paid, earned.inherited, earned.passed_on)),
                    suite.money(expected.inherited),
                    "yes" if earned == expected else "NO",
                )
            )
    columns = ("Model", "Name", "Paid for it", "From descendants", "To ancestors")
    output.table("Income by model", (*columns, "Reference from descendants", "Equal"), rows)
    receivers: list[tuple[object, str, int]] = [
        *((maker, maker, tale.withdrawn.get(maker, 0)) for maker in tale.lineages.makers),
        (TREASURY, "the DAO", tale.income),
    ]
    output.table(
        "Income by owner",
        ("Owner", "Got", "Reference", "Equal"),
        [
            (
                name,
                suite.money(got),
                suite.money(tale.books.credits[receiver]),
                "yes" if got == tale.books.credits[receiver] else "NO",
            )
            for receiver, name, got in receivers
        ],
    )
    checks = _checks(tale)
    failed = [check for check in checks if not check.holds]
    for check in failed:
        output.say(f"DOES NOT ADD UP: {check.words}: {check.left:,} is not {check.right:,}")
    output.say(f"{len(checks)} checks, {len(failed)} failed.")
    return {
        "scenario": play.scenario.name,
        "asset": suite.symbol,
        "decimals": suite.decimals,
        "models": len(tale.ids),
        "licences": tale.licences,
        "payments": tale.payments,
        "settlements": tale.settlements,
        "paid": tale.paid,
        "income_by_model": {
            names[model_id]: {"paid": item.paid, "from_descendants": item.inherited}
            for model_id, item in sorted(tale.earned.items())
        },
        "income_by_owner": {name: got for _, name, got in receivers},
        "checks": len(checks),
        "conserved": bool(checks) and not failed,
    }


def _checks(tale: Tale) -> list[Check]:
    suite, play, books = tale.play.suite, tale.play, tale.books
    checks = []
    for name, model_id in tale.ids.items():
        table = models.ancestors(suite, model_id)
        expected = books.tables[model_id]
        for ancestor in table.keys() | expected.keys():
            words = f"what {name} owes model {ancestor}, in bps"
            checks.append(Check(words, table.get(ancestor, 0), expected.get(ancestor, 0)))
        earned, reference = tale.earned.get(model_id, Earnings()), books.earnings[model_id]
        checks += [
            Check(f"paid for {name}", earned.paid, reference.paid),
            Check(f"from descendants of {name}", earned.inherited, reference.inherited),
            Check(f"from {name} to ancestors", earned.passed_on, reference.passed_on),
        ]
    holdings = {name: int(suite.asset.balanceOf(account)) for name, account in play.actors.items()}
    for maker in tale.lineages.makers:
        checks += [
            Check(f"what {maker} withdrew", tale.withdrawn.get(maker, 0), books.credits[maker]),
            Check(f"what {maker} holds", holdings[maker], books.credits[maker]),
        ]
    for item in tale.lineages.licensees:
        checks.append(Check(f"what {item.name} has left", holdings[item.name], 0))
    contracts = {name: int(suite.asset.balanceOf(suite[name].address)) for name in CONTRACTS}
    checks += [
        Check("the DAO's income", tale.income, books.credits[TREASURY]),
        Check("all payments = all incomes", tale.paid, sum(books.credits.values())),
        Check("what waits in the router", contracts["RoyaltyRouter"], 0),
        Check("what waits in the market", contracts["LicenseMarket"], 0),
        Check("what the Treasury has", contracts["Treasury"], play.ledger.raised + tale.income),
        Check(
            f"all {suite.symbol} there is = what people and contracts hold",
            int(suite.asset.totalSupply()),
            sum(holdings.values()) + sum(contracts.values()),
        ),
    ]
    return checks
