"""Published attacks on the votes of DAOs, and whether they would pass under the rules of a file."""

from dataclasses import dataclass

from flywheel.economics.rules import Rules
from flywheel.economics.takeover import SIMPLE_MAJORITY


@dataclass(frozen=True)
class Case:
    """A published case. Shares are parts of all tokens at the snapshot; None: not published."""

    name: str
    happened: str
    share_for: float | None
    share_against: float
    is_strict: bool
    remark: str
    sources: tuple[str, ...]


CASES = (
    Case(
        name="Compound, proposal 289 (July 2024)",
        happened="682,191 COMP for and 633,636 against, of 10,000,000, gave 499,000 COMP, 5 % of "
        "the treasury and worth $24 million, to a vault of the proposers",
        share_for=0.0682191,
        share_against=0.0633636,
        is_strict=False,
        remark="a spend of 5 % is the most that an ordinary proposal can ask for by default",
        sources=(
            "https://altszn.com/compound-community-accuses-notorious-whale-of-engineering-governance-attack",
            "https://bitget.com/news/detail/12560604123605",
        ),
    ),
    Case(
        name="Beanstalk (April 2022)",
        happened="a flash loan of a billion dollars gave 79 % of the votes for one transaction, "
        "which voted for its own proposal and executed it; $182 million were lost, $76 million "
        "kept",
        share_for=0.0,
        share_against=0.0,
        is_strict=True,
        remark="votes are read at a snapshot that lies before the ballots, where a loan of one "
        "transaction holds nothing; and nothing runs before the Timelock's delay",
        sources=("https://dnzn.dev/events/beanstalk-governance-attack",),
    ),
    Case(
        name="Build Finance (February 2022)",
        happened="a holder passed, at the second attempt and unnoticed, a proposal that handed "
        "over the token's contract and the treasury, and minted and sold for $470,000",
        share_for=None,
        share_against=0.0,
        is_strict=True,
        remark="minting and handing over are strict, whatever the turnout; the guardian of the "
        "first year may cancel what nobody noticed",
        sources=(
            "https://web3isgoinggreat.com/single/buildfinance-dao-hostile-takeover",
            "https://decrypt.co/92970/build-finance-dao-falls-to-governance-takeover/",
        ),
    ),
    Case(
        name="Nouns, first fork (September 2023)",
        happened="472 of 846 tokens, many bought below book value for it, left with 16,757 ETH, "
        "$27 million, by a right to take one's part of the treasury along",
        share_for=472 / 846,
        share_against=374 / 846,
        is_strict=True,
        remark="there is no such right: a wind-down is voted for one purpose, pays who paid into "
        "its round, and only for burning what that round gave; if the others did not vote, 56 % "
        "could pass it",
        sources=(
            "https://maybecrypto.com/nouns-fork-disgruntled-nft-holders-exit-with-27-million-from-treasury",
            "https://blockworks.co/news/nouns-dao-treasury-fork-governance",
        ),
    ),
)


def verdict(case: Case, rules: Rules) -> str:
    """Whether the same votes would pass here, and what they lack, in words."""
    quorum = max(rules.quorum, rules.strict_quorum) if case.is_strict else rules.quorum
    majority = rules.strict_majority if case.is_strict else SIMPLE_MAJORITY
    kind = "strict" if case.is_strict else "ordinary"
    if case.share_for is None:
        return (
            f"Only with {percent(quorum)} of all tokens and {percent(majority)} of for and against"
        )
    if case.share_for < quorum:
        share = percent(case.share_for)
        return f"No: {share} of the tokens; {kind} proposals need {percent(quorum)}"
    part = case.share_for / (case.share_for + case.share_against)
    if part < majority:
        return f"No: {percent(part)} of for and against; {kind} proposals need {percent(majority)}"
    return f"Yes, as {'a strict' if case.is_strict else 'an ordinary'} proposal"


def percent(share: float) -> str:
    """A part of one in per cent, with three figures at most."""
    return f"{share * 100:.3g} %"
