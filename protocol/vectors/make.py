"""Writes smp.json: golden bytes made by other people's code (smp, cbor2, crcmod, zlib, imgtool), so that neither our
TypeScript nor our C checks itself. Run with the Python of the test clients (deploy/setup --test):

    ~/.cache/otolith/test-clients/bin/python protocol/vectors/make.py

Every vector is one line of the file and every value is a number, a word or hex, so that C reads it without a parser.
"""

import json
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import cbor2
from smp import header as smphdr
from smp import image_management as img
from smp import os_management as osm
from smp.packet import encode

HERE = Path(__file__).parent
IMGTOOL = Path(sys.executable).parent / "imgtool"
KEY = bytes(range(32))
VENDOR = 0x6F74
READ, READ_REPLY, WRITE, WRITE_REPLY = 0, 1, 2, 3


def packet(name, version, op, group, command, seq, body):
    """A packet of header fields and canonical CBOR, and the lines smp's own encoder makes of it."""
    payload = cbor2.dumps(body, canonical=True)
    head = struct.pack("!BBHHBB", (version - 1) << 3 | op, 0, len(payload), group, seq, command)
    whole = head + payload
    parsed = smphdr.Header.loads(head)
    assert (parsed.length, parsed.group_id, parsed.sequence) == (len(payload), group, seq)
    return {
        "name": name, "version": version, "op": op, "group": group, "command": command, "seq": seq,
        "body": payload.hex(), "packet": whole.hex(), "lines": b"".join(encode(whole)).hex(),
    }


def from_library(name, request):
    """A request as the smp library serialises it."""
    whole = bytes(request.BYTES)
    fields = struct.unpack("!BBHHBB", whole[:8])
    return {
        "name": name, "version": (fields[0] >> 3 & 3) + 1, "op": fields[0] & 7, "group": fields[3],
        "command": fields[5], "seq": fields[4], "body": whole[8:].hex(), "packet": whole.hex(),
        "lines": b"".join(encode(whole)).hex(),
    }


def packets():
    sha = bytes(range(32))
    record = {"seq": 7, "win": 5, "cls": 1, "scores": [-120, 2147483647, -2147483648, 0], "ticks": 14800123,
              "uj": 5180, "src": "estimated", "arena": 41000, "stack": 2048}
    identity = {"v": 1, "board": "cortex-m4", "core": "cortex-m4", "sn": "", "clk": 25000000,
                "unit": "instructions", "buf": 2048, "boot": "1.0.0", "ctr": 3}
    app = {"mode": "app", **identity, "fw": "1.2.3.4", "boots": 9, "reset": "software", "model": "qmicro", "kind": "int8",
           "hash": sha, "rate": 20000, "window": 30225, "classes": 10, "scale": 4660, "arena": 65536, "stack": 8192}
    yield from_library("echo", osm.EchoWriteRequest(sequence=1, d="hello"))
    yield from_library("params", osm.MCUMgrParametersReadRequest(sequence=2))
    yield from_library("reset", osm.ResetWriteRequest(sequence=3))
    yield from_library("state-read", img.ImageStatesReadRequest(sequence=4))
    yield from_library("state-test", img.ImageStatesWriteRequest(sequence=5, hash=sha, confirm=False))
    yield from_library("state-confirm", img.ImageStatesWriteRequest(sequence=6, confirm=True))
    yield from_library("upload-first", img.ImageUploadWriteRequest(
        sequence=7, off=0, data=bytes(range(200)), len=170000, sha=sha, image=0))
    yield from_library("upload-next", img.ImageUploadWriteRequest(sequence=255, off=200, data=b"\x0a" * 100))
    yield packet("echo-reply", 2, WRITE_REPLY, 0, 0, 1, {"r": "hello"})
    yield packet("params-reply", 2, READ_REPLY, 0, 6, 2, {"buf_size": 2048, "buf_count": 2})
    yield packet("reset-reply", 2, WRITE_REPLY, 0, 5, 3, {})
    yield packet("upload-reply", 2, WRITE_REPLY, 1, 1, 7, {"off": 200})
    yield packet("error-v1", 1, WRITE_REPLY, 0, 4, 8, {"rc": 8})
    yield packet("error-v2", 2, WRITE_REPLY, 1, 0, 9, {"err": {"group": 1, "rc": 8}})
    yield packet("info", 2, READ, VENDOR, 0, 10, {})
    yield packet("info-reply", 2, READ_REPLY, VENDOR, 0, 10, app)
    yield packet("info-reply-recovery", 2, READ_REPLY, VENDOR, 0, 11, {"mode": "recovery", **identity})
    yield packet("audio-first", 2, WRITE, VENDOR, 1, 12, {"win": 5, "off": 0, "data": struct.pack("<4h", 0, 1, -1, -32768)})
    yield packet("audio-last", 2, WRITE, VENDOR, 1, 13,
                 {"win": 5, "off": 60448, "data": struct.pack("<h", 32767), "crc": 0xDEADBEEF})
    yield packet("audio-reply", 2, WRITE_REPLY, VENDOR, 1, 12, {"win": 5, "off": 8})
    yield packet("audio-busy", 2, WRITE_REPLY, VENDOR, 1, 12, {"rc": 10})
    yield packet("results", 2, READ, VENDOR, 2, 14, {"seq": 7})
    yield packet("results-max", 2, READ, VENDOR, 2, 15, {"seq": 7, "max": 1})
    yield packet("results-reply", 2, READ_REPLY, VENDOR, 2, 14, {
        "boots": 9, "reset": "software", "first": 3, "next": 8, "lost": 2, "clk": 25000000, "unit": "instructions",
        "recs": [record]})
    yield packet("bench", 2, WRITE, VENDOR, 3, 16, {"seed": 1, "run": 77})
    yield packet("bench-reply-waiting", 2, WRITE_REPLY, VENDOR, 3, 16, {"done": False})
    done = {key: value for key, value in record.items() if key not in ("seq", "win")}
    yield packet("bench-reply", 2, WRITE_REPLY, VENDOR, 3, 16, {
        "done": True, "seed": 1, "run": 77, "hash": sha, **done, "clk": 25000000, "unit": "instructions"})
    yield packet("stats", 2, READ, VENDOR, 4, 17, {})
    names = "up boots rx rxover frames badcrc badfrm badreq tx wins wincrc windrop busy infer lost".split()
    yield packet("stats-reply", 2, READ_REPLY, VENDOR, 4, 17, {key: at * 1000 for at, key in enumerate(names)})
    yield packet("labels", 2, READ, VENDOR, 5, 18, {"from": 0})
    yield packet("labels-reply", 2, READ_REPLY, VENDOR, 5, 18, {"count": 3, "from": 0, "labels": ["dog", "rain", "sea"]})


def checksums():
    crc16 = __import__("crcmod.predefined").predefined.mkPredefinedCrcFun("xmodem")
    for data in (b"", b"\0", b"123456789", bytes(range(256))):
        yield {"data": data.hex(), "crc16": crc16(data), "crc32": zlib.crc32(data)}


def bench_windows():
    """The window of a seed, written from VENDOR.md and independently of vendor.ts."""
    for seed in (0, 1, 42, 0xFFFFFFFF):
        x, samples = seed or 0x6F746F6C, []
        for i in range(30225):
            x ^= x << 13 & 0xFFFFFFFF
            x ^= x >> 17
            x ^= x << 5 & 0xFFFFFFFF
            high = x >> 16
            samples.append((high - 0x10000 if high & 0x8000 else high) >> (i >> 11 & 7))
        data = struct.pack("<30225h", *samples)
        yield {"seed": seed, "samples": 30225, "first": data[:32].hex(), "last": data[-32:].hex(), "crc32": zlib.crc32(data)}


def images():
    """Images by imgtool: signed, and padded to a slot with the trailer of a test and of a permanent swap."""
    from cryptography.hazmat.primitives import serialization as ser
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.from_private_bytes(KEY)
    public = key.public_key().public_bytes(ser.Encoding.Raw, ser.PublicFormat.Raw)
    body = bytes(i * 7 & 0xFF for i in range(300))
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        (at / "key.pem").write_bytes(key.private_bytes(ser.Encoding.PEM, ser.PrivateFormat.PKCS8, ser.NoEncryption()))
        (at / "body.bin").write_bytes(body)
        for name, version, extra in (
            ("signed", "1.2.3+4", []),
            ("test", "2.0.0", ["--pad"]),
            ("permanent", "255.255.65535+4294967295", ["--pad", "--confirm"]),
        ):
            out = at / "out.bin"
            subprocess.run(
                [IMGTOOL, "sign", "--key", at / "key.pem", "--security-counter", "3", "--custom-tlv", "0xa0", "cortex-m4",
                 "--version", version, "--header-size", "64", "--pad-header", "--slot-size", "2048", "--max-sectors", "2",
                 "--align", "8", *extra, at / "body.bin", out],
                check=True, stdout=subprocess.DEVNULL)
            yield {"name": name, "version": version, "seed": KEY.hex(), "public": public.hex(), "header": 64, "counter": 3,
                   "board": "cortex-m4", "body": body.hex(), "image": out.read_bytes().hex()}


def main():
    groups = {"checksums": checksums(), "packets": packets(), "windows": bench_windows(), "images": images()}
    text = ",\n".join(
        json.dumps(name) + ": [\n" + ",\n".join(json.dumps(vector) for vector in vectors) + "\n]"
        for name, vectors in groups.items())
    (HERE / "smp.json").write_text("{\n" + text + "\n}\n")


main()
