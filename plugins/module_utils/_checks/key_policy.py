# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the policy of a KMS key has to allow. Pure, standard library only.

Sources: AWS KMS Developer Guide, "Key policies in AWS KMS"; Amazon SES Developer Guide, "Deliver to S3 bucket action";
Amazon SNS Developer Guide, "Key management"; Amazon CloudWatch Logs User Guide, "Encrypt log data using AWS KMS". The
role's README has a policy that does.
"""

from __future__ import annotations

from .policies import Need


def needs(stack_name: str, rule_set: str, region: str, account_id: str, partition: str) -> tuple[Need, ...]:
    """Return what the key of a forwarder has to allow."""
    place = f"{region}:{account_id}"
    ses, sns, logs = (f"arn:{partition}:{service}:{place}" for service in ("ses", "sns", "logs"))
    source = {"aws:sourceaccount": account_id}
    sources = (f"receipt-rule-set/{rule_set}:receipt-rule/{stack_name}", f"configuration-set/{stack_name}")
    topics = (f"{stack_name}-received", f"{stack_name}-sent")
    group = {"kms:encryptioncontext:aws:logs:arn": f"{logs}:log-group:/aws/lambda/{stack_name}"}
    use = ("kms:Decrypt", "kms:GenerateDataKey")
    return (
        Need(
            f"arn:{partition}:iam::{account_id}:root",
            use,
            "the functions, CloudFormation and whoever runs the playbooks cannot use it",
        ),
        Need(
            "ses.amazonaws.com",
            use,
            "SES stores no mail and tells nothing",
            tuple({**source, "aws:sourcearn": f"{ses}:{one}"} for one in sources),
        ),
        Need(
            "sns.amazonaws.com",
            use,
            "no notification of mail reaches its queue",
            tuple({**source, "aws:sourcearn": f"{sns}:{one}"} for one in topics),
            is_documented=False,
        ),
        Need(
            f"logs.{region}.amazonaws.com",
            (*use, "kms:DescribeKey", "kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"),
            "CloudFormation cannot create the log groups",
            (group,),
        ),
    )
