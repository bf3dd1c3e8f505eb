"""Builders: which registered models a new one is made from, and what it will owe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flywheel import amounts
from flywheel.chain import connection
from flywheel.deploy.suite import Suite
from flywheel.errors import fix, unknown
from flywheel.models import lineage, registry
from flywheel.models.cards import ParentName
from flywheel.models.family import FamilyTree, Member
from flywheel.models.kinds import ModelKind
from flywheel.models.lineage import Link

# In the id of a sublicence.
SUBLICENSE = 2**63


@dataclass(frozen=True)
class Parent:
    """A registered parent; licence 0: it belongs to whom the child will belong to."""

    model_id: int
    name: str
    owner: str
    license_id: int
    share_bps: int
    needs_approval: bool = False
    """The licence's terms ask the parent's owner to approve each derived model."""

    @property
    def link(self) -> Link:
        return Link(self.model_id, self.share_bps, own=self.license_id == 0)

    @property
    def words(self) -> str:
        if not self.license_id:
            return f"{self.name} (model {self.model_id}, your own)"
        terms = f"licence {self.license_id}, {amounts.show_bps(self.share_bps)}"
        return f"{self.name} (model {self.model_id} of {self.owner}, {terms})"


def resolve(
    suite: Suite,
    registrant: str,
    owner: str,
    kind: ModelKind,
    names: Sequence[ParentName],
    licenses: Sequence[int] = (),
    ids: Mapping[str, int] | None = None,
) -> list[Parent]:
    """The registered models behind `names`, each with the licence that allows `kind`.

    `registrant` sends the registration and holds the licences, `owner` will own the model, `ids`
    says which model a name stands for. Raises `FlywheelError` that names what is missing.
    """
    found = []
    for name, model_id in [(name, _find(suite, name, ids or {})) for name in names]:
        title = str(suite.registry.model_name(model_id))
        holder = str(suite.registry.ownerOf(model_id))
        if holder == owner:
            owed = sum(registry.ancestors(suite, model_id).values())
            found.append(Parent(model_id, title, holder, 0, owed))
            continue
        license_id = name.license_id or _license(suite, registrant, model_id, licenses)
        if not license_id:
            raise fix(
                f"{title} (model {model_id}) is not yours: a {kind.word} of it needs a licence",
                "Buy one that allows it ('ape run license' shows what is on offer), and give it "
                "with --license",
            )
        share, reserved = _share(suite, registrant, model_id, title, kind, license_id)
        found.append(Parent(model_id, title, holder, license_id, share, reserved))
    twice = [
        item.name for item in found if [one.model_id for one in found].count(item.model_id) > 1
    ]
    if twice:
        raise fix(f"{twice[0]} is named twice as a parent", "Leave one out with --leave-out")
    return found


def would_owe(suite: Suite, parents: Sequence[Parent]) -> lineage.Table:
    """What a model of these parents will owe. Raises `FlywheelError` where the registry reverts."""
    tables = {item.model_id: registry.ancestors(suite, item.model_id) for item in parents}
    everybody = {key for table in tables.values() for key in table} | tables.keys()
    kinds = {key: ModelKind(suite.registry.model(key).kind) for key in everybody}
    foundations = {key for key, kind in kinds.items() if kind == ModelKind.FOUNDATION}
    floors = {key: int(suite.registry.floor_bps(key)) for key in foundations}
    try:
        links = [item.link for item in parents]
        return lineage.table_of(links, tables, floors, foundations)
    except ValueError as error:
        raise fix(
            f"The registry would refuse it: {error}", "Buy licences with lower shares"
        ) from None


def family(suite: Suite, model_id: int) -> FamilyTree:
    """A model with all that it was made from. Raises `FlywheelError` if it does not exist."""
    root = registry.get(suite, model_id)
    members: dict[int, Member] = {}
    wanted = [model_id]
    while wanted:
        number = wanted.pop()
        if number in members:
            continue
        links = tuple(
            Link(int(item.model_id), int(item.share_bps), own=int(item.license_id) == 0)
            for item in connection.call(suite.registry.parents, number)
        )
        kind = ModelKind(suite.registry.model(number).kind)
        name = str(suite.registry.model_name(number))
        members[number] = Member(number, name, kind.word, links)
        wanted += [link.parent for link in links]
    return FamilyTree(model_id, members, root.ancestors)


def _find(suite: Suite, name: ParentName, ids: Mapping[str, int]) -> int:
    wanted = ids.get(str(name.model), name.model)
    if isinstance(wanted, int):
        return registry.get(suite, wanted).model_id
    found = registry.named(suite, wanted)
    if not found:
        raise fix(
            f"The parent {wanted} is not registered",
            f"Register it first, give --parent '{wanted}=MODEL' if it has another name there, or "
            f"--leave-out '{wanted}'",
        )
    if len(found) > 1:
        numbers = ", ".join(map(str, found))
        raise fix(
            f"Models {numbers} are all named {wanted}", f"Say which with --parent '{wanted}=MODEL'"
        )
    return found[0]


def _license(suite: Suite, registrant: str, model_id: int, licenses: Sequence[int]) -> int:
    """The given licence that is of this model, else the one its registrant has presented."""
    for license_id in licenses:
        if _model_of(suite, license_id) == model_id:
            return license_id
    return int(connection.call(suite.rights.presented, model_id, registrant, connection.now()))


def require_approval(suite: Suite, links: Sequence[Parent], commitment: bytes) -> None:
    """Raises `FlywheelError` that says what to ask whom for, if a licensor has yet to approve."""
    for item in links:
        if not item.needs_approval:
            continue
        if not connection.call(suite.rights.is_derivation_approved, item.model_id, commitment):
            raise fix(
                f"{item.owner}, who owns {item.name} (model {item.model_id}), has yet to approve",
                f"Ask for 'ape run models approve {item.model_id} 0x{commitment.hex()}', then run "
                "the same again",
            )


def _market_license(suite: Suite, license_id: int) -> int:
    """The license of the market behind a licence or sublicence."""
    if license_id & SUBLICENSE:
        return int(connection.call(suite.rights.sublicense_of, license_id).parent_id)
    return license_id


def _model_of(suite: Suite, license_id: int) -> int:
    number = _market_license(suite, license_id)
    count = int(suite.market.license_count())
    if not 1 <= number <= count:
        raise unknown("licence", license_id, count)
    return int(suite.market.license(number).model_id)


def _share(
    suite: Suite, registrant: str, model_id: int, title: str, kind: ModelKind, license_id: int
) -> tuple[int, bool]:
    """What a licence asks of such a model, in bps, and whether each needs an approval."""
    licensed = _model_of(suite, license_id)
    if licensed != model_id:
        raise fix(
            f"Licence {license_id} is of model {licensed}, not of {title} (model {model_id})",
            "Give one of the right model",
        )
    if not connection.call(
        suite.rights.is_covered, license_id, registrant, int(kind), connection.now()
    ):
        raise fix(
            f"Licence {license_id} does not let {registrant} register a {kind.word} of {title}",
            "Have its holder register, see that it is in good standing, or buy one that allows it",
        )
    terms_id = suite.market.license(_market_license(suite, license_id)).terms_id
    terms = suite.catalog.terms(terms_id)
    share = terms.derivation_share_bps[int(kind).bit_length() - 1]
    return int(share), bool(terms.approval_required)
