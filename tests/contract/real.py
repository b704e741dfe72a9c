"""The real tenant that the contract is held against, if the environment names one."""

import os

BASE_URL = os.environ.get("CONTRACT_BASE_URL", "").rstrip("/")
DIALECT = os.environ.get("CONTRACT_DIALECT", "v2")
