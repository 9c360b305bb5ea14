"""Writes the parts of the docs that are read off the program, the command line and the lesson: `make reference`."""

import argparse
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from nasnet_demo import cli  # noqa: E402
from nasnet_demo.documents import lesson  # noqa: E402
from nasnet_demo.installation import SCRIPT  # noqa: E402
from nasnet_demo.model import load  # noqa: E402

DOCS = ROOT / "docs"
MARK = "<!-- What follows is written by tools/reference.py: see `make reference`. -->\n"


def pages() -> dict[Path, str]:
    """The pages that have a part like that, whole: what stands before the mark stays as it is."""
    parts = {"reference/command-line.md": _command_line(), "lesson.md": _lesson()}
    texts = {DOCS / name: (DOCS / name).read_text(encoding="utf-8").partition(MARK)[0] for name in parts}
    return {path: before + MARK + part for (path, before), part in zip(texts.items(), parts.values(), strict=True)}


def _lesson() -> str:
    lessons = (lesson.filled(name, load()) for name in lesson.LESSONS)
    return "\n".join(_written(one) for one in lessons)


def _written(one: lesson.Lesson) -> str:
    talk = f" and {one.talk} for questions" if one.talk else ""
    aims = "".join(f"- {aim}\n" for aim in one.aims)
    steps = "".join(f"\n**{s.title}** ({s.minutes} minutes). {s.task} *{s.question}*\n" for s in one.steps)
    return f"\n## {one.title}\n\n{one.minutes} minutes{talk}; {one.age}. Afterwards, a pupil can\n\n{aims}{steps}"


def _command_line() -> str:
    commands = list(_commands(cli.parser(SCRIPT)))
    times = Counter(id(action) for command in commands for action in _shown(command))
    shared = {id(action): _row(c, action) for c in commands for action in _shown(c) if times[id(action)] > 1}
    first = f"\n## Options of several commands\n\n{''.join(shared.values())}"
    return first + "".join(_section(command, shared.keys()) for command in commands)


def _commands(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Every command, those of a group one after another."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _commands(command) if _is_group(command) else (command,)


def _is_group(parser: argparse.ArgumentParser) -> bool:
    return any(isinstance(action, argparse._SubParsersAction) for action in parser._actions)


def _section(parser: argparse.ArgumentParser, shared: Collection[int]) -> str:
    title = parser.prog.removeprefix(f"{SCRIPT} ")
    told = [f"- `{_spelled(action)}`\n" if id(action) in shared else _row(parser, action) for action in _shown(parser)]
    rows = "".join(told)
    return f"\n## {title}\n\n{parser.description}\n\n```text\n{_usage(parser)}\n```\n\n{rows}"


def _shown(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Arguments first, then options; --help is everybody's."""
    actions = [action for action in parser._actions if action.dest != "help"]
    return sorted(actions, key=lambda action: bool(action.option_strings))


def _usage(parser: argparse.ArgumentParser) -> str:
    """What must be given. Arguments come first: an option may take several values."""
    parts = [parser.prog, *(_spelled(action) for action in _shown(parser) if not action.option_strings)]
    choices = [group for group in parser._mutually_exclusive_groups if group.required]
    parts += [f"({' | '.join(map(_spelled, group._group_actions))})" for group in choices]
    parts += [_spelled(action) for action in parser._actions if action.option_strings and action.required]
    if any(action.option_strings and not action.required for action in _shown(parser)):
        parts.append("[OPTIONS]")
    return " ".join(parts)


def _row(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    words = parser._get_formatter()._expand_help(action) if action.help else ""
    value = action.default
    if action.option_strings and value not in (None, False, argparse.SUPPRESS) and "default" not in words:
        words = f"{words} (default: {value})" if words else f"default: {value}"
    return f"- `{_spelled(action)}`{': ' if words else ''}{words}\n"


def _spelled(action: argparse.Action) -> str:
    """An argument or an option as it is typed."""
    value = action.metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest.upper())
    if action.nargs == "+":
        value = f"{value} ..."
    if not action.option_strings:
        return str(value)
    return action.option_strings[0] if action.nargs == 0 else f"{action.option_strings[0]} {value}"


def write() -> None:
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
