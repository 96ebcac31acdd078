"""Brings an image onto a board with smpclient alone and prints what it saw as JSON:

    upgrade.py PORT IMAGE         echo, list, upload, test, reset, confirm
    upgrade.py PORT IMAGE upload  upload only, for timing
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from smpclient import SMPClient
from smpclient.generics import success
from smpclient.mcuboot import ImageInfo, IMAGE_TLV
from smpclient.requests.image_management import ImageStatesRead, ImageStatesWrite
from smpclient.requests.os_management import EchoWrite, ResetWrite
from smpclient.transport.serial import SMPSerialTransport


async def ask(client, request, tries=40):
    """A good answer, asked for again while the board is starting."""
    for _ in range(tries - 1):
        try:
            answer = await client.request(request, timeout_s=2)
            break
        except (TimeoutError, asyncio.TimeoutError):
            continue
    else:
        answer = await client.request(request, timeout_s=2)
    assert success(answer), answer
    return answer


async def upload(client, image):
    begun = time.monotonic()
    async for _ in client.upload(image, first_timeout_s=40, subsequent_timeout_s=10):
        pass
    return time.monotonic() - begun


def plain(states):
    return [
        {"slot": s.slot, "version": s.version, "hash": bytes(s.hash or b"").hex(), "active": bool(s.active),
         "pending": bool(s.pending), "confirmed": bool(s.confirmed)}
        for s in states.images
    ]


async def main():
    port, path = sys.argv[1:3]
    image = Path(path).read_bytes()
    seen = {}
    async with SMPClient(SMPSerialTransport(), port) as client:
        if sys.argv[3:] == ["upload"]:
            seen["seconds"] = await upload(client, image)
            print(json.dumps(seen))
            return
        seen["echo"] = (await ask(client, EchoWrite(d="hello"))).r
        seen["before"] = plain(await ask(client, ImageStatesRead()))
        seen["seconds"] = await upload(client, image)
        digest = ImageInfo.load_file(path).get_tlv(IMAGE_TLV.SHA256).value
        seen["marked"] = plain(await ask(client, ImageStatesWrite(hash=digest, confirm=False)))
        await ask(client, ResetWrite())
        await asyncio.sleep(1)
        seen["trial"] = plain(await ask(client, ImageStatesRead()))
        await ask(client, ImageStatesWrite(hash=digest, confirm=True))
        seen["after"] = plain(await ask(client, ImageStatesRead()))
    print(json.dumps(seen))


asyncio.run(main())
