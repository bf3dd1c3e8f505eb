"""Claims as the `model-index` block of a Hugging Face model card, each with who attests it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import yaml

from flywheel import amounts
from flywheel.evaluations import scores
from flywheel.evaluations.claims import Claim


class _Dumper(yaml.SafeDumper):
    """Writes exact decimals as numbers."""


def _decimal(dumper: yaml.SafeDumper, value: Decimal) -> yaml.ScalarNode:
    kind = "int" if value == value.to_integral_value() else "float"
    return dumper.represent_scalar(f"tag:yaml.org,2002:{kind}", f"{value:f}")


_Dumper.add_representer(Decimal, _decimal)


def model_index(name: str, found: Sequence[Claim]) -> str:
    """YAML for the head of a card. `verified` says whether the claim is attested; void claims are
    left out, and a claim that nobody attested says so in its name."""
    results = [_result(item) for item in found if not item.voided_at]
    index = {"model-index": [{"name": name, "results": results}]}
    return yaml.dump(index, Dumper=_Dumper, sort_keys=False, allow_unicode=True)


def _result(item: Claim) -> dict[str, Any]:
    # The name of a benchmark begins with that of its task.
    task, _, metric = item.benchmark.name.partition(", ")
    return {
        "task": {"type": "text-generation"},
        "dataset": {"name": task, "type": task},
        "metrics": [
            {
                "type": metric or task,
                "name": f"{item.benchmark.name} ({item.standing})",
                "value": amounts.from_units(item.score, scores.DECIMALS).normalize(),
                "verified": item.is_attested,
            }
        ],
        "source": {"name": item.harness, "url": item.evidence_uri},
    }
