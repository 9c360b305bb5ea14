"""Class names: the facts that an off-by-one would break, and finding a class by whatever people type."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nasnet_demo.errors import LabelError
from nasnet_demo.pictures import labels
from nasnet_demo.pictures.labels import for_network, imagenet

FACTS = [
    (0, "n01440764", "tench"),
    (1, "n01443537", "goldfish"),
    (281, "n02123045", "tabby cat"),
    (292, "n02129604", "tiger"),
    (388, "n02510455", "giant panda"),
    (620, "n03642806", "laptop"),
    (999, "n15075141", "toilet tissue"),
]
BIRD, MACHINE = 134, 517  # two classes that WordNet both calls crane


@pytest.mark.parametrize(("index", "wnid", "name"), FACTS)
def test_known_classes_lie_where_imagenet_has_them(index, wnid, name):
    assert for_network(1000)[index][:2] == (wnid, name)
    assert for_network(1001)[index + 1][:2] == (wnid, name)
    assert for_network(1000).find(wnid) == index
    assert for_network(1001).find(name) == index + 1


def test_background_comes_first_of_1001_and_is_nowhere_else():
    with_background, without = for_network(1001), for_network(1000)
    assert len(with_background) == 1001
    assert len(without) == 1000
    assert with_background[0].wnid == ""
    assert with_background.find("background") == 0
    assert tuple(with_background[1:]) == tuple(without)
    with pytest.raises(LabelError):
        without.find("background")


def test_wordnet_ids_are_unique_and_in_imagenets_order():
    wnids = [label.wnid for label in imagenet()]
    assert len(set(wnids)) == 1000
    assert wnids == sorted(wnids)
    assert all(re.fullmatch(r"n\d{8}", wnid) for wnid in wnids)


def test_names_are_plain_and_unique_in_any_case():
    names = imagenet().names()
    assert len({name.lower() for name in names}) == 1000
    assert [name for name in names if not re.fullmatch(r"[\w.'() -]+", name) or name != name.strip()] == []


def test_other_names_do_not_repeat_the_first():
    repeated = [label.name for label in imagenet() if label.name.lower() in map(str.lower, label.others)]
    assert repeated == []


def test_a_card_decides_the_order():
    found = for_network(3, ["n02123045", "n01440764", "n99999999"])
    assert [label.name for label in found] == ["tabby cat", "tench", "n99999999"]
    assert found.find("tabby") == 0
    assert found.find("n99999999") == 2


def test_a_card_may_name_another_thousand_classes_than_imagenets_order():
    turned = [label.wnid for label in reversed(imagenet())]
    assert for_network(1000, turned)[0].name == "toilet tissue"


@pytest.mark.parametrize("count", [1, 199, 201, 1000])
def test_a_card_of_another_length_is_refused(count):
    with pytest.raises(LabelError, match=f"names {count} classes, but the network has 200"):
        for_network(200, ["n02123045"] * count)


@pytest.mark.parametrize("classes", [1, 200, 999, 1002])
def test_classes_without_names_are_numbered_from_0(classes):
    found = for_network(classes)
    assert len(found) == classes
    assert found[classes - 1].name == f"class {classes - 1}"
    assert found.find(f"class {classes - 1}") == classes - 1


@pytest.mark.parametrize("classes", [1000, 1001])
def test_every_class_is_found_by_its_index_id_and_name(classes):
    known = for_network(classes)
    for index, label in enumerate(known):
        assert known.find(index) == known.find(str(index)) == known.find(label.name) == index
        if label.wnid:
            assert known.find(label.wnid) == index


@given(st.integers(0, 999), st.sampled_from([str.upper, str.lower, str.title]), st.sampled_from(["", " ", "\t", " \n"]))
def test_case_and_blanks_around_a_name_do_not_matter(index, case, blank):
    assert imagenet().find(f"{blank}{case(imagenet()[index].name)}{blank}") == index


def test_another_name_finds_the_class():
    assert imagenet().find("tabby") == 281
    assert imagenet().find("Carassius auratus") == 1
    assert imagenet().find("toilet paper") == 999


def test_the_first_name_of_one_class_wins_over_another_name_of_another():
    others = [label.name for label in imagenet() if "partridge" in label.others]
    assert others  # else this test says nothing
    assert imagenet()[imagenet().find("partridge")].name == "partridge"


def test_a_name_that_two_classes_share_is_not_guessed():
    with pytest.raises(LabelError, match=r"'crane' may be any of: crane \(bird\), crane \(machine\)"):
        imagenet().find("crane")
    assert imagenet().find("crane (bird)") == BIRD
    assert imagenet().find("crane (machine)") == MACHINE


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("goldfsh", "goldfish"), ("taby", "tabby cat"), ("labrador", "Labrador retriever"), ("toilet", "toilet tissue")],
)
def test_an_unknown_name_brings_suggestions(typed, meant):
    with pytest.raises(LabelError, match=f"no class '{typed}'; did you mean .*{meant}"):
        imagenet().find(typed)


def test_nonsense_brings_no_suggestion():
    with pytest.raises(LabelError) as caught:
        imagenet().find("qqqqzzzzxxxx")
    assert str(caught.value) == "no class 'qqqqzzzzxxxx'"


@pytest.mark.parametrize("index", [-1, 1000, "-1", "1000", 10**12])
def test_an_index_out_of_range_is_refused_not_wrapped_around(index):
    with pytest.raises(LabelError, match=f"class {index} is out of range: there are 1000, counted from 0"):
        imagenet().find(index)


@given(st.text())
@example("")
@example("   ")
@example("\u00b2")  # a digit to str.isdigit, no number to int
@example("--5")
@example("9" * 5000)  # more digits than int takes
@example("a\nb\u2028c")
def test_whatever_is_typed_gives_a_class_or_one_line(text):
    try:
        index = imagenet().find(text)
    except LabelError as error:
        message = str(error)
    else:
        label, wanted, message = imagenet()[index], text.strip().lower(), "found"
        names = {label.wnid, *(name.lower() for name in (label.name, *label.others))}
        assert wanted in names or int(wanted) == index
    assert len(message.splitlines()) == 1


def test_the_background_class_is_not_found_by_an_empty_id():
    with pytest.raises(LabelError):
        for_network(1001).find("")
    with pytest.raises(LabelError):
        labels.Labels([labels.Label("", "a"), labels.Label("", "b")]).find(" ")


def test_names_of_ones_own_win_over_ids_and_numbers():
    known = for_network(3, names=("7", "Anna's cat", "0"))
    assert known.names() == ["7", "Anna's cat", "0"]
    assert [known.find(query) for query in ("7", "0", "anna's CAT", 0, 2, "1")] == [0, 2, 1, 0, 2, 1]
    assert {label.wnid for label in known} == {""}
    with pytest.raises(LabelError, match="the card names 3 classes, but the network has 2"):
        for_network(2, names=("a", "b", "c"))


def test_an_everyday_word_is_answered_with_the_classes_that_it_means():
    with pytest.raises(LabelError, match=r"it knows: Chihuahua, Japanese spaniel, .* and 106 more$"):
        imagenet().find("dog")
    with pytest.raises(LabelError, match=r"it knows: tabby cat, tiger cat, Persian cat, Siamese cat, Egyptian cat$"):
        imagenet().find("Cats")


def test_every_kind_is_one_of_many_imagenet_classes():
    ids = [label.wnid for label in imagenet()]
    for word, runs in labels.kinds().items():
        assert all(first in ids and last in ids and first <= last for first, last in runs), word
        assert sum(first <= wnid <= last for wnid in ids for first, last in runs) > 1, word
