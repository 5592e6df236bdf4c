# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a parent may be, without AWS."""

from __future__ import annotations

import re

import botocore.session
import pytest

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._organizations import paths
from ansible_collections.account_factory.email.plugins.module_utils._organizations.paths import Parent, Place, Target


@pytest.mark.parametrize(
    ("text", "parent"),
    [
        ("/", Parent()),
        ("Workloads", Parent(names=("Workloads",))),
        ("Workloads/Prod", Parent(names=("Workloads", "Prod"))),
        ("/Workloads/Prod", Parent(names=("Workloads", "Prod"))),
        ("a/b/c/d/e", Parent(names=("a", "b", "c", "d", "e"))),
        (" a /b", Parent(names=(" a ", "b"))),
        ("n" * 128, Parent(names=("n" * 128,))),
        ("r-ab12", Parent(id="r-ab12")),
        ("ou-ab12-34567890", Parent(id="ou-ab12-34567890")),
        ("/ou-ab12", Parent(names=("ou-ab12",))),
        ("/r-ab12", Parent(names=("r-ab12",))),
        ("r-and-d", Parent(names=("r-and-d",))),
    ],
)
def test_parents(text: str, parent: Parent) -> None:
    assert paths.wanted_parent(text) == parent


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "parent: '' has an empty name"),
        ("Workloads/", "parent: 'Workloads/' has an empty name"),
        ("//Workloads", "has an empty name"),
        ("a//b", "has an empty name"),
        ("n" * 129, "has 129 characters, AWS allows 1 to 128"),
        ("a/b/c/d/e/f", "is 6 levels deep, AWS nests OUs 5 levels deep at most"),
        ("ou-ab12", "is not the id of an OU: that is 'ou-'"),
        ("OU-AB12-34567890", "write '/OU-AB12-34567890'"),
    ],
)
def test_parents_beyond_the_limits(text: str, words: str) -> None:
    with pytest.raises(InputError, match=re.escape(words)) as refused:
        paths.wanted_parent(text)
    assert str(refused.value).startswith("parent: ")


def test_the_limits_are_the_services() -> None:
    model = botocore.session.get_session().get_service_model("organizations")
    assert model.shape_for("OrganizationalUnitName").metadata["max"] == paths.NAME_MAX
    pattern = model.shape_for("ParentId").metadata["pattern"]
    for text in ("r-ab12", "ou-ab12-34567890", "ou-ab12-345678", "r-ab", "R-ab12"):
        assert (paths._is_id(text) is True) == bool(re.fullmatch(pattern.strip("^$"), text))


def test_steps_down_from_the_root_and_from_an_ou() -> None:
    root = Place("r-ab12", "/")
    assert [step.path for step in Target(root, root, ("a", "b")).steps] == ["a", "a/b"]
    assert Target(root, Place("ou-1", "a"), ("b",)).place == Place(None, "a/b")
    assert Target(root, root).place == root


@pytest.mark.parametrize(
    ("deepest", "names", "words"),
    [
        (Place("r", "/"), ["B", "A"], "The root exists, and these OUs are directly below it: 'A', 'B'. Correct"),
        (Place("ou", "x/y"), [], "'x/y' exists, and no OU is below it. Correct"),
        (Place("ou", "x"), [f"{n:02}" for n in range(25)], "'18', '19' and 5 more. Correct"),
    ],
)
def test_what_is_there_instead(deepest: Place, names: list[str], words: str) -> None:
    assert words in paths.missing_text(Target(Place("r", "/"), deepest, ("z",)), names)
