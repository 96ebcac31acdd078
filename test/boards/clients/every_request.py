"""Sends every request that smpclient knows to the board at PORT, in both versions of the protocol; prints JSON lines:

    every_request.py PORT IMAGE

One line per class: {"name", "user", "group", "command", "op", "answers": {"1": ..., "2": ...}}. An answer is "works", "unreadable" (not
what smpclient takes for one), {"rc"} or {"group", "rc"}. A class without sample parameters ends it with an error.
"""

import asyncio
import importlib
import inspect
import json
import logging
import pkgutil
import sys
from pathlib import Path

import smpclient.requests
from smp import header, message
from smpclient import SMPClient
from smpclient.exceptions import SMPClientException
from smpclient.generics import error_v1, error_v2
from smpclient.transport.serial import SMPSerialTransport


def samples(image):
    upload = {"off": 0, "data": image[:100], "len": len(image), "image": 0}
    file = {"off": 0, "name": "/a"}
    return {
        "EchoWrite": {"d": "hello"},
        "DateTimeWrite": {"datetime": "2026-01-01T00:00:00"},
        "ImageStatesWrite": {"confirm": True},
        "ImageUploadWrite": upload,
        "GroupData": {"name": "smp"},
        "ReadSetting": {"name": "a"},
        "WriteSetting": {"name": "a", "val": b"\0"},
        "DeleteSetting": {"name": "a"},
        "FileDownload": file,
        "FileUpload": {**file, "data": b"\0", "len": 1},
        "FileStatus": {"name": "/a"},
        "FileHashChecksum": {"name": "/a"},
        "Execute": {"argv": ["help"]},
    }


def request_classes():
    for module in pkgutil.walk_packages(smpclient.requests.__path__, "smpclient.requests."):
        for _, member in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(member, message.Request) and member.__module__ == module.name:
                yield member


async def answer(client, request):
    try:
        reply = await client.request(request, timeout_s=5)
    except (TimeoutError, asyncio.TimeoutError):
        return "silence"
    except (SMPClientException, ValueError):
        return "unreadable"
    if error_v2(reply):
        return {"group": int(reply.err.group), "rc": int(reply.err.rc)}
    # The answer of memory pools has keys of any name, so that smpclient takes an error for one.
    refused = error_v1(reply) or "rc" in (reply.model_extra or {})
    return {"rc": int(reply.rc)} if refused else "works"


async def main():
    # It warns of every answer in version 1, which here is asked for.
    logging.disable(logging.WARNING)
    port, path = sys.argv[1:3]
    parameters = samples(Path(path).read_bytes())
    async with SMPClient(SMPSerialTransport(), port) as client:
        for kind in request_classes():
            sample = parameters.get(kind.__name__, {})
            answers = {}
            for version in header.Version:
                request = kind(**sample, version=version)
                answers[str(version + 1)] = await answer(client, request)
            line = {
                "name": kind.__name__,
                "user": ".user." in kind.__module__,
                "group": int(kind._GROUP_ID),
                "command": int(kind._COMMAND_ID),
                "op": "read" if kind._OP == header.OP.READ else "write",
                "answers": answers,
            }
            print(json.dumps(line))


asyncio.run(main())
