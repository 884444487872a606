"""What docs/clients.md says of openapi-generator's Python client."""
import os
from datetime import datetime, timezone
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import usage_client as usage

env = os.environ


def client(address, token):
    client = usage.ApiClient(usage.Configuration(host=address, access_token=env[token]))
    if "ACCEPT" in env:
        client.select_header_accept = lambda accepts: env["ACCEPT"]
    return client


def page(address, filter=None, cursor=None):
    return usage.UsageApi(client(address, "READER")).get_monthly_usage(per_page=250, filter=filter, cursor=cursor)


def walk(name, address):
    amounts, cursor = [], None
    while True:
        answer = page(address, cursor=cursor)
        amounts += [each.total_amount for each in answer.embedded.usage]
        if answer.next is None:
            break
        cursor = parse_qs(urlsplit(answer.next.href).query)["cursor"][0]
    print(name, len(amounts), format(sum(amounts), "f"))


def failure(name, address, filter):
    try:
        page(address, filter)
    except usage.ApiException as e:
        print(name, e.status, e.data.code, len(e.data.fields))


def record(id, account, units, amount):
    return usage.UsageRecord(
        id=env["RUN"] + "-" + id,
        account_id=account,
        product_id=env["RUN"],
        occurred_at=datetime(2026, 8, 31, 22, 30, tzinfo=timezone.utc),
        type=usage.UsageType.CALL,
        currency="EUR",
        unit=usage.UsageUnit.MINUTES,
        number_of_units=Decimal(units),
        total_amount=Decimal(amount),
    )


api, tomorrow = env["API"], env["STRANGER"]
walk("walk", api)
sent = usage.IntakeApi(client(api, "WRITER")).post_usage_records(
    usage.UsageRecords(
        records=[record("good", "customer-001", "16777217", "1234567890123456.789"), record("bad", "nobody", "1", "1")]
    )
)
print("sent", sent.accepted, sent.rejected, sent.errors[0].code)
read = page(api, f"product_id eq '{env['PROBE']}'").embedded.usage[0]
print("read", read.number_of_units, read.total_amount)
failure("400", api, "nonsense")
failure("403", api, "account_id eq 'nobody'")
walk("tomorrow", tomorrow)
failure("tomorrow400", tomorrow, "nonsense")
