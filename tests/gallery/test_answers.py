"""The groups of the example photographs: what a network makes of them decides, and is worked out once."""

from types import SimpleNamespace

from nasnet_demo.gallery import credits
from nasnet_demo.gallery.answers import EASY, FOOLED, TWO, UNKNOWN, groups


class Network:
    """Takes everything for a koala, the surer the later it is asked, and counts how often it is asked."""

    def __init__(self):
        self.key, self.asked = "a" * 64, 0

    def classify(self, picture, top):
        self.asked += 1
        return [SimpleNamespace(index=1, probability=self.asked / 100)]


def test_photographs_are_grouped_by_what_the_network_makes_of_them(empty_cache):
    photos = credits()
    wnids = ["n02510455", *{photo["wnid"] for photo in photos if photo["wnid"]} - {"n01882714"}]
    wnids.insert(1, "n01882714")
    found = groups(Network(), wnids)
    assert [photo["file"] for photo in found[EASY]] == ["koala.jpg"]
    assert sum(map(len, found.values())) == len(photos)
    assert all(photo["wnid"] and not photo.get("two") for photo in found[FOOLED])
    assert all(not photo["wnid"] for photo in found[UNKNOWN])
    assert all(photo["two"] for photo in found[TWO])
    order = [photo["file"] for photo in photos if not photo["wnid"]]
    assert [photo["file"] for photo in found[UNKNOWN]] == order[::-1]  # the surest first


def test_the_answers_are_kept_for_the_next_start(empty_cache):
    first, second = Network(), Network()
    assert groups(first, ["n02510455", "n01882714"]) == groups(second, ["n02510455", "n01882714"])
    assert (first.asked, second.asked) == (len(credits()), 0)
