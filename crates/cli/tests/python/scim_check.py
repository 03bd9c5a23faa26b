"""Runs the whole check of scim2-tester against a server: BASE KEY. Ends with 1 if any part fails."""

import sys

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

base, key = sys.argv[1:]
http = Client(base_url=base, headers={"Authorization": f"Bearer {key}"}, timeout=30)
results = check_server(SyncSCIMClient(http))
good = {Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE, Status.SKIPPED}
bad = [result for result in results if result.status not in good]
for result in results:
    print(result.status.name, result.title, result.reason or "")
print(f"{len(results)} checks, {len(bad)} bad")
sys.exit(1 if bad or len(results) < 50 else 0)
