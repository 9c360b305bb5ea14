"""A lesson of 45 minutes around the page, as data: the page's Lesson tab and the printed worksheet both read it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from nasnet_demo.network import search_space
from nasnet_demo.network.topology import Config, plan

MINUTES_A_YEAR = 365.25 * 24 * 60
TITLE = "How does a machine name a picture, and who designed it?"


class Step(NamedTuple):
    """One step: what to do, what to ask, and the answer, each a sentence or a few; `{}` names are those of `facts`.

    The page sets up `tab` (its id), `picture` (one of the example photographs; empty: keep the present one) and
    `controls` (values by the names that the page's lesson bar has for them).
    """

    title: str
    minutes: int
    tab: str
    picture: str
    task: str
    question: str
    answer: str
    controls: Mapping[str, str | list[str]] = MappingProxyType({})


STEPS = (
    Step(
        "What does it see?",
        5,
        "look",
        "red_panda.jpg",
        "Look at the five bars under “What it sees”. Then try a photograph of your own, or another example.",
        "The bars are probabilities that add up to 100% over all {classes} classes that this network knows. What must "
        "happen when you show it a thing that is none of them?",
        "It still has to give out its 100%, so it names whatever fits best. It has no way to say “something else”; "
        "only low bars all over, or a note that it is not sure, hint at it.",
    ),
    Step(
        "Ask it something it cannot know",
        5,
        "look",
        "deep_field.jpg",
        "This is a photograph of galaxies. Write down the network's answer and how sure it is. Is “galaxy” among the "
        "classes? The tab “This network” lists them.",
        "What does the picture have in common with the class that it names? Can a network be sure and wrong?",
        "It knows only colours, textures and shapes of its training pictures, and matches them: bright points on black "
        "look like something it has seen. A high probability means “much more like this class than like my others”, "
        "not “true”.",
    ),
    Step(
        "Where did it look?",
        6,
        "look",
        "maine_coon_tabby.jpg",
        "The map under “Where it looked” shows which places add to the score of the chosen class. Choose the second "
        "bar, then the third, and watch the map.",
        "The picture stays the same, and so does all that the network computed about it. Why does the map change?",
        "The map asks a different question each time: which places speak for this class? Every class weighs the same "
        "features of the last cell in its own way.",
    ),
    Step(
        "Do you believe the map?",
        6,
        "trust",
        "maine_coon_tabby.jpg",
        "Here the places that a map marks are erased, the most important ones first. Start the comparison and drag the "
        "slider.",
        "If a map told nothing, how would its curve compare with the curve of a random map? And how does it?",
        "A map that told nothing would do as well as random ones. The faster the probability falls when its places are "
        "erased, the more the network really depends on them. Maps can look convincing and still fail this test.",
        {"tested maps": ["Grad-CAM", "Saliency"]},
    ),
    Step(
        "Open a cell",
        7,
        "cells",
        "maine_coon_tabby.jpg",
        "The network is a chain of cells: {normal_cells} normal cells, which keep the size of the map, and "
        "{reduction_cells} reduction cells, which halve it. The last cell of the chain, {last_cell}, is open: follow "
        "the lines from its two inputs to its output. Then open others.",
        "How many blocks has the normal cell, and how many operations go into each? Which operation does nothing at "
        "all, and what may it be good for?",
        "{blocks} blocks of two operations each, whose results are added. The identity passes its input on unchanged: "
        "the signal, and while training the gradient, gets past the other operations undamaged.",
        {"open part": "{last_cell}", "switched off": []},
    ),
    Step(
        "Switch operations off",
        7,
        "cells",
        "maine_coon_tabby.jpg",
        "One operation of the last cell, {last_cell}, is switched off: what became of the bars? Switch it on again; "
        "then switch off one of the first cell, then a whole cell.",
        "Which did more harm? Find an operation that can go without changing the answer.",
        "It depends on the picture, so compare with your neighbour. Often one operation hardly matters, because the "
        "others of its cell carry similar features; a whole cell, or an operation that many later cells build upon, "
        "matters more.",
        {"open part": "{last_cell}:0:left", "switched off": ["{last_cell}:0:left"]},
    ),
    Step(
        "Be the search",
        6,
        "search",
        "",
        "Nobody drew these cells: a program proposed thousands of cells, trained each for a while, and learned to "
        "propose better ones. Draw a random cell and change it by hand.",
        "There are about {cells_in_space} different cells. If trying one took a minute, how long would it take to try "
        "all? What did the search do instead?",
        "About {years} years; the Earth is 4.5 thousand million years old. The search tried about 20,000 pairs of "
        "cells in small networks on small pictures, and used the results to make better guesses; the best cells were "
        "then stacked into larger networks (Zoph et al., 2017).",
        {"switched off": []},
    ),
    Step(
        "What have we learned?",
        3,
        "about",
        "",
        "Read what the tab says about this network: what it was trained on and how often it is right.",
        "Name one use for which you would trust this network, and one for which you would not. What would you check "
        "first?",
        "There is no single right answer. Good ones speak of the classes that it knows, of how accurate it is and on "
        "which pictures, of what happens when it is wrong, and of who is harmed then.",
    ),
)


def steps(config: Config) -> list[Step]:
    """The steps, filled in with facts about the network of `config`."""
    known = _facts(config)

    def fill(value: str | list[str]) -> str | list[str]:
        return value.format(**known) if isinstance(value, str) else [part.format(**known) for part in value]

    return [
        step._replace(
            task=step.task.format(**known),
            question=step.question.format(**known),
            answer=step.answer.format(**known),
            controls={name: fill(value) for name, value in step.controls.items()},
        )
        for step in STEPS
    ]


def _facts(config: Config) -> dict[str, str]:
    cells, genotype = plan(config), config.cell_design
    normal = sum(step.cell is genotype.normal for step in cells)
    space = search_space.count().unordered
    return {
        "classes": f"{config.classes:,}",
        "last_cell": cells[-1].name,
        "normal_cells": str(normal),
        "reduction_cells": str(len(cells) - normal),
        "blocks": str(len(genotype.normal.blocks)),
        "cells_in_space": f"{space / 1e15:.1f} thousand million million",
        "years": f"{space / MINUTES_A_YEAR / 1e9:.1f} thousand million",
    }
