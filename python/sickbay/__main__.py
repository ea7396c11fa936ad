"""`python -m sickbay` is the program."""

import os
import subprocess
import sys

from ._program import program

if os.name == "nt":
    sys.exit(subprocess.run([program(), *sys.argv[1:]]).returncode)
os.execv(program(), [program(), *sys.argv[1:]])
