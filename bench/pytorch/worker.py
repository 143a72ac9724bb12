"""The protocol of a measuring process: one JSON object per line in, one out."""

import json
import resource
import sys
import time


def serve(run):
    """Answers {"do": "steps", "count": n} with {"ms": [...]} and {"do": "memory"} with {"mb": peak resident megabytes}."""
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "steps":
            times = []
            for _ in range(request["count"]):
                start = time.perf_counter()
                run()
                times.append((time.perf_counter() - start) * 1000)
            answer = {"ms": times}
        else:
            answer = {"mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
        print(json.dumps(answer), flush=True)
