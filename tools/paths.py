"""Where the sources are, and which of them are deployed."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def is_deployable(source: Path) -> bool:
    """CamelCase files are deployed, snake_case files are modules."""
    return source.suffix == ".vy" and source.stem[:1].isupper()


def is_mock(source: Path, root: Path = ROOT) -> bool:
    return source.is_relative_to(root / "contracts" / "mocks")


def vyper_sources(root: Path = ROOT) -> list[Path]:
    """Every contract and module under contracts/, mocks included."""
    return sorted((root / "contracts").rglob("*.vy"))


def interfaces(root: Path = ROOT) -> list[Path]:
    return sorted((root / "interfaces").rglob("*.vyi"))


def deployables(root: Path = ROOT) -> list[Path]:
    return [source for source in vyper_sources(root) if is_deployable(source)]
