"""Settings of the server that put a promise in doubt, read from its INFO. Pure."""

OLDEST = {"redis": (7, 0), "valkey": (8, 0)}


def doubts(info: str) -> tuple[str, ...]:
    """One line a doubt; each names the setting to mend."""
    told = dict(line.split(":", 1) for line in info.splitlines() if ":" in line)
    found = []
    if told.get("aof_enabled") != "1":
        found.append(
            "the store keeps no append-only file: what came in since its last snapshot dies with "
            "the server; set appendonly yes"
        )
    policy = told.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        found.append(
            f"the store throws data away when its memory is full ({policy}); "
            "set maxmemory-policy noeviction"
        )
    kind = "valkey" if "valkey_version" in told else "redis"
    version = told.get(f"{kind}_version", "")
    if _numbers(version) < OLDEST[kind]:
        found.append(f"the store runs {kind} {version}: it takes Redis 7.0 or Valkey 8")
    return tuple(found)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
