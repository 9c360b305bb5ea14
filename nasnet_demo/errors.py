"""What can go wrong through no fault of the program. The message of each is one line for whoever asked.

The page and the command line catch the base class and show its message. Any other exception is a mistake in this
program, and they treat it as one.
"""


class NasnetDemoError(ValueError):
    """The base of all of them."""


class PictureError(NasnetDemoError):
    """A picture that cannot be used; for the visitor, without paths or library words."""


class LabelError(NasnetDemoError):
    """A class that this network does not have; the message says which come close."""


class WeightsError(NasnetDemoError):
    """Weights that cannot be had or used."""


class GalleryError(NasnetDemoError):
    """A folder that cannot serve as a gallery."""


class GenotypeError(NasnetDemoError):
    """A text that describes no cell, or a cell that no network can be made of."""


class ConfigError(NasnetDemoError):
    """Sizes that no network can have, or that do not fit its variables."""


class ExplanationError(NasnetDemoError):
    """A question that no map answers: no such method or cell, or a method without cells."""


class CellError(NasnetDemoError):
    """A cell, block or operation that this network does not have; the message names those that exist."""


class InputError(NasnetDemoError):
    """An array that the network cannot take, or a part of the picture that it does not know."""


class FolderError(NasnetDemoError):
    """Pictures from which nothing can be learned."""


class RecipeError(NasnetDemoError):
    """A training run that cannot go on as asked."""


class TeacherError(NasnetDemoError):
    """Why there is no teacher."""


class EvaluationError(NasnetDemoError):
    """Pictures on which accuracy cannot be measured."""


class ExportError(NasnetDemoError):
    """A network that cannot be written in a form."""


class MissingExtraError(NasnetDemoError, ImportError):
    """An optional package that is not installed; the message says how to install it."""


class UsageError(NasnetDemoError):
    """A command that cannot be carried out as given."""
