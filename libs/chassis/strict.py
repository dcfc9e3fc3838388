"""placeholder"""

import json
from typing import Any


def loads(raw: bytes) -> Any:
    """JSON"""
    return json.loads(raw)
