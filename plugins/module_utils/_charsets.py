# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Character sets of the IANA registry that mail uses, read as mail clients read them.

Python has codecs that are no character sets (punycode, unicode_escape, zlib), some of which take time that grows with
the square of their input: what is not in the table here is not decoded.

Pure, standard library only: the forwarder's code package carries a copy of this file under the same import path.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable

_WINDOWS_1252 = "cp1252"
# IANA, "Character Sets": names and aliases in lower case, by the Python codec that reads them. As in the WHATWG
# Encoding Standard, a set whose superset is what software really writes is read as that superset.
_NAMES_BY_CODEC = {
    _WINDOWS_1252: "us-ascii ascii ansi_x3.4-1968 iso646-us iso-8859-1 iso8859-1 iso_8859-1 latin1 windows-1252 cp1252",
    "utf-8": "utf-8 utf8 unicode-1-1-utf-8",
    "utf-7": "utf-7 unicode-1-1-utf-7",
    "utf-16": "utf-16",
    "utf-16-be": "utf-16be",
    "utf-16-le": "utf-16le",
    "utf-32": "utf-32",
    "iso8859-2": "iso-8859-2 iso8859-2 iso_8859-2 latin2",
    "iso8859-3": "iso-8859-3 iso8859-3 latin3",
    "iso8859-4": "iso-8859-4 iso8859-4 latin4",
    "iso8859-5": "iso-8859-5 iso8859-5 cyrillic",
    "iso8859-6": "iso-8859-6 iso8859-6 iso-8859-6-e iso-8859-6-i arabic",
    "iso8859-7": "iso-8859-7 iso8859-7 greek",
    "iso8859-8": "iso-8859-8 iso8859-8 iso-8859-8-e iso-8859-8-i hebrew",
    "cp1254": "iso-8859-9 iso8859-9 latin5 windows-1254 cp1254",
    "iso8859-10": "iso-8859-10 iso8859-10 latin6",
    "iso8859-13": "iso-8859-13 iso8859-13",
    "iso8859-14": "iso-8859-14 iso8859-14 latin8",
    "iso8859-15": "iso-8859-15 iso8859-15 iso_8859-15 latin-9 latin9",
    "iso8859-16": "iso-8859-16 iso8859-16 latin10",
    "cp874": "tis-620 iso-8859-11 iso8859-11 windows-874",
    "cp1250": "windows-1250 cp1250",
    "cp1251": "windows-1251 cp1251",
    "cp1253": "windows-1253 cp1253",
    "cp1255": "windows-1255 cp1255",
    "cp1256": "windows-1256 cp1256",
    "cp1257": "windows-1257 cp1257",
    "cp1258": "windows-1258 cp1258",
    "koi8-r": "koi8-r cskoi8r koi8",
    "koi8-u": "koi8-u",
    "cp437": "ibm437 cp437",
    "cp850": "ibm850 cp850",
    "cp852": "ibm852 cp852",
    "cp855": "ibm855 cp855",
    "cp866": "ibm866 cp866",
    "mac-roman": "macintosh mac",
    "gb18030": "gb18030 gbk gb2312 csgb2312 cp936 ms936 windows-936 x-gbk euc-cn",
    "hz": "hz-gb-2312",
    "big5hkscs": "big5-hkscs",
    "cp950": "big5 csbig5 cp950",
    "cp932": "shift_jis shift-jis sjis csshiftjis windows-31j cp932 ms_kanji x-sjis",
    "euc_jp": "euc-jp cseucpkdfmtjapanese x-euc-jp",
    "cp949": "euc-kr cseuckr ks_c_5601-1987 ks_c_5601-1989 ksc_5601 korean cp949 windows-949 uhc",
    "iso2022_kr": "iso-2022-kr csiso2022kr",
}
_CODECS = {name: codec for codec, names in _NAMES_BY_CODEC.items() for name in names.split()}
_ISO_2022_JP = frozenset({"iso-2022-jp", "csiso2022jp", "iso-2022-jp-1", "iso-2022-jp-2", "iso-2022-jp-3", "cp50220"})
# What switches to ASCII or JIS X 0201 Roman, to JIS X 0201 Katakana, and to JIS X 0208 (RFC 1468; WHATWG Encoding
# Standard, "ISO-2022-JP decoder").
_SWITCH = re.compile(rb"\x1b(\([BJI]|\$[@B]|\$\([DOQ])")
_SURROGATE = re.compile("[\ud800-\udfff]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")


def decoder(charset: str) -> Callable[[bytes], str] | None:
    """Return what decodes octets of a character set, None for one that mail does not use.

    A language behind the name (RFC 2231 section 5) is ignored. Octets that stand for nothing are decoded as U+FFFD, and
    so are lone surrogates.
    """
    name = charset.partition("*")[0].strip().lower()
    if name in _ISO_2022_JP:
        return _from_iso_2022_jp
    codec = _CODECS.get(name)
    return None if codec is None else lambda octets: _decode(octets, codec)


def raw_text(octets: bytes) -> str:
    """Return 8-bit text of an unknown character set: each run of 8-bit octets UTF-8 (RFC 6532), else windows-1252."""
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        pieces = []
        end = 0
        for run in _HIGH_RUN.finditer(octets):
            pieces += [octets[end : run.start()].decode("ascii"), _high_text(run[0])]
            end = run.end()
        return "".join([*pieces, octets[end:].decode("ascii")])


def _high_text(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return _decode(octets, _WINDOWS_1252)


def _decode(octets: bytes, codec: str) -> str:
    errors = "undefined-as-control" if codec == _WINDOWS_1252 else "replace"
    return _SURROGATE.sub("\ufffd", octets.decode(codec, errors))


def _undefined_as_control(error: UnicodeError) -> tuple[str, int]:
    """The five octets that windows-1252 leaves undefined are control characters (WHATWG, "index windows-1252")."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("undefined-as-control", _undefined_as_control)


def _from_iso_2022_jp(octets: bytes) -> str:
    """Return ISO-2022-JP as mail clients read it: JIS X 0208 with the characters that NEC and IBM added.

    Python's own codec knows none of those. They are in windows-31j, which has the same rows in another arrangement.
    """
    first, *others = _SWITCH.split(octets)
    pieces = [_decode(first, _WINDOWS_1252)]
    for switch, content in zip(others[::2], others[1::2], strict=True):
        if switch in (b"$B", b"$@"):
            pieces.append(_decode(_as_shift_jis(content), "cp932"))
        elif switch == b"(I":
            pieces.append(_decode(bytes(octet | 0x80 if octet > 0x20 else octet for octet in content), "cp932"))
        elif switch.startswith(b"$("):
            pieces.append(_decode(b"\x1b" + switch + content, "iso2022_jp_3" if switch != b"$(D" else "iso2022_jp_1"))
        else:
            pieces.append(_decode(content, _WINDOWS_1252))
    return "".join(pieces)


def _as_shift_jis(content: bytes) -> bytes:
    """Return pairs of 7-bit JIS octets as Shift_JIS (JIS X 0208:1997, appendix 1); others are kept as they are."""
    made = bytearray()
    position = 0
    while position < len(content):
        pair = content[position : position + 2]
        if len(pair) < 2 or not all(0x21 <= octet <= 0x7E for octet in pair):
            made.append(pair[0])
            position += 1
            continue
        row, cell = pair[0] - 0x21, pair[1] - 0x21
        lead = row // 2 + (0x81 if row < 62 else 0xC1)
        trail = cell + (0x9F if row % 2 else 0x40 if cell < 63 else 0x41)
        made += bytes((lead, trail))
        position += 2
    return bytes(made)
