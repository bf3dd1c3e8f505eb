"""The option set and the manners that all commands share."""

import functools
import os
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from ape.cli import ConnectedProviderCommand, NetworkChoice, NetworkOption
from ape.cli.commands import get_param_from_ctx
from ape.cli.options import ProviderSettingsOption
from click.core import augment_usage_errors

from flywheel.chain import accounts, ape_internals, connection, on_demand, sent
from flywheel.console.output import FORMATS, Output, SendingOutput
from flywheel.errors import FlywheelError, fix
from flywheel.printable import on_one_line

if TYPE_CHECKING:
    from ape.api import AccountAPI

    from flywheel.chain.rehearsal import Rehearsal
    from flywheel.chain.safe import Batch

TEST_MNEMONIC_NOTE = "its key is public: anybody can take what it holds"

FORMAT = click.option(
    "--format",
    "output_format",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="How results are printed.",
)
SENDING_OPTIONS = (
    click.option("--account", "alias", help="Alias of the Ape account that signs, or TEST::N."),
    click.option("--yes", is_flag=True, help="Send without asking."),
    click.option("--dry-run", is_flag=True, help="Check and print, but send nothing."),
    click.option(
        "--safe",
        "safe_file",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Send nothing: write the transactions for a Safe to this file.",
    ),
    click.option("--safe-address", help="The Safe that will send them."),
)


class Account(click.ParamType):
    """An address, an alias of Ape or TEST::N. Commands get the address, found once connected."""

    name = "account"


ACCOUNT = Account()
# Files that a command reads, and files that it writes.
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)


@dataclass
class Session:
    """One run of one command: who signs, whether it may send, and where it prints."""

    alias: str | None
    yes: bool
    dry_run: bool
    output: SendingOutput
    batch: "Batch | None" = None
    rehearsal: "Rehearsal | None" = None

    @functools.cached_property
    def account(self) -> "AccountAPI":
        """The Ape account that signs. Raises `FlywheelError` with the way to name or make one.

        With --yes it is unlocked here, before anything is sent; a dry run needs no passphrase.
        """
        account = self._find_account()
        if self.rehearsal is not None:
            self.rehearsal.sender = str(account.address)
        return account

    def _find_account(self) -> "AccountAPI":
        if self.batch is not None:
            return _safe_account(self.alias, self.batch)
        if self.alias is None:
            raise fix("No account is given", "Name one of 'ape accounts list' with --account")
        account = accounts.find(self.alias)
        if accounts.is_test_account(account) and not connection.is_local():
            raise fix(
                f"{account.address} is a test account, {TEST_MNEMONIC_NOTE}",
                "Import an account with 'ape accounts import NAME' and give it with --account",
            )
        if self.yes and not self.dry_run:
            _unlock(account)
        return account

    def confirm(self, text: str, rehearse: bool = True) -> bool:
        """Whether to send `text` now; asks only a person at a terminal.

        True in a dry run, too, in which what follows is recorded and tried on a copy of the state:
        unless it does more than send (`rehearse` is false: it signs, or writes files).
        """
        if self.rehearsal is not None:
            self.rehearsal.texts.append(text)
            return rehearse
        if self.batch is not None:
            self.batch.texts.append(text)
            return True
        if self.yes:
            return True
        if not sys.stdin.isatty():
            raise fix("There is no terminal to confirm at", "Give --yes to send, or --dry-run")
        return click.confirm(f"{on_one_line(text)}. Send it?", err=True)

    def insist(self, problem: str, remedy: str) -> None:
        """For what is allowed and seldom meant: asks a person whether to go on, refuses otherwise.

        Raises `FlywheelError` without a person at a terminal, and with --yes.
        """
        if self.dry_run or self.batch is not None:
            self.output.say(f"{problem}.")
            return
        if self.yes or not sys.stdin.isatty():
            raise fix(problem, remedy)
        if not click.confirm(f"{on_one_line(problem)}. Go on?", err=True):
            raise click.Abort

    def recording(self) -> AbstractContextManager[None]:
        """What the block sends goes to the file of --safe, or is only tried in a dry run."""
        if self.rehearsal is not None:
            from flywheel.chain import rehearsal

            output, self.output = self.output, QuietOutput(self.output, self.rehearsal)
            return rehearsal.rehearsing(self.rehearsal, lambda part: output.show([part]))
        if self.batch is None:
            return nullcontext()
        from flywheel.chain import safe

        output, self.output = self.output, QuietOutput(self.output, self.batch)
        return safe.recording(self.batch, lambda part: output.show([part]))


class QuietOutput(SendingOutput):
    """Says nothing of results once a transaction is recorded: nothing has happened yet."""

    def __init__(self, inner: SendingOutput, batch: "Batch | Rehearsal") -> None:
        super().__init__(inner.format)
        self._kept = inner._kept
        self.batch = batch

    def table(self, *args: Any, **options: Any) -> None:
        if not self.batch.calls:
            super().table(*args, **options)

    def record(self, *args: Any, **options: Any) -> None:
        if not self.batch.calls:
            super().record(*args, **options)


def _batch(path: Path | None, address: str | None) -> "Batch | None":
    """The empty batch of --safe and --safe-address; None if neither is given."""
    if path is None and address is None:
        return None
    if path is None or address is None:
        raise fix("--safe FILE and --safe-address belong together", "Give both, or neither")
    from flywheel.chain.safe import Batch

    return Batch(path, connection.address(address))


def _safe_account(alias: str | None, batch: "Batch") -> Any:
    from flywheel.chain.safe import SafeAccount

    if alias is not None:
        raise fix("--account and --safe exclude each other", "Leave out --account: no key is used")
    return SafeAccount(batch.safe)


def _unlock(account: "AccountAPI") -> None:
    """Lets a keyfile sign without asking; the passphrase comes from the environment or a person."""
    from ape_accounts.accounts import InvalidPasswordError

    if not hasattr(account, "set_autosign"):
        return
    # Ape's own name of the variable is none that a shell can export for an alias such as "my-key".
    apes = f"APE_ACCOUNTS_{account.alias}_PASSPHRASE"
    variable = re.sub(r"\W", "_", apes, flags=re.ASCII)
    if variable in os.environ:
        os.environ.setdefault(apes, os.environ[variable])
    if not os.environ.get(apes) and not sys.stdin.isatty():
        raise fix(
            f"There is no terminal to ask for the passphrase of '{account.alias}'",
            f"Put it in the environment as {variable}",
        )
    try:
        account.set_autosign(True)
    except InvalidPasswordError:
        raise fix(f"The passphrase of '{account.alias}' is wrong", f"Correct {variable}") from None


class _NetworkName(NetworkChoice):
    """The choice as it was written; a provider is made of it when the chain is asked for."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return value


class Command(ConnectedProviderCommand):
    """Runs, and ends every failure that a person can mend in one line and status 1.

    Unlike Ape's it connects when the chain is first asked for.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, use_cls_types=False, **kwargs)

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        if not any(known.name == "network" for known in self.params):
            # Ape would add the same options, but find the provider, and its default, at once.
            network = NetworkOption(type=_NetworkName(case_sensitive=False), default=None)
            self.params += [ProviderSettingsOption(), network]
        return super().parse_args(context, args)

    def invoke(self, context: click.Context) -> Any:
        connect = functools.partial(self._connection, context, dict(context.params))
        try:
            with connection.plain_errors(), on_demand.connecting(connect):
                return self._invoke(context)
        except FlywheelError as error:
            raise click.ClickException(str(error)) from error

    def _connection(
        self, context: click.Context, given: dict[str, Any]
    ) -> AbstractContextManager[Any]:
        """The provider that --network names, or Ape's default. click.BadParameter if unknown."""
        # First of all: what is imported after it is imported lean.
        ape_internals.start_lean()
        connection.quiet()
        from ape import networks
        from ape.api import ProviderAPI

        name = given.get("network") or networks.default_ecosystem.name
        settings = given.get("provider_settings")
        choice = NetworkChoice(base_type=ProviderAPI, provider_settings=settings)
        (option,) = (known for known in self.params if known.name == "network")
        with augment_usage_errors(context, option):
            provider = choice.convert(name, option, context)
        if not isinstance(provider, ProviderAPI):
            # "--network none": whoever needs a chain after all is told so.
            return nullcontext()
        stays = bool(get_param_from_ctx(context, "interactive"))
        found: AbstractContextManager[Any] = provider.network.use_provider(
            provider, disconnect_on_exit=not stays
        )
        return found


def _addresses(options: dict[str, Any]) -> dict[str, Any]:
    """The options, with the address of each account that one of them names."""
    for parameter in click.get_current_context().command.params:
        written = options.get(parameter.name or "")
        if isinstance(parameter.type, Account) and written is not None:
            several = isinstance(written, tuple)
            options[str(parameter.name)] = (
                tuple(map(accounts.address_of, written))
                if several
                else accounts.address_of(written)
            )
    return options


def _add(
    group: click.Group,
    name: str | None,
    function: Callable[..., None],
    run: Callable[..., None],
    options: Sequence[Callable[..., Any]],
) -> click.Command:
    wrapped: Callable[..., Any] = functools.wraps(function)(run)
    for option in reversed(options):
        wrapped = option(wrapped)
    called = name or function.__name__.replace("_", "-")
    result: click.Command = group.command(name=called, cls=Command)(wrapped)
    return result


def command(
    group: click.Group, name: str | None = None
) -> Callable[[Callable[..., None]], click.Command]:
    """Adds a command that sends or signs to `group`. Its function takes a `Session` first."""

    def decorate(function: Callable[..., None]) -> click.Command:
        def run(
            alias: str | None,
            yes: bool,
            dry_run: bool,
            output_format: str,
            safe_file: Path | None,
            safe_address: str | None,
            **options: Any,
        ) -> None:
            batch = _batch(safe_file, safe_address)
            output = SendingOutput(output_format)
            session = Session(alias, yes, dry_run, output, batch)
            if dry_run:
                from flywheel.chain.rehearsal import Rehearsal

                session.rehearsal = Rehearsal()
            with sent.collecting() as transactions:
                try:
                    with session.recording():
                        function(session, **_addresses(options))
                finally:
                    output.finish(None if dry_run or batch else transactions)

        return _add(group, name, function, run, (*SENDING_OPTIONS, FORMAT))

    return decorate


def reading(
    group: click.Group, name: str | None = None
) -> Callable[[Callable[..., None]], click.Command]:
    """Adds a command that only reads to `group`. Its function takes an `Output` first."""

    def decorate(function: Callable[..., None]) -> click.Command:
        def run(output_format: str, **options: Any) -> None:
            function(Output(output_format), **_addresses(options))

        return _add(group, name, function, run, (FORMAT,))

    return decorate
