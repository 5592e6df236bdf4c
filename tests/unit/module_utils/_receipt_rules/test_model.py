# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a receipt rule is and what is planned for it, without AWS."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._receipt_rules import model
from ansible_collections.account_factory.email.plugins.modules.ses_receipt_rule import ACTION_SPEC

NAMES = st.lists(st.sampled_from("abcdef"), unique=True)


def action_shape() -> Any:
    return botocore.session.get_session().get_service_model("ses").shape_for("ReceiptAction")


def test_every_action_of_the_service_is_known() -> None:
    ours = {theirs: set(options.values()) for theirs, options in model.ACTIONS.values()}
    assert ours == {name: set(shape.members) for name, shape in action_shape().members.items()}


def test_the_argument_spec_has_every_option_and_what_is_required() -> None:
    assert set(ACTION_SPEC) == set(model.ACTIONS)
    for kind, (theirs, names) in model.ACTIONS.items():
        options = ACTION_SPEC[kind]["options"]
        required = action_shape().members[theirs].required_members
        assert set(options) == set(names), kind
        # What has a default is never missing.
        always = {name for name, spec in options.items() if spec.get("required") or "default" in spec}
        assert {names[name] for name in always} >= set(required), kind


def a_rule_of_everything() -> dict[str, Any]:
    members = {
        name: {member: f"{name}.{member}" for member in shape.members} for name, shape in action_shape().members.items()
    }
    return {
        "Name": "all",
        "Enabled": True,
        "TlsPolicy": "Require",
        "ScanEnabled": True,
        "Recipients": ["example.com"],
        "Actions": [{name: values} for name, values in members.items()],
    }


def test_nothing_is_lost_between_reading_and_writing() -> None:
    assert model.Rule.from_api(a_rule_of_everything()).to_api() == a_rule_of_everything()


def test_what_aws_leaves_out_is_its_default() -> None:
    rule = model.Rule.from_api({"Name": "r", "Actions": [{"LambdaAction": {"FunctionArn": "f"}}]})
    assert (rule.enabled, rule.tls_policy, rule.scan_enabled, rule.recipients) == (False, "Optional", False, ())
    assert rule.actions == ({"lambda_action": {"function_arn": "f", "invocation_type": "Event"}},)


def test_an_empty_prefix_is_none() -> None:
    """AWS may answer with an empty text where nothing was given."""
    given_action = model.check_actions([{"s3_action": {"bucket_name": "b", "object_key_prefix": ""}}])
    rule = model.Rule.from_api(
        {"Name": "r", "Actions": [{"S3Action": {"BucketName": "b", "ObjectKeyPrefix": "", "TopicArn": ""}}]}
    )
    assert given_action == rule.actions == ({"s3_action": {"bucket_name": "b"}},)


@pytest.mark.parametrize(
    ("given_recipient", "expected"),
    [
        ("example.com", "example.com"),
        ("Accounts.EXAMPLE.com.", "accounts.example.com"),
        (".Example.com", ".example.com"),
        (" User@Example.COM ", "User@example.com"),
        ("XN--bcher-kva.example", "xn--bcher-kva.example"),
        ("user+label@example.com", "user+label@example.com"),
    ],
)
def test_recipients_are_normalised(given_recipient: str, expected: str) -> None:
    assert model.check_recipients([given_recipient]) == (expected,)


@pytest.mark.parametrize("recipient", ["", ".", "@", "a@", "@example.com", "a@b@example.com", "..example.com", "com"])
def test_what_is_no_recipient(recipient: str) -> None:
    with pytest.raises(InputError, match=r"^recipients: "):
        model.check_recipients([recipient])


@given(order=NAMES, name=st.sampled_from("abcdef"), place=st.sampled_from(["first", "last", None, *"abcdef"]))
def test_a_plan_ends_where_it_says(order: list[str], name: str, place: str | None) -> None:
    """Doing what SES does for a plan gives the order that the plan shows, and leaves nothing more to do."""
    rule_set = model.RuleSet("set", rules=tuple(model.Rule(each) for each in order))
    wanted = model.Wanted(name, **({"position": place} if place in ("first", "last", None) else {"after": place}))
    if wanted.after is not None and (wanted.after == name or wanted.after not in order):
        with pytest.raises(InputError, match=r"^after: "):
            model.plan_present(rule_set, wanted)
        return
    plan = model.plan_present(rule_set, wanted)
    assert plan.after is not None
    done = ses_does(order, name, plan)
    assert sorted(done) == sorted({*order, name})
    assert [each for each in done if each != name] == [each for each in order if each != name]
    assert done.index(name) + 1 == plan.after["index"]
    assert plan.after["after"] == (done[done.index(name) - 1] if done.index(name) else None)
    assert place != "first" or done[0] == name
    assert place != "last" or done[-1] == name
    assert wanted.after is None or done[done.index(name) - 1] == wanted.after
    again = model.plan_present(replace(rule_set, rules=tuple(model.Rule(each) for each in done)), wanted)
    assert not (again.create)
    assert not (again.update)
    assert not (again.move)
    assert again.before == again.after == plan.after


def ses_does(order: list[str], name: str, plan: model.Plan) -> list[str]:
    if not (plan.create or plan.move):
        return order
    others = [each for each in order if each != name]
    index = others.index(plan.predecessor) + 1 if plan.predecessor else 0
    return [*others[:index], name, *others[index:]]


def test_only_what_is_given_is_changed() -> None:
    rule = model.Rule.from_api(a_rule_of_everything())
    plan = model.plan_present(model.RuleSet("set", rules=(rule,)), model.Wanted("all", enabled=False))
    assert plan.rule == replace(rule, enabled=False)
    assert plan.update
    assert not model.plan_present(model.RuleSet("set", rules=(rule,)), model.Wanted("all")).update
    assert (
        model.plan_present(model.RuleSet("set", rules=(rule,)), model.Wanted("all", recipients=())).rule.recipients
        == ()
    )


@pytest.mark.parametrize(
    ("exists", "active", "wanted", "force", "expected"),
    [
        pytest.param(False, None, None, False, (True, None), id="made, not activated"),
        pytest.param(False, None, True, False, (True, True), id="made and activated"),
        pytest.param(False, None, False, False, (True, None), id="made, need not be deactivated"),
        pytest.param(True, "set", None, False, (False, None), id="active, untouched"),
        pytest.param(True, "set", True, False, (False, None), id="active already"),
        pytest.param(True, "set", False, False, (False, False), id="deactivated"),
        pytest.param(True, "other", False, False, (False, None), id="another's activity is not touched"),
        pytest.param(True, "other", None, True, (False, None), id="force alone does nothing"),
        pytest.param(True, "other", True, True, (False, True), id="in place of another"),
    ],
)
def test_a_rule_set_is_present(
    exists: bool, active: str | None, wanted: bool | None, force: bool, expected: tuple[bool, bool | None]
) -> None:
    plan = model.plan_set_present("set", model.RuleSet("set") if exists else None, active, wanted, force)
    assert (plan.create, plan.activate) == expected
    assert plan.after is not None
    assert plan.after["active"] == (active == "set" if wanted is None else wanted)
    assert (plan.before is None) == (not exists)


@pytest.mark.parametrize(
    ("active", "rules", "needs_force", "activate"),
    [
        pytest.param(None, (), False, None, id="unused"),
        pytest.param("other", (), False, None, id="another is active"),
        pytest.param("set", (), True, False, id="active"),
        pytest.param(None, (model.Rule("r"),), True, None, id="has rules"),
    ],
)
def test_a_rule_set_is_absent(
    active: str | None, rules: tuple[model.Rule, ...], needs_force: bool, activate: bool | None
) -> None:
    existing = model.RuleSet("set", rules=rules)
    if needs_force:
        with pytest.raises(InputError, match="force=true"):
            model.plan_set_absent(existing, active, force=False)
    plan = model.plan_set_absent(existing, active, force=needs_force)
    assert (plan.delete, plan.activate, plan.after) == (True, activate, None)
