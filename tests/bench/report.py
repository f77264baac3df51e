# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The bench's results as plain data, and that data as tables for people. It runs nothing."""

import os
import platform

from measure import BOUND_FLOWS, GROWTH_BETWEEN, GROWTH_BOUND, spread
from sandbox import read_setting


def describe_machine():
    """What the figures were measured on."""
    model, memory_kib = "unknown processor", 0
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    with open("/proc/meminfo", encoding="ascii") as file:
        memory_kib = int(file.readline().split()[1])
    return {"processor": model, "processors": os.cpu_count(), "memory_gib": memory_kib >> 20,
            "kernel": platform.release(), "load": os.getloadavg()[0]}


def stage_data(flows, rounds, floors, results):
    """One size as plain data."""
    return {
        "flows": flows,
        "rounds": rounds,
        "buckets": read_setting("buckets"),
        "floor_seconds": spread([cost["wall"] for cost in floors]),
        "floor_peak_kib": max(cost["peak_kib"] for cost in floors),
        "modes": [mode_data(flows, result, floors) for result in results],
    }


def cpu_seconds(costs):
    return spread([cost["user"] + cost["system"] for cost in costs])


def mode_data(flows, result, floors):
    peak = max((cost["peak_kib"] for cost in result.runs), default=None)
    per_flow = None
    if peak is not None and result.empty_kib is not None and flows:
        per_flow = max(0, peak - result.empty_kib) * 1024 / flows
    data = {
        "mode": result.mode.label,
        "command": [os.path.basename(result.mode.words[0]), *result.mode.words[1:]],
        "seconds": spread([cost["wall"] for cost in result.runs]),
        "cpu_seconds": cpu_seconds(result.runs),
        "cpu_over_floor": result.runs and cpu_seconds(result.runs)["median"] / cpu_seconds(floors)["median"],
        "over_floor": spread(result.over_floor),
        "times_conntrack": spread(result.times_conntrack),
        "peak_kib": peak,
        "empty_kib": result.empty_kib,
        "bytes_per_flow": per_flow,
        "problem": result.problem,
    }
    data["bounds"] = judge(flows, data, result.mode.bounds)
    return data


def judge(flows, data, bounds):
    """Every bound of the mode with its value and whether it holds. They are for a million."""
    if flows != BOUND_FLOWS or not data["seconds"]:
        return []
    ratio, faster = data["over_floor"], data["times_conntrack"]
    measured = [
        ("over_floor", bounds.over_floor, ratio and ratio["median"], "most"),
        ("cpu_over_floor", bounds.cpu_over_floor, data["cpu_over_floor"], "most"),
        ("peak_mib", bounds.peak_mib, data["peak_kib"] / 1024, "most"),
        ("bytes_per_flow", bounds.bytes_per_flow, data["bytes_per_flow"], "most"),
        ("times_conntrack", bounds.times_conntrack, faster and faster["median"], "least"),
    ]
    return [{"what": what, "bound": bound, "value": value,
             "holds": value <= bound if side == "most" else value >= bound}
            for what, bound, value, side in measured if bound is not None and value is not None]


def rows_text(rows):
    """Rows of words in columns: the first to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def number(value, digits, unit=""):
    return "-" if value is None else f"{value:,.{digits}f}{unit}"


def between(values, digits=2):
    return f"{values['min']:.{digits}f} - {values['max']:.{digits}f}" if values else "-"


def stage_text(stage):
    """One size as a table."""
    floor = stage["floor_seconds"]
    head = (f"{stage['flows']:,} flows, {stage['rounds']} rounds, {stage['buckets']:,} buckets. "
            f"Floor: {floor['median']:.3f} s ({between(floor, 3)}), "
            f"{stage['floor_peak_kib']:,} KiB")
    rows = [["mode", "seconds", "x floor", "min - max", "cpu x", "conntrack / it", "peak KiB", "B/flow",
             ""]]
    problems = {}
    for mode in stage["modes"]:
        if not mode["seconds"]:
            problems.setdefault(mode["problem"], []).append(mode["mode"])
            continue
        faster = mode["times_conntrack"]
        missed = [f"{bound['what']} {bound['bound']:g}"
                  for bound in mode["bounds"] if not bound["holds"]]
        verdict = "MISSED: " + ", ".join(missed) if missed else "ok" if mode["bounds"] else ""
        rows.append([mode["mode"], number(mode["seconds"]["median"], 3),
                     number(mode["over_floor"]["median"], 2), between(mode["over_floor"]),
                     number(mode["cpu_over_floor"], 2), number(faster and faster["median"], 2), number(mode["peak_kib"], 0),
                     number(mode["bytes_per_flow"], 0), verdict])
    unmeasured = [f"not measured ({problem}): {', '.join(names)}"
                  for problem, names in problems.items()]
    return "\n".join([head, rows_text(rows), *unmeasured])


def against_netstat_nat(stage):
    """How many times as fast as netstat-nat the other commands are, at a size that it survives."""
    seconds = {mode["mode"]: mode["seconds"] for mode in stage["modes"] if mode["seconds"]}
    peer = seconds.pop("netstat-nat -nN", None)
    if not peer:
        return ""
    lines = [f"{name} is {peer['median'] / own['median']:.1f} times as fast as netstat-nat -nN"
             for name, own in seconds.items()]
    return "\n".join(lines)


def growth_data(stages):
    """For each mode the ratio at every size, and how it grew between the two sizes of the bound."""
    modes = {}
    for stage in stages:
        for mode in stage["modes"]:
            if mode["over_floor"]:
                ratios = modes.setdefault(mode["mode"], {})
                ratios[stage["flows"]] = mode["over_floor"]["median"]
    data = []
    for name, ratios in modes.items():
        first, last = (ratios.get(flows) for flows in GROWTH_BETWEEN)
        growth = last / first if first and last else None
        judged = growth is not None and name.startswith("natstat")
        data.append({"mode": name, "over_floor": ratios, "growth": growth,
                     "holds": growth <= GROWTH_BOUND if judged else None})
    return data


def growth_text(stages):
    """How the floor, and every mode beside it, grows with the table."""
    sizes = [stage["flows"] for stage in stages]
    rows = [["time over the floor", *[f"{size:,}" for size in sizes], "growth"]]
    rows.append(["floor, seconds", *[number(s["floor_seconds"]["median"], 3) for s in stages], ""])
    for mode in growth_data(stages):
        rows.append([mode["mode"], *[number(mode["over_floor"].get(size), 2) for size in sizes],
                     number(mode["growth"], 2) + (" MISSED" if mode["holds"] is False else "")])
    return (f"{rows_text(rows)}\ngrowth: the ratio at {GROWTH_BETWEEN[1]:,} flows over that at "
            f"{GROWTH_BETWEEN[0]:,}; the bound for natstat is {GROWTH_BOUND:.2f}")


def machine_text(machine):
    return (f"{machine['processor']}, {machine['processors']} processors, "
            f"{machine['memory_gib']} GiB, Linux {machine['kernel']}; load at the start "
            f"{machine['load']:.2f}")


def settings_text(counting):
    return ("counters and time stamps on" if counting
            else "counters and time stamps off, the kernel's defaults")
