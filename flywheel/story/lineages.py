"""Plays a scenario of models that were made from each other, and checks every ancestor's income.

Stages: deploy -> raise -> the DAO's models by vote -> register -> license -> report -> settle ->
withdraw. Beside the contracts runs `flywheel.models.lineage.Books`, which is told the same events
and nothing that a contract said; both must agree to the unit.
"""

from typing import Any

from eth_utils import keccak

from flywheel import amounts
from flywheel.chain import connection
from flywheel.errors import fix
from flywheel.governance import proposals
from flywheel.grants.grant_terms import Share
from flywheel.licensing import licenses, reference
from flywheel.models import registry
from flywheel.models.kinds import ModelKind
from flywheel.models.lineage import TREASURY, Link
from flywheel.models.lineage import Share as BookShare
from flywheel.royalties import router
from flywheel.states import ProposalState, ReceiverKind
from flywheel.story import lineage_accounts, raising
from flywheel.story.lineage_scenario import Lineages, OpenModel
from flywheel.story.lineage_tale import Tale
from flywheel.story.parts import Licensee
from flywheel.story.play import Play
from flywheel.treasury import assets

# Settled so often that no rounding is averaged away, and seldom enough to be quick.
MONTHS_PER_SETTLEMENT = 6


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
    return lineage_accounts.draw_up(tale)


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
        proposals.action(
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
        actions.append(
            registry.registration(suite, item.kind, item.name, _digest(item), item.source)
        )
        is_foundation = item.kind == ModelKind.FOUNDATION
        split = [BookShare(TREASURY, amounts.BPS)]
        number = books.add([], split, foundation=is_foundation)
        tale.ids[item.name] = number
        if item.floor_bps:
            books.floors[number] = item.floor_bps
            words = f"give model {number} a floor of {amounts.show_bps(item.floor_bps)}"
            actions.append(
                proposals.action(suite.registry, "set_floor", number, item.floor_bps, words=words)
            )
        if lineages.derivatives(item.name):
            actions.append(licenses.offer(suite, _derivative_terms(tale, item)))
            offered.append(item.name)
    if tale.play.vote("The DAO's models", actions) != ProposalState.EXECUTED:
        raise fix("The holders refuse the DAO's models", "Have more supporters vote for them")
    for number, name in enumerate(offered, start=1):
        tale.derivative_terms[name] = number


def _derivative_terms(tale: Tale, item: OpenModel) -> licenses.LicenceTerms:
    """A licence to derive: a fee at once, and a share of what the derived model is paid."""
    family = tale.lineages.families[item.family]
    return licenses.to_derive(
        tale.ids[item.name], family.derivative_fee, family.shares, family.legal_uri
    )


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
        item.name: registry.commit(suite, play.actor(item.maker), _digest(item)) for item in theirs
    }
    registry.await_reveal(suite, connection.now())
    for maker in lineages.makers:
        play.give_money(maker, _fees_of(lineages, maker))
    for item in theirs:
        maker = play.actor(item.maker)
        parents = [(tale.ids[name], _license(tale, item, name)) for name in item.parents]
        model_id = registry.register(
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
            tale.derivative_terms[item.name] = licenses.offer_directly(suite, maker, terms)
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
    license_id = licenses.buy(tale.play.suite, account, terms_id)
    fee = tale.lineages.families[tale.lineages.model(parent).family].derivative_fee
    tale.licences += 1
    tale.pay(parent, fee)
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
    is_foundation = item.kind == ModelKind.FOUNDATION
    fee_bps = lineages.protocol_fee_bps
    number = tale.books.add(links, split, fee_bps, foundation=is_foundation)
    if number != tale.ids[item.name]:
        raise fix(f"{item.name} is not model {number}", "Play on a chain without models")


# --- money ---


def _offer_use(tale: Tale) -> dict[str, int]:
    """Each licensed model's terms of use, by model."""
    licence, found = tale.lineages.licence, {}
    for name in dict.fromkeys(tale.lineages.licensed.values()):
        terms = licenses.LicenceTerms(
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
        found[name] = licenses.offer_directly(tale.play.suite, maker, terms)
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
        licences[item.name] = licenses.buy(suite, account, terms[model])
        tale.pay(model, licence.upfront_fee)
        tale.licences += 1
        assets.allow(suite, account, suite.market, cost - licence.upfront_fee)
        revenue = sum(item.revenue)
        rows.append((item.name, model, suite.money(revenue), suite.money(cost)))
    months = max(len(item.revenue) for item in lineages.licensees)
    for month in range(months):
        play.wait(licence.period_seconds)
        for item in lineages.licensees:
            if month < len(item.revenue):
                _report(tale, item, licences[item.name], month)
        if (month + 1) % MONTHS_PER_SETTLEMENT == 0 or month + 1 == months:
            tale.settle()
    play.output.table(
        f"{tale.payments} payments of {suite.money(tale.paid)}, {tale.settlements} settlements",
        ("Licensee", "Model", "Reported revenue", "Fee and royalties"),
        rows,
    )


def _dues(lineages: Lineages, item: Licensee) -> list[int]:
    licence = lineages.licence
    rates = reference.Rates(licence.share_bps, 0, licence.minimum_per_period)
    return [reference.due(rates, revenue, 0, 0) for revenue in item.revenue]


def _report(tale: Tale, item: Licensee, license_id: int, month: int) -> None:
    evidence = bytes(keccak(text=f"{item.name}/{month + 1}"))
    account, revenue = tale.play.actor(item.name), item.revenue[month]
    licenses.report_and_pay(tale.play.suite, account, license_id, month + 1, revenue, evidence)
    tale.pay(tale.lineages.licensed[item.name], _dues(tale.lineages, item)[month])


def _withdraw(tale: Tale) -> None:
    suite, play = tale.play.suite, tale.play
    asset = str(suite.asset.address)
    for maker in tale.lineages.makers:
        if router.credit(suite, play.address(maker), asset):
            tale.withdrawn[maker] = router.withdraw(suite, play.keeper, play.address(maker), asset)
