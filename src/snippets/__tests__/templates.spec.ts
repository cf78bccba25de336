/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import type { ISnippetInput, SnippetSlice } from '..';
import { fits, TEMPLATES } from '..';
import { CORPUS } from './corpus';
import { describeWithPython, runPython } from './interpreter';

/** Axes and shapes of the image that Python makes: every value is its own C-order index, modulo the type. */
const SHAPE = [2, 3, 4, 33, 37];
const LEVEL_1 = [2, 3, 4, 17, 19];

/** Writes images of four layouts into folders of the given names; level 1 takes every second pixel. */
const MAKE = `
import json, os, sys
import numpy as np, zarr
places = json.load(sys.stdin)
axes = [{"name": n, "type": t} for n, t in zip("tczyx", ["time", "channel", "space", "space", "space"])]
def data(dtype):
    full = np.arange(int(np.prod(${JSON.stringify(SHAPE)}))).reshape(${JSON.stringify(SHAPE)})
    return (full % 2 == 0) if dtype == "bool" else (full % 251).astype(dtype)
for place in places:
    v3 = place["format"] == 3
    group = zarr.open_group(zarr.storage.LocalStore(place["path"]), mode="w", zarr_format=place["format"])
    scales = [[1, 1, 1, 1, 1], [1, 1, 1, 2, 2]]
    multiscale = {"axes": axes, "datasets": [
        {"path": str(i), "coordinateTransformations": [{"type": "scale", "scale": s}]} for i, s in enumerate(scales)]}
    if v3:
        group.attrs.update({"ome": {"version": "0.5", "multiscales": [multiscale]}})
    else:
        group.attrs.update({"multiscales": [{"version": "0.4", **multiscale}]})
    for level, values in enumerate([data(place["dtype"]), data(place["dtype"])[..., ::2, ::2]]):
        whole = place.get("whole")
        options = {"shards": (1, 3, 2, 32, 32)} if place.get("sharded") else {}
        if not v3:
            options["chunk_key_encoding"] = {"name": "v2", "separator": "/"}
        array = group.create_array(str(level), shape=values.shape, dtype=values.dtype, chunks=values.shape if whole else (1, 3, 2, 16, 32),
                                   fill_value=0, **options)
        array[...] = values
print("true")
`;

/** Runs each cell by itself and tells what its \`image\` is; \`want\` is cut from the formula by numpy. */
const RUN = `
import hashlib, json, sys, warnings
import numpy as np
def sha(values):
    values = np.ascontiguousarray(values)
    return hashlib.sha256(values.astype(values.dtype.newbyteorder("<")).tobytes()).hexdigest()
def cut(case):
    full = np.arange(int(np.prod(${JSON.stringify(SHAPE)}))).reshape(${JSON.stringify(SHAPE)})
    values = (full % 2 == 0) if case["dtype"] == "bool" else (full % 251).astype(case["dtype"])
    values = values[..., ::2, ::2] if case["level"] == 1 else values
    for axis in reversed(range(5)):
        s = case["slices"][axis]
        if s is None: continue
        if "list" in s: values = np.take(values, s["list"], axis)
        elif "index" in s: values = np.take(values, s["index"], axis)
        else: values = values[(slice(None),) * axis + (slice(s["start"], s["stop"]),)]
    return values
answers = []
for case in json.load(sys.stdin):
    names = {}
    exec(compile(case["code"], "cell", "exec"), names)
    image = names["image"]
    done, want = np.asarray(image), cut(case)
    answers.append({"lazy": type(image).__module__.startswith("dask."), "shape": list(done.shape), "want_shape": list(want.shape),
                    "dtype": str(done.dtype), "sha256": sha(done), "want": sha(want)})
print(json.dumps(answers))
`;

/** Serves the folder over http, where links of other names lead to the images; then `RUN` finds its cases as before. */
const SERVE = `
import http.server, io, json, os, sys, threading
given = json.load(sys.stdin)
class Handler(http.server.SimpleHTTPRequestHandler):
    def send_error(self, code, *rest):
        super().send_error(given["absent"] if code == 404 else code, *rest)
    def log_message(self, *rest):
        pass
for name in ["v2", "v3"]:
    if not os.path.islink(name + " #?%.zarr"):
        os.symlink(name, name + " #?%.zarr")
if os.path.exists("v2/0/.zattrs"):
    os.remove("v2/0/.zattrs")  # optional, and asked for: something that is absent
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
origin = "http://127.0.0.1:%d" % server.server_port
sys.stdin = io.StringIO(json.dumps(given["cases"]).replace("ORIGIN/.", origin))
`;

interface IAnswer {
  lazy: boolean;
  shape: number[];
  want_shape: number[];
  dtype: string;
  sha256: string;
  want: string;
}

const all: SnippetSlice[] = [null, null, null, null, null];
const with_ = (changes: Record<number, SnippetSlice>): SnippetSlice[] => all.map((slice, axis) => changes[axis] ?? slice);

const VIEWS: [string, number, SnippetSlice[]][] = [
  ['everything', 0, all],
  ['the coarser level', 1, all],
  ['one time', 0, with_({ 0: { index: 1 } })],
  ['one plane of one time', 1, with_({ 0: { index: 0 }, 2: { index: 3 } })],
  ['channels in another order', 0, with_({ 1: { list: [2, 0] } })],
  ['one channel, kept as an axis', 0, with_({ 1: { list: [1] } })],
  ['a region', 0, with_({ 3: { start: 5, stop: 30 }, 4: { start: 0, stop: 1 } })],
  ['a region of a level', 1, with_({ 3: { start: 16, stop: 17 }, 4: { start: 3, stop: 19 } })],
  [
    'all of it together',
    0,
    [{ index: 1 }, { list: [2, 1] }, { index: 2 }, { start: 7, stop: 33 }, { start: 15, stop: 37 }]
  ]
];

const LAYOUTS = [
  { name: 'v2', format: 2 as const, dtype: 'uint8', version: '0.4' },
  { name: 'v3', format: 3 as const, dtype: 'uint16', version: '0.5' },
  { name: 'sharded', format: 3 as const, dtype: 'float32', sharded: true, version: '0.5' },
  { name: 'float16', format: 2 as const, dtype: 'float16', version: '0.4' },
  { name: 'bool', format: 3 as const, dtype: 'bool', version: '0.5' }
];

function input(folder: string, layout: (typeof LAYOUTS)[number], level: number, slices: SnippetSlice[]): ISnippetInput {
  return {
    uri: `store:data/${layout.name}`,
    title: layout.name,
    access: { kind: 'file', path: path.join(folder, layout.name) },
    zarrFormat: layout.format,
    version: layout.version,
    axes: ['t', 'c', 'z', 'y', 'x'],
    level,
    levelPath: String(level),
    shape: level === 0 ? SHAPE : LEVEL_1,
    slices,
    dtype: layout.dtype
  };
}

/** Those that read folders of Zarr; files are in `packed.spec.ts`. */
const FOLDERS = TEMPLATES.filter(template => fits(template, input('/data', LAYOUTS[0], 0, all)));

describe('a rendered snippet', () => {
  const example = (changes: Partial<ISnippetInput> = {}): ISnippetInput => ({
    ...input('/data', LAYOUTS[0], 1, VIEWS[8][2]),
    ...changes
  });

  it('has values only in variables at the top', () => {
    const [dask] = TEMPLATES;
    expect(dask.render(example({ title: 'Cells', access: { kind: 'file', path: '/data/a "b".zarr' } }))).toBe(
      [
        '# Cells: level 1 (t 2, c 3, z 4, y 17, x 19; uint8)',
        '# Needs: %pip install "zarr>=3" "dask[array]"',
        'location = "/data/a \\"b\\".zarr"',
        'level_path = "1"',
        't = 1',
        'channels = [2, 1]',
        'z = 2',
        'y = slice(7, 33)',
        'x = slice(15, 37)',
        '',
        'try:',
        '    import dask.array as da',
        '    import zarr',
        'except ImportError as error:',
        '    advice = ". Install it, then run this cell again: %pip install \\"zarr>=3\\" \\"dask[array]\\""',
        '    raise ImportError(str(error) + advice) from error',
        '',
        'store = zarr.storage.LocalStore(location, read_only=True)',
        'image = da.from_zarr(zarr.open_array(store, path=level_path, mode="r", zarr_format=2))',
        'image = da.take(image, channels, axis=1)',
        'image = image[t, :, z, y, x]',
        'image'
      ].join('\n')
    );
  });

  it.each([
    [{ kind: 'https', url: 'https://a.example/x%23y.zarr' } as const, 'https://a.example/x%23y.zarr'],
    [
      { kind: 's3', endpoint: 'https://s3.example:8443/', bucket: 'open', key: 'a b/c#?%.zarr' } as const,
      'https://s3.example:8443/open/a%20b/c%23%3F%25.zarr'
    ]
  ])('reads %j over http without credentials', (access, url) => {
    for (const template of TEMPLATES) {
      expect(template.render(example({ access }))).toContain(`location = "${url}"`);
    }
    expect(TEMPLATES[0].render(example({ access }))).toContain('# Needs: %pip install "zarr>=3" "dask[array]" fsspec aiohttp');
  });

  it('names an axis that is no identifier by its place', () => {
    const code = TEMPLATES[0].render(example({ axes: ['import os', 'c', 'z', 'y', 'x'] }));
    expect(code).toContain('axis_0 = 1\n');
    expect(code).toContain('image = image[axis_0, :, z, y, x]');
  });

  it.each(TEMPLATES.map(template => [template.id, template] as const))(
    '%s keeps every hostile title on its comment line',
    (_, template) => {
      const plain = template.render(example({ title: 'x' })).split('\n');
      for (const title of CORPUS) {
        const lines = template.render(example({ title, uri: title })).split('\n');
        expect(lines.slice(1)).toEqual(plain.slice(1));
        expect(lines[0]).toMatch(/^# [ -~]*$/);
      }
    }
  );
});

describeWithPython('snippets in a real interpreter', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'bioimage-snippets-'));
    runPython(MAKE, LAYOUTS.map(layout => ({ ...layout, path: path.join(folder, layout.name) })), folder);
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(FOLDERS.map(template => [template.id, template] as const))(
    '%s leaves exactly the part of the image that was asked for, lazily',
    (_, template) => {
      const cases = LAYOUTS.flatMap(layout =>
        VIEWS.map(([view, level, slices]) => ({
          view: `${layout.name}: ${view}`,
          dtype: layout.dtype,
          level,
          slices,
          code: template.render(input(folder, layout, level, slices))
        }))
      );
      const answers = runPython<IAnswer[]>(RUN, cases, folder);
      const wrong = answers.flatMap((answer, index) =>
        answer.lazy && answer.sha256 === answer.want && answer.shape.join() === answer.want_shape.join() && answer.dtype === cases[index].dtype
          ? []
          : [{ ...answer, view: cases[index].view }]
      );
      expect(wrong).toEqual([]);
      expect(answers).toHaveLength(LAYOUTS.length * VIEWS.length);
    },
    180_000
  );

  it.each(FOLDERS.map(template => [template.id, template] as const))(
    '%s opens images in folders of any name, and nothing in a name runs',
    (_, template) => {
      const inside = path.join(folder, `names-${template.id}`);
      mkdirSync(inside);
      const usable = CORPUS.filter(name => !/[\0/]/.test(name) && !/\p{Surrogate}/u.test(name) && name.length < 200 && name.trim() !== '');
      const layout = LAYOUTS[0];
      const named = usable.map(name => ({ ...layout, name, whole: true, path: path.join(inside, name) }));
      runPython(MAKE, named, inside);
      const cases = named.map(one => ({
        dtype: layout.dtype,
        level: 0,
        slices: VIEWS[8][2],
        code: template.render(input(inside, one, 0, VIEWS[8][2]))
      }));
      const answers = runPython<IAnswer[]>(RUN, cases, inside);
      expect(answers.filter(answer => answer.sha256 !== answer.want)).toEqual([]);
      expect(answers.length).toBeGreaterThan(40);
      expect(readdirSync(inside).filter(name => !usable.includes(name))).toEqual([]);
    },
    180_000
  );

  // ome-zarr-py opens its own connections and cannot be told that 403 means absent.
  it.each([...FOLDERS.map(template => [template.id, 404, template] as const), ['python-dask', 403, TEMPLATES[0]] as const])(
    '%s reads over http, names of any kind, where %d means absent',
    (_, absent, template) => {
      const cases = LAYOUTS.slice(0, 2).map(layout => ({
        dtype: layout.dtype,
        level: 0,
        slices: VIEWS[8][2],
        code: template.render({
          ...input(folder, layout, 0, VIEWS[8][2]),
          access: { kind: 's3', endpoint: 'ORIGIN', bucket: '.', key: `${layout.name} #?%.zarr`, absentIs403: absent === 403 }
        })
      }));
      const answers = runPython<IAnswer[]>(SERVE + RUN, { absent, cases }, folder);
      expect(answers.map(({ sha256 }) => sha256)).toEqual(answers.map(({ want }) => want));
    },
    120_000
  );

  it('say which package is missing and how to install it', () => {
    const answer = runPython<string>(
      [
        'import json, sys',
        'sys.modules["zarr"] = None',
        'try:',
        '    exec(json.load(sys.stdin), {})',
        'except ImportError as error:',
        '    print(json.dumps(str(error)))'
      ].join('\n'),
      TEMPLATES[0].render(input(folder, LAYOUTS[0], 0, all)),
      folder
    );
    expect(answer).toContain('zarr');
    expect(answer).toContain('%pip install "zarr>=3" "dask[array]"');
  });
});
