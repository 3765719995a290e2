"""Checks an HDF5 file against UHI JSON with h5py and uhi: check_with_python.py FILE JSON SCRATCH.

JSON maps the names of groups to the texts of the same histograms. Prints a line for each difference.
"""

import hashlib
import json
import subprocess
import sys
import warnings
from pathlib import Path

import h5py
import hist
import numpy as np
import uhi.io.hdf5
import uhi.io.json

path, texts_path, scratch = sys.argv[1:]
warnings.simplefilter("ignore")


def describe(obj):
    attrs = {}
    for name in obj.attrs:
        attr = obj.attrs.get_id(name)
        value = obj.attrs[name]
        string = h5py.check_string_dtype(attr.dtype)
        attrs[name] = (repr(value), str(attr.dtype), attr.shape, string and string.encoding)
    if isinstance(obj, h5py.Group):
        return ("group", attrs)
    string = h5py.check_string_dtype(obj.dtype)
    value = obj[()]
    if h5py.check_ref_dtype(obj.dtype):
        content = [obj.file[reference].name for reference in value]
    elif string:
        content = [text.decode() for text in value]
    else:
        # One NaN is as good as another.
        value = np.where(np.isnan(value), np.nan, value) if value.dtype.kind == "f" else value
        content = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
    storage = (obj.compression, obj.compression_opts, obj.shuffle)
    return ("dataset", attrs, obj.shape, str(obj.dtype), string and string.encoding, storage, content)


def walk(file):
    nodes = {"/": describe(file)}
    file.visititems(lambda name, obj: nodes.update({name: describe(obj)}))
    return nodes


texts = json.loads(Path(texts_path).read_text())
irs = {
    name: json.loads(text, object_hook=uhi.io.json.object_hook) for name, text in texts.items()
}
with h5py.File(scratch, "w") as expected, h5py.File(path, "r") as written:
    for name, ir in irs.items():
        uhi.io.hdf5.write(expected.create_group(name), ir)
    expected_nodes, written_nodes = walk(expected), walk(written)
    for name in sorted(expected_nodes.keys() | written_nodes.keys()):
        want, got = expected_nodes.get(name), written_nodes.get(name)
        if want != got:
            print(f"{name}: expected {str(want)[:400]}, got {str(got)[:400]}")
    for name, ir in irs.items():
        read = hist.Hist(uhi.io.hdf5.read(written[name]))
        if "mean" not in ir["storage"]["type"] and read != hist.Hist(ir):
            print(f"{name}: reads as another histogram")

validate = subprocess.run(
    [Path(sys.executable).parent / "uhi", "validate", path], capture_output=True, text=True
)
if validate.returncode != 0:
    print(f"uhi validate: {(validate.stdout + validate.stderr)[-1000:]}")
