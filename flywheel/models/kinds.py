"""How the weights of a model came to be: `ModelKind` of interfaces/IModelRegistry.vyi."""

from enum import IntFlag


class ModelKind(IntFlag):
    FOUNDATION = 1
    VERSION = 2
    FINE_TUNE = 4
    ADAPTER = 8
    DISTILLATION = 16
    QUANTIZATION = 32
    PRUNING = 64
    MERGE = 128

    @property
    def word(self) -> str:
        """As files have it: fine_tune."""
        return str(self.name).lower()

    @property
    def label(self) -> str:
        """As people read it: fine-tune."""
        return self.word.replace("_", "-")


KINDS = tuple(kind.word for kind in ModelKind)
