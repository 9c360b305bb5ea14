"""What visitors' questions pass through before the handlers: whatever is asked, an answer or one line comes back."""

import logging
import shutil

import gradio as gr
import pytest
from gradio.state_holder import SessionState
from support.coroutines import run

from nasnet_demo.ui import page
from nasnet_demo.ui.inputs import Picture

PICTURE = {"path": "uploads/photo.jpg", "meta": {"_type": "gradio.FileData"}}


@pytest.fixture(scope="module")
def made(tiny_model, photo, tmp_path_factory):
    """The page, and one upload in its server's folder."""
    folder = tmp_path_factory.mktemp("server")
    (folder / "uploads").mkdir()
    shutil.copy(photo, folder / PICTURE["path"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(folder))
        return page.build(tiny_model)


def ask(made, function, inputs, event=None):
    """The answer to an event, or the line that comes instead."""

    async def process():
        made.create_limiter()
        data = gr.EventData(None, event)
        return await made.process_api(
            function,
            inputs,
            SessionState(made),
            gr.Request(session_hash="visitor"),
            event_data=data,
            root_path="http://here",
        )

    try:
        return run(process())["data"]
    except gr.Error as error:
        return "a traceback" if error.print_exception else error.message


def event(made, name):
    return next(function for function in made.fns.values() if function.api_name == name)


@pytest.mark.parametrize(
    ("value", "picture", "happened"),
    [
        (None, None, None),
        ([], {}, [1]),
        ([None], PICTURE, {"branch": 5, "place": [1]}),
        ({"a": [1]}, "x", 5),
        ("no such thing", PICTURE, {"part": {}}),
        (-1e300, PICTURE, {"channel": -1}),
        (PICTURE, [PICTURE], {}),
    ],
)
def test_no_value_whatever_makes_a_handler_fail(made, caplog, value, picture, happened):
    for function in filter(lambda function: function.fn, made.fns.values()):
        inputs = [picture if isinstance(block, Picture) else value for block in function.inputs]
        answer = ask(made, function, inputs, happened)
        if isinstance(answer, str):
            assert "\n" not in answer
            assert answer != "a traceback"
            assert str(made.uploads.folder) not in answer
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_null_is_what_a_component_shows_at_first(made):
    question = [None, "class 3", None, None]
    assert ask(made, event(made, "choose_method"), [*question, None, None]) == ask(
        made, event(made, "choose_method"), [*question, "activations", False]
    )


def test_files_are_named_in_answers_and_in_what_the_browser_is_told(made):
    (told,) = ask(made, event(made, "example"), [], {"photo": "koala.jpg"})
    assert not told["path"].startswith("/")
    assert told["url"] == f"http://here/gradio_api/file={told['path']}"
    assert made.uploads.path_of(told["path"]).is_file()
    assert str(made.uploads.folder) not in str(made.get_config_file())


def test_a_picture_stays_one_of_ours_when_gradio_makes_it_anew(made):
    """As it does for a visitor whose picture the lesson has changed: Gradio's own would open the file by itself."""
    picture = next(block for block in made.blocks.values() if isinstance(block, Picture))
    anew = type(picture)(**picture.constructor_args, render=False)
    assert anew.preprocess(type("Payload", (), {"path": "/no/such/file"})) == "/no/such/file"


@pytest.mark.parametrize("error", [ZeroDivisionError, MemoryError, SystemExit, KeyboardInterrupt])
def test_a_mistake_of_ours_is_said_and_its_traceback_is_in_the_log(made, caplog, monkeypatch, error):
    """Also one that means to end the thread, or the process."""

    def fail(*question):
        raise error

    function = event(made, "same_scale")
    monkeypatch.setattr(function, "fn", fail)
    assert "not your fault" in ask(made, function, [None] * len(function.inputs))
    assert caplog.records[-1].exc_info
