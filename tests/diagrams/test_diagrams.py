"""Drawings against the genotype they are made from: the cell can be read back from the SVG."""

import io
import math
import xml.etree.ElementTree as ET
from itertools import pairwise, permutations, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from nasnet_demo.diagrams import cell as drawing
from nasnet_demo.diagrams import layout, png, svg
from nasnet_demo.diagrams import network as strip
from nasnet_demo.diagrams.scene import Box, Group, Line
from nasnet_demo.network import inventory
from nasnet_demo.network.genotypes import GENOTYPES, NASNET_A, cell, unread
from nasnet_demo.network.operations import OPERATIONS
from nasnet_demo.network.topology import Config, plan

SVG = "{http://www.w3.org/2000/svg}"
PUBLISHED = [getattr(genotype, kind) for genotype in GENOTYPES.values() for kind in ("normal", "reduction")]


def parsed(made, **options):
    return ET.fromstring(svg.write(drawing.draw(made, "a cell", **options)))


def parts(root, kind):
    return [g for g in root.iter(f"{SVG}g") if kind in g.get("class", "").split()]


def words(group):
    return " ".join(text.text for text in group.iter(f"{SVG}text"))


@st.composite
def cells(draw, blocks=5):
    """Any cell."""
    branch = [st.tuples(st.sampled_from(sorted(OPERATIONS)), st.integers(0, 1 + index)) for index in range(blocks)]
    rows = [(*draw(b), *draw(b)) for b in branch]
    outputs = {*unread(rows), draw(st.integers(0, 1 + blocks)), draw(st.integers(0, 1 + blocks))}
    assume(0 in outputs or any(0 in (left, right) for _, left, _, right in rows))
    return cell(rows, sorted(outputs))


def check_it_shows(root, made):
    shown = {g.get("data-branch"): (g.get("data-operation"), int(g.get("data-input"))) for g in parts(root, "branch")}
    assert shown == {name: tuple(branch) for name, branch in drawing.branches(made).items()}
    assert [int(g.get("data-block")) for g in parts(root, "block")] == list(range(len(made.blocks)))
    assert sorted(int(g.get("data-state")) for g in parts(root, "state")) == list(range(2 + len(made.blocks)))
    assert sorted(int(g.get("data-output")) for g in parts(root, "edge")) == sorted(made.outputs)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(set(ids)) == len(ids)
    assert all(g.find(f"{SVG}title").text for kind in ("branch", "state", "edge") for g in parts(root, kind))


@pytest.mark.parametrize("made", PUBLISHED)
def test_published_cells_show_every_operation_input_and_output(made):
    root = parsed(made)
    check_it_shows(root, made)
    assert f"concatenates {' '.join(drawing.state_name(state) for state in made.outputs)}" in words(root)


@settings(max_examples=60, deadline=None)
@given(cells())
def test_any_cell_shows_every_operation_input_and_output(made):
    check_it_shows(parsed(made), made)


def shapes(thing, kind):
    for shape in thing.shapes:
        if isinstance(shape, kind):
            yield shape
        if isinstance(shape, Group):
            yield from shapes(shape, kind)


def groups(thing, kind):
    return [group for group in shapes(thing, Group) if kind in group.kind.split()]


@settings(max_examples=60, deadline=None)
@given(cells())
def test_lines_run_from_a_state_to_its_readers_and_cross_no_box(made):
    scene = drawing.draw(made, "a cell")
    places = {int(group.data["state"]): next(shapes(group, Box)) for group in groups(scene, "state")}
    operations = [next(shapes(group, Box)) for group in groups(scene, "branch")]
    for group in groups(scene, "branch"):
        fed, summed = shapes(group, Line)
        box, source = next(shapes(group, Box)), places[int(group.data["input"])]
        assert fed.points[0] == pytest.approx((source.x, source.y - source.height / 2), abs=3)
        assert fed.points[-1] == pytest.approx((box.x, box.y + box.height / 2))
        total = places[int(group.data["block"]) + 2]
        assert abs(summed.points[-1][0] - total.x) < total.width / 2
        assert summed.points[-1][1] == pytest.approx(total.y + total.height / 2, abs=3)
    for group in groups(scene, "edge"):
        source = places[int(group.data["output"])]
        assert next(shapes(group, Line)).points[0] == pytest.approx((source.x, source.y - source.height / 2), abs=3)
    for line in shapes(scene, Line):
        for (x, foot), (_, head) in zip(line.points[1:-1:2], line.points[2:-1:2], strict=True):
            assert not any(abs(box.x - x) < box.width / 2 and head < box.y < foot for box in operations)
    for box in shapes(scene, Box):
        assert 0 < box.x - box.width / 2 < box.x + box.width / 2 < scene.width
        assert 0 < box.y - box.height / 2 < box.y + box.height / 2 < scene.height


@settings(max_examples=60, deadline=None)
@given(cells())
def test_nothing_on_a_level_overlaps(made):
    placed = layout.arrange(made)
    for n, items in enumerate(placed.levels):
        ordered = sorted(items, key=lambda item: placed.x[n, item])
        for left, right in pairwise(ordered):
            room = (layout.width(left) + layout.width(right)) / 2
            assert placed.x[n, right] - placed.x[n, left] >= room


@pytest.mark.parametrize("made", NASNET_A[1:3])
def test_nasnet_a_is_drawn_with_as_few_crossings_as_possible(made):
    placed = layout.arrange(made)
    lines = [layout.links(made, placed.levels, n) for n in range(len(placed.levels) - 1)]

    def crossings(x):
        return sum(layout.crossings(x, n, pairs) for n, pairs in enumerate(lines))

    fewest = math.inf
    for orders in product(*(permutations(items) for items in placed.levels)):
        x = {(n, item): 300 * k for n, items in enumerate(orders) for k, item in enumerate(items)}
        fewest = min(fewest, crossings(x))
    assert crossings(placed.x) == fewest


def test_values_are_painted_and_written_and_what_is_off_says_so():
    values = {"0:left": 2.0, "0:right": -1.0, "1:left": 0.0}
    root = parsed(NASNET_A.normal, values=values, off={"4:right"})
    found = {g.get("data-branch"): g for g in parts(root, "branch")}
    fills = {name: group.find(f"{SVG}rect").get("fill") for name, group in found.items()}
    assert fills["0:left"] == "#e67800"
    assert fills["1:left"] == fills["2:left"] == "#ffffff"
    assert fills["4:right"] == "none"
    red, _, blue = bytes.fromhex(fills["0:right"][1:])
    assert blue > red
    assert "+2" in words(found["0:left"])
    assert "−1" in words(found["0:right"])
    assert "off" in words(found["4:right"])
    assert "switched off" in found["4:right"].find(f"{SVG}title").text
    assert "off" in found["4:right"].get("class").split()
    assert all(path.get("stroke-dasharray") for path in found["4:right"].iter(f"{SVG}path") if path.get("stroke"))


def test_a_branch_that_the_cell_lacks_is_refused():
    with pytest.raises(ValueError, match="no branch '5:left'"):
        drawing.draw(NASNET_A.normal, "a cell", values={"5:left": 1})
    with pytest.raises(ValueError, match="no branch '0:middle'"):
        drawing.draw(NASNET_A.normal, "a cell", off={"0:middle"})


def test_titles_from_outside_are_escaped():
    evil = "<script>alert(1)</script>\" onload='x'"
    scene = drawing.draw(NASNET_A.normal, evil)
    root = ET.fromstring(svg.write(scene))
    assert root.find(f"{SVG}title").text == evil
    assert root.get("aria-label") == evil
    assert not list(root.iter(f"{SVG}script"))


def test_files_are_black_on_white_and_of_print_quality():
    scene = drawing.draw(NASNET_A.reduction, "a cell")
    root = ET.fromstring(svg.write_file(scene).encode())
    assert root.get("color") == "#111111"
    assert root.find(f"{SVG}rect").get("fill") == "#ffffff"
    picture = Image.open(io.BytesIO(png.write(scene)))
    assert picture.info["dpi"] == pytest.approx((300, 300), abs=1)
    assert picture.width == pytest.approx(scene.width / 96 * 300, abs=1)
    pixels = np.asarray(picture.convert("RGB"))
    for group in groups(scene, "branch"):  # every box has its colour at its place
        box = next(shapes(group, Box))
        x, y = (box.x - box.width / 2 + 6) / 96 * 300, box.y / 96 * 300
        assert "#" + bytes(pixels[round(y), round(x)]).hex() == box.fill


def test_a_strip_shows_every_part_with_its_size_and_cost():
    config = Config(cells=3, filters=12, stem_filters=8, stem_reductions=1, classes=20, image_size=48)
    root = ET.fromstring(svg.write(strip.draw(config)))
    held = inventory.count(config)
    shown = parts(root, "part")
    assert [g.get("data-part") for g in shown] == ["conv0", *(step.name for step in plan(config)), "final_layer"]
    assert list(held.parts) == [g.get("data-part") for g in shown]
    for group in shown[1:-1]:
        name = group.get("data-part")
        size, cost = held.cells[name], held.parts[name]
        assert f"{size.height}×{size.width}" in words(group)
        assert f" {size.channels} " in words(group)
        said = group.find(f"{SVG}title").text
        assert f"{cost.parameters:,} parameters, {cost.macs:,} multiply-adds" in said
    assert sum(cost.parameters for cost in held.parts.values()) == held.parameters


def test_a_strip_without_classes_ends_with_the_last_cell():
    root = ET.fromstring(svg.write(strip.draw(Config(cells=3, filters=12, classes=0))))
    assert parts(root, "part")[-1].get("data-part") == "cell_2"


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (999, "999"), (1000, "1k"), (8776, "8.78k"), (999_499, "999k"), (999_600, "1M")]
)
def test_short_numbers(number, text):
    assert strip.short_number(number) == text


def test_the_drawing_in_the_guide_is_what_the_command_writes():
    path = Path(__file__).parents[2] / "docs" / "nasnet-a-normal.svg"
    drawn = drawing.draw(NASNET_A.normal, "NASNet-A, normal cell", "normal")
    assert path.read_text(encoding="utf-8") == svg.write_file(drawn)
