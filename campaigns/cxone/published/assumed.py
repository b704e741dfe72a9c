"""What NICE's documents say nothing about. For a tenant that differs, this is the place to change."""

# Of a list. The server may cap it: what it sends is counted, not what was asked for.
PAGE_SIZE = 100
# 50,000 skills. A server that never comes to an end is given up then.
MOST_PAGES = 500
# Seconds. A list whose first page is older is no picture of the present: at 60 requests a minute, 5,000 skills take
# four minutes.
MOST_LIST_SECONDS = 600.0
# Of all its pages together, which are held in memory. Five thousand skills have some 15 MB.
MOST_LIST_BYTES = 50_000_000
# The schedules of all skills, in one answer.
MOST_SCHEDULES_BYTES = 50_000_000
# Seconds between two reads of all schedules.
SCHEDULES_EVERY = 600.0
# Where no answer has all of them: so many at each reading of the list, in turn; and seconds until that is tried again.
ALONE_AT_ONCE = 5
WAYS_AGAIN = 3600.0
# Seconds between two looks at the tenant's zone and limit, and after one that failed.
TENANT_EVERY, TENANT_AGAIN = 3600.0, 300.0

SKILLS = "/skills"
PHONE = {"mediaTypeId": "4"}
LISTED = {**PHONE, "isActive": "true"}
OUTBOUND = {**PHONE, "IsOutbound": "true"}
# How the schedules of all are asked for, the cheapest way first; after the last each is asked for by itself.
WAYS: tuple[dict[str, str], ...] = ({"fields": "skillNo,scheduleSettings"}, {})
