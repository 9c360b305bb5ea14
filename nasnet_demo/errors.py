"""Errors that are not the program's fault, such as a damaged picture. Each one's message is one line for the user.

The page and the command line catch the base class and show its message. Any other exception is a mistake in this
program, and they treat it as one.
"""


def first_line(error: Exception) -> str:
    """The first line of a library's error message, or the error's class where it has none."""
    return str(error).strip().partition("\n")[0].rstrip(":") or type(error).__name__


class NasnetDemoError(ValueError):
    """The base of all of them."""


class PictureError(NasnetDemoError):
    """A picture that cannot be used; the message is for visitors, without paths or a library's words."""


class LabelError(NasnetDemoError):
    """A class that this network does not have; the message says which come close."""


class WeightsError(NasnetDemoError):
    """Weights that cannot be found, fetched or used."""


class GalleryError(NasnetDemoError):
    """A folder that cannot serve as a gallery."""


class GenotypeError(NasnetDemoError):
    """A text that describes no cell, or a cell that no network can be made of."""


class ConfigError(NasnetDemoError):
    """A configuration that no network can have, or that its variables do not fit."""


class ExplanationError(NasnetDemoError):
    """A map that cannot be made: there is no such method or cell, or the method does not explain cells."""


class CellError(NasnetDemoError):
    """A cell, block or operation that this network does not have; the message names those that exist."""


class InputError(NasnetDemoError):
    """An array that the network cannot take, or an unknown crop."""


class AnswerError(NasnetDemoError):
    """An answer of the network that is not a finite number, such as damaged weights give."""


class FolderError(NasnetDemoError):
    """A folder of pictures from which nothing can be learned."""


class RecipeError(NasnetDemoError):
    """A training run that cannot be resumed with these options."""


class TeacherError(NasnetDemoError):
    """A teacher that is not installed; the message says what it needs."""


class EvaluationError(NasnetDemoError):
    """Pictures on which accuracy cannot be measured."""


class ExportError(NasnetDemoError):
    """A network that cannot be written in a format."""


class HostingError(NasnetDemoError):
    """A Space that cannot be made or sent."""


class MissingExtraError(NasnetDemoError, ImportError):
    """An optional package that is not installed; the message says how to install it."""


class LinkError(NasnetDemoError):
    """A link into the page that asks for what is not there."""


class UsageError(NasnetDemoError):
    """A command that cannot be carried out as given."""


class NoAnswerError(NasnetDemoError):
    """A server that was asked did not answer, or refused to; the message is what a visitor would see."""


class UploadError(NasnetDemoError):
    """A picture that no visitor has sent to this server, or one that has been deleted since."""


class SiteError(NasnetDemoError):
    """A static edition that cannot be written."""
