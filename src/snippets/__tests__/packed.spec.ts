import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import type { ISnippetInput, SnippetAccess, SnippetPacking, SnippetSlice } from '..';
import { fits, TEMPLATES } from '..';
import { describeWithPython, runPython } from './interpreter';

/** Archives of Zarr and TIFF files whose every value is its own C-order index, modulo the type. */
const MAKE = `
import os, struct, zipfile
import numpy as np, tifffile, zarr
def numbers(shape, dtype):
    return (np.arange(int(np.prod(shape))).reshape(shape) % 251).astype(dtype)
for name, form, inside in [("v2.zarr.zip", 2, ""), ("top.ozx", 3, "top.zarr/image é")]:
    folder = "made-" + name
    group = zarr.open_group(zarr.storage.LocalStore(folder), mode="w", zarr_format=form)
    values = numbers((2, 3, 4, 33, 37), "uint16")
    array = group.create_array("0", shape=values.shape, dtype=values.dtype, chunks=(1, 1, 2, 16, 32))
    array[...] = values
    with zipfile.ZipFile(name, "w", zipfile.ZIP_STORED) as archive:
        for here, _, files in os.walk(folder):
            for file in files:
                full = os.path.join(here, file)
                archive.write(full, os.path.join(inside, os.path.relpath(full, folder)))
with tifffile.TiffWriter("stack.ome.tif", ome=True) as tiff:
    values = numbers((2, 3, 4, 33, 37), "uint16")
    tiff.write(values, metadata={"axes": "TCZYX"}, tile=(16, 32), subifds=1, compression="zlib")
    tiff.write(values[..., ::2, ::2], subfiletype=1, tile=(16, 32), compression="zlib")
tifffile.imwrite("colour.tif", numbers((33, 37, 3), "uint8"), photometric="rgb", compression="lzw")
map = np.array([[(n + c) % 251 * 257 if n < 251 else 0 for n in range(256)] for c in range(3)], "uint16")
tifffile.imwrite("palette.tif", numbers((33, 37, 3), "uint8")[..., 0], photometric="palette", colormap=map, compression="lzw")
tifffile.imwrite("hyper.tif", numbers((2, 4, 3, 33, 37), "uint16"), imagej=True, metadata={"axes": "TZCYX"})
tifffile.imwrite("two.ome.tif", numbers((33, 37), "uint8"), ome=True)
with tifffile.TiffWriter("series.ome.tif", ome=True) as tiff:
    tiff.write(numbers((5, 7), "uint8"), metadata={"axes": "YX"})
    tiff.write(numbers((3, 33, 37), "float32"), metadata={"axes": "ZYX"})
# as Micro-Manager writes it: the first directory moved to the end, its own header, summary and index of (c, z, t, position)
with tifffile.TiffWriter("positions.ome.tif", ome=True) as tiff:
    for first in (7, 0):
        tiff.write(numbers((3, 33, 37), "uint16") + first, metadata={"axes": "TYX"}, extratags=[(51123, "s", 0, '{"FrameIndex": 0}', False)])
with tifffile.TiffFile("positions.ome.tif") as tiff:
    offsets = [page.offset for page in tiff.pages]
data = bytearray(open("positions.ome.tif", "rb").read())
summary = b'{"MicroManagerVersion": "1.4", "Frames": 3, "Positions": 2}'
entries = 2 + 12 * int.from_bytes(data[8:10], "little") + 4
offsets[0] = len(data)
data += data[8:8 + entries]
index = len(data)
data += struct.pack("<II", 3453623, 6)
for n, offset in enumerate(offsets):
    data += struct.pack("<5I", 0, 0, n % 3, n // 3, offset)
data[4:8] = struct.pack("<I", offsets[0])
data[8:40 + len(summary)] = struct.pack("<8I", 54773648, index, 483765892, 0, 99384722, 0, 2355492, len(summary)) + summary
open("positions.ome.tif", "wb").write(data)
with tifffile.TiffFile("positions.ome.tif") as tiff:
    assert [series.axes for series in tiff.series] == ["TRYX"], tiff.series
# two files of a set of two planes, which a document beside them or the first of them describes
for folder in ("companion", "master"):
    os.mkdir(folder)
    names = ["one.ome.tif", "two.ome.tif"]
    data = "".join(f'<TiffData FirstZ="{n}" IFD="0" PlaneCount="1"><UUID FileName="{name}">urn:uuid:{n}</UUID></TiffData>' for n, name in enumerate(names))
    whole = '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="urn:uuid:%s"><Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="37" SizeY="33" SizeZ="2" SizeC="1" SizeT="1"><Channel ID="Channel:0:0" SamplesPerPixel="1"/>' + data + "</Pixels></Image></OME>"
    described = {"companion": "set.companion.ome", "master": names[0]}[folder]
    only = f'<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="urn:uuid:%s"><BinaryOnly MetadataFile="{described}" UUID="urn:uuid:0"/></OME>'
    for n, (name, plane) in enumerate(zip(names, numbers((2, 33, 37), "uint8"))):
        text = (whole if name == described else only) % n
        tifffile.imwrite(f"{folder}/{name}", plane, description=text, metadata=None)
    if folder == "companion":
        open(f"{folder}/{described}", "w").write(whole % "set")
print("true")
`;

/** Serves the folder with ranges, runs each cell by itself and compares its `image` with numpy's cut of the formula. */
const RUN = `
import json, sys, threading
from http.server import ThreadingHTTPServer
import numpy as np
from RangeHTTPServer import RangeRequestHandler
class Handler(RangeRequestHandler):
    def log_message(self, *rest):
        pass
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
answers = []
for case in json.load(sys.stdin):
    names = {}
    exec(compile(case["code"].replace("ORIGIN", "http://127.0.0.1:%d" % server.server_port), "cell", "exec"), names)
    image = names["image"]
    want = (np.arange(int(np.prod(case["written"]))).reshape(case["written"]) % 251).astype(case["dtype"])
    want = want.transpose(case["order"]).reshape(case["shape"]) if case["level"] == 0 else want[..., ::2, ::2]
    for axis in reversed(range(want.ndim)):
        s = case["slices"][axis]
        if s is None: continue
        if "list" in s: want = np.take(want, s["list"], axis)
        elif "index" in s: want = np.take(want, s["index"], axis)
        else: want = want[(slice(None),) * axis + (slice(s["start"], s["stop"]),)]
    done = np.asarray(image)
    answers.append({"lazy": type(image).__module__.startswith("dask."), "equal": bool(np.array_equal(done, want)),
                    "dtype": done.dtype.name, "shape": list(done.shape), "want": list(want.shape)})
print(json.dumps(answers))
`;

interface ICase {
  file: string;
  packing: SnippetPacking;
  axes: string;
  /** Of level 0, as it was written; `order`: its axes in the order of `axes`, where that differs. */
  written: number[];
  order?: number[];
  shape?: number[];
  dtype: string;
  zarrFormat: 0 | 2 | 3;
  level?: number;
  slices: SnippetSlice[];
}

const STACK = [2, 3, 4, 33, 37];
const CUT: SnippetSlice[] = [{ index: 1 }, { list: [2, 0] }, { index: 3 }, { start: 5, stop: 30 }, { start: 0, stop: 37 }];
const COARSE: SnippetSlice[] = [null, null, { index: 2 }, { start: 2, stop: 17 }, { start: 3, stop: 19 }];
const zip = (inside: string): SnippetPacking => ({ kind: 'zip', inside });
const tiff = (series: number): SnippetPacking => ({ kind: 'tiff', series });

const CASES: ICase[] = [
  { file: 'v2.zarr.zip', packing: zip(''), axes: 'tczyx', written: STACK, dtype: 'uint16', zarrFormat: 2, slices: CUT },
  { file: 'top.ozx', packing: zip('top.zarr/image é'), axes: 'tczyx', written: STACK, dtype: 'uint16', zarrFormat: 3, slices: CUT },
  { file: 'stack.ome.tif', packing: tiff(0), axes: 'tczyx', written: STACK, dtype: 'uint16', zarrFormat: 0, slices: CUT },
  { file: 'stack.ome.tif', packing: tiff(0), axes: 'tczyx', written: STACK, dtype: 'uint16', zarrFormat: 0, level: 1, slices: COARSE },
  { file: 'colour.tif', packing: tiff(0), axes: 'yxc', written: [33, 37, 3], dtype: 'uint8', zarrFormat: 0, slices: [{ start: 1, stop: 9 }, null, null] },
  { file: 'palette.tif', packing: { kind: 'tiff', series: 0, palette: true }, axes: 'yxc', written: [33, 37, 3], dtype: 'uint8', zarrFormat: 0, slices: [{ start: 1, stop: 9 }, null, { index: 1 }] },
  { file: 'hyper.tif', packing: tiff(0), axes: 'tczyx', written: [2, 4, 3, 33, 37], order: [0, 2, 1, 3, 4], shape: STACK, dtype: 'uint16', zarrFormat: 0, slices: CUT },
  { file: 'two.ome.tif', packing: tiff(0), axes: 'tczyx', written: [33, 37], shape: [1, 1, 1, 33, 37], dtype: 'uint8', zarrFormat: 0, slices: [null, null, { index: 0 }, null, { start: 3, stop: 9 }] },
  { file: 'series.ome.tif', packing: tiff(1), axes: 'zyx', written: [3, 33, 37], dtype: 'float32', zarrFormat: 0, slices: [{ index: 2 }, null, null] },
  { file: 'positions.ome.tif', packing: tiff(1), axes: 'tyx', written: [3, 33, 37], dtype: 'uint16', zarrFormat: 0, slices: [{ index: 2 }, null, null] }
];

/** Files that are read from a folder only: tifffile does not look for the rest of a set elsewhere. */
const SETS: ICase[] = ['companion/set.companion.ome', 'master/one.ome.tif'].map(name => ({
  file: `${path.dirname(name)}/two.ome.tif`,
  packing: { kind: 'tiff', series: 0, describedBy: path.basename(name) },
  axes: 'zyx',
  written: [2, 33, 37],
  dtype: 'uint8',
  zarrFormat: 0,
  slices: [{ index: 0 }, null, { start: 3, stop: 9 }]
}));

function inputOf(one: ICase, access: SnippetAccess): ISnippetInput {
  const level = one.level ?? 0;
  const full = one.shape ?? one.written;
  const shape = full.map((size, axis) => (axis < full.length - 2 ? size : Math.ceil(size / 2 ** level)));
  return {
    uri: one.file,
    title: one.file,
    access,
    packing: one.packing,
    zarrFormat: one.zarrFormat,
    version: '',
    axes: [...one.axes],
    level,
    levelPath: String(level),
    shape,
    slices: one.slices,
    dtype: one.dtype
  };
}

describe('an image in a file', () => {
  it.each(CASES)('has a template that reads $file, and only such', one => {
    const fitting = TEMPLATES.filter(template => fits(template, inputOf(one, { kind: 'file', path: '/x' })));
    expect(fitting.map(({ id }) => id)).toEqual([one.zarrFormat === 0 ? 'python-tifffile' : 'python-dask']);
  });
});

describeWithPython('snippets of files in a real interpreter', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'bioimage-packed-'));
    runPython(MAKE, null, folder);
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(['file', 'https'] as const)('leave exactly the part that was asked for, lazily (%s)', kind => {
    const listed = kind === 'file' ? [...CASES, ...SETS] : CASES;
    const cases = listed.map(one => {
      const access: SnippetAccess = kind === 'file' ? { kind, path: path.join(folder, one.file) } : { kind, url: `ORIGIN/${one.file}` };
      const input = inputOf(one, access);
      const template = TEMPLATES.find(candidate => fits(candidate, input));
      return { order: one.written.map((_, axis) => axis), shape: one.written, level: 0, ...one, code: template?.render(input) ?? '' };
    });
    const answers = runPython<{ lazy: boolean; equal: boolean; dtype: string }[]>(RUN, cases, folder);
    const seen = answers.map(({ lazy, equal, dtype }, i) => ({ file: cases[i].file, lazy, equal, dtype }));
    expect(seen).toEqual(listed.map(({ file, dtype }) => ({ file, lazy: true, equal: true, dtype })));
  }, 180_000);

  it('refuse a file that holds a part of the image only', () => {
    const one = { ...CASES[2], written: [2, 3, 9, 33, 37] };
    const input = inputOf(one, { kind: 'file', path: path.join(folder, one.file) });
    const code = TEMPLATES.find(candidate => fits(candidate, input))?.render(input) ?? '';
    const script = 'import json, sys\ntry:\n    exec(json.load(sys.stdin), {})\nexcept ValueError as error:\n    print(json.dumps(str(error)))';
    expect(runPython<string>(script, code, folder)).toContain('open the file that describes the whole set');
  }, 60_000);
});
