# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags are text within the limits of AWS."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._tags import checked_tags


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        pytest.param({}, {}, id="none"),
        pytest.param(
            {"cost": "0042", "yes": "1.10"}, {"cost": "0042", "yes": "1.10"}, id="text that YAML could misread"
        ),
        pytest.param({"Größe 1": "日本 _.:/=+-@ Ⅳ"}, {"Größe 1": "日本 _.:/=+-@ Ⅳ"}, id="every kind of character"),
        pytest.param({"owner": None}, {"owner": ""}, id="null"),
        pytest.param({"k" * 128: "v" * 256}, {"k" * 128: "v" * 256}, id="longest"),
        pytest.param({"awsome": "v", "my aws:": "v"}, {"awsome": "v", "my aws:": "v"}, id="not reserved"),
        pytest.param({f"k{i}": "v" for i in range(50)}, {f"k{i}": "v" for i in range(50)}, id="50"),
    ],
)
def test_tags_are_text(tags: dict[Any, Any], expected: dict[str, str]) -> None:
    assert checked_tags(tags) == expected


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        pytest.param({f"k{i}": "v" for i in range(51)}, "51 given, AWS allows 50", id="51"),
        pytest.param({"": "v"}, "the key '' has 0 characters", id="empty key"),
        pytest.param({"k" * 129: "v"}, "has 129 characters, AWS allows 1 to 128", id="long key"),
        pytest.param({"k": "v" * 257}, "the value of 'k' has 257 characters, AWS allows 256", id="long value"),
        pytest.param({"AWS:createdBy": "v"}, "'AWS:createdBy' begins with 'aws:'", id="reserved"),
        pytest.param({"team": "R&D"}, "the value of 'team', 'R&D', holds '&', which AWS refuses", id="ampersand"),
        pytest.param({"a,b": "v"}, "the key 'a,b' holds ','", id="comma in a key"),
        pytest.param({"team": "a\nb"}, "holds '\\\\n'", id="line end"),
        pytest.param({"n": 34}, r"the value of 'n': 34 is a number.* in quotes: \"34\"", id="0042 without quotes"),
        pytest.param({"n": 1.1}, "the value of 'n': 1.1 is a number", id="1.10 without quotes"),
        pytest.param({"n": True}, "the value of 'n': true is a boolean, as YAML reads yes", id="yes without quotes"),
        pytest.param({"n": ["a"]}, r"the value of 'n': \['a'\] is a list", id="list"),
        pytest.param({"n": {"a": "b"}}, "the value of 'n': {'a': 'b'} is a dictionary", id="dictionary"),
        pytest.param({34: "v"}, "the key 34 is a number", id="key 0042 without quotes"),
    ],
)
def test_beyond_the_limits(tags: dict[str, str], reason: str) -> None:
    with pytest.raises(InputError, match=f"^tags: .*{reason}"):
        checked_tags(tags)
