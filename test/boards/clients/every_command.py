"""Runs every command of smpmgr that talks to a board on the one at PORT; prints JSON lines:

    every_command.py PORT IMAGE

One line per command: {"name", "exit", "said"}. A command without sample arguments ends it with an error.
"""

import asyncio
import json
import os
import sys

import typer
from smpmgr.main import app
from typer.testing import CliRunner

# These two talk to a person.
NO_REQUEST = {"terminal", "interactive"}


def samples(image):
    return {
        "os echo": ["hello"],
        "statistics get": ["smp"],
        "image upload": [image],
        "image erase": ["1"],
        "file get-hash": ["/a"],
        "file read-size": ["/a"],
        "file upload": [image, "/a"],
        "file download": ["/a", os.devnull],
        "enum get-group-details": ["1"],
        "ic upload": [image],
        "image state-write": ["--confirm"],
        "shell": ["help"],
        "upgrade": ["--slot", "1", image],
    }


def names(command, path=()):
    for name, child in command.commands.items():
        if hasattr(child, "commands"):
            yield from names(child, (*path, name))
        elif name not in NO_REQUEST:
            yield " ".join((*path, name))


def main():
    port, image = sys.argv[1:3]
    arguments = samples(image)
    for name in names(typer.main.get_command(app)):
        line = ["--port", port, "--timeout", "5", *name.split(" "), *arguments.get(name, [])]
        result = CliRunner().invoke(app, line)
        said = result.output + ("" if result.exception is None else repr(result.exception))
        print(json.dumps({"name": name, "exit": result.exit_code, "said": said}))


main()
