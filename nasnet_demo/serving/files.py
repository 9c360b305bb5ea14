"""The two routes for files, in and out; Gradio's own ones would name uploads by their content."""

import asyncio
import mimetypes

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from nasnet_demo.errors import UploadError
from nasnet_demo.serving.uploads import LARGEST, Uploads

AT_ONCE = 50  # uploads at the same time
PATIENCE = 120  # seconds for one upload to arrive
SHOWN = {"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/bmp"}  # by the browser itself
TOO_LARGE = f"The file is too large; the limit is {LARGEST / 1e6:g} MB."


def routes(uploads: Uploads) -> list[Route]:
    """The routes for the uploads of one server."""

    on_their_way = 0

    async def upload(request: Request) -> Response:
        """Keep the one file in a form's field `files`; the answer is a list with its name."""
        nonlocal on_their_way
        if on_their_way >= AT_ONCE:
            raise HTTPException(503, "Too many pictures are on their way to the server: please try again.")
        on_their_way += 1
        try:
            await run_in_threadpool(uploads.make_room, int(request.headers.get("content-length", 0)))
            async with asyncio.timeout(PATIENCE), request.form(max_files=1, max_fields=1) as form:
                sent = form.get("files")
                if not isinstance(sent, UploadFile):
                    raise HTTPException(400, "One file is expected, in the field 'files'.")
                if (sent.size or 0) > LARGEST:
                    raise HTTPException(413, TOO_LARGE)
                name = await run_in_threadpool(uploads.save, sent.file, sent.size or 0, sent.filename or "")
        except TimeoutError:
            raise HTTPException(408, "The upload took too long.") from None
        except OSError:
            raise HTTPException(507, "The server has no room for the file.") from None
        finally:
            on_their_way -= 1
        return JSONResponse([name])

    async def progress(request: Request) -> Response:
        """An upload's progress, of which nothing is reported: uploads take only a moment."""
        return Response(media_type="text/event-stream")

    async def download(request: Request) -> Response:
        """A file that the page shows: a visitor's own upload, or an example."""
        try:
            path = await run_in_threadpool(uploads.path_of, request.path_params["name"])
        except UploadError as error:
            raise HTTPException(404, str(error)) from None
        kind = mimetypes.guess_type(path.name)[0]
        if kind in SHOWN:
            return FileResponse(path, media_type=kind, headers={"Cache-Control": "private"})
        return FileResponse(path, media_type="application/octet-stream", filename=path.name)

    return [
        Route("/gradio_api/upload", upload, methods=["POST"]),
        Route("/gradio_api/upload_progress", progress),
        Route("/gradio_api/file={name:path}", download),
    ]
