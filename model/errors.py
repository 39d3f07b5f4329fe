"""The errors of `model` that are for the person who runs it: one paragraph, what was wrong and what to do."""


class ModelError(Exception):
    """Base of every user error of this package; the command line prints its message without a traceback."""


class ConfigError(ModelError):
    """A configuration cannot be read, or names something that does not exist."""


class CorpusError(ModelError):
    """A corpus cannot be trained on: not built, not encoded, mixed, damaged, or of a version we do not know."""


class EncoderError(ModelError):
    """A vision encoder cannot be loaded or has no spatial grid."""


class LanguageModelError(ModelError):
    """A language model cannot be loaded, or its architecture is not one that blocks can be inserted into."""


class CheckpointError(ModelError):
    """A checkpoint cannot be continued: it belongs to another corpus or configuration, or it is damaged."""


class TrainError(ModelError):
    """Training cannot start or go on."""
