"""Prints the Python block of the section "Quickstart" of the README in the installed histserv package."""

import re
from importlib.metadata import metadata

readme = metadata("histserv").get_payload()
section = readme.split("## Quickstart", 1)[1].split("\n## ", 1)[0]
print(re.search(r"```python\n(.*?)```", section, re.DOTALL).group(1))
