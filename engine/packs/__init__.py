"""packs: a folder of JSON → a frozen Release; the differences between two releases. Never touches a database."""

from engine.packs.compile import TemporaryIds, check_pack, compile_pack, release_from_body
from engine.packs.migrate import Change, changes, operations
from engine.packs.pack import KINDS, Pack, load_pack, read_pack
from engine.packs.release import PackInfo, Release
from engine.packs.rule_definition import LinkedRule, Step, Watch
from engine.packs.structure import schema

__all__ = [
    "KINDS",
    "Change",
    "LinkedRule",
    "Pack",
    "PackInfo",
    "Release",
    "Step",
    "TemporaryIds",
    "Watch",
    "changes",
    "check_pack",
    "compile_pack",
    "load_pack",
    "operations",
    "read_pack",
    "release_from_body",
    "schema",
]
