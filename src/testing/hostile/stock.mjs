// The stock reader: plain zarrita, `open` and `get`, over HTTP answers made from objects in memory. Runs in a thread of its
// own, because for some inputs it never ends.
import { parentPort } from 'node:worker_threads';
import * as zarr from 'zarrita';

const BASE = 'https://store.example/image.zarr';

function storeOf(objects, left) {
  const map = new Map(objects);
  const answer = async request => {
    const url = new URL(request.url);
    if (!url.href.startsWith(`${BASE}/`) || url.search || url.hash) {
      left.push(url.href);
      return new Response(null, { status: 404 });
    }
    const bytes = map.get(decodeURIComponent(url.pathname.slice(new URL(BASE).pathname.length + 1)));
    if (!bytes) {
      return new Response(null, { status: 404 });
    }
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get('range') ?? '');
    const body = request.method === 'HEAD' ? null : range ? bytes.slice(Number(range[1]), Number(range[2]) + 1) : bytes;
    return new Response(body, { status: range ? 206 : 200, headers: { 'Content-Length': String(body?.length ?? bytes.length) } });
  };
  return new zarr.FetchStore(BASE, { fetch: answer });
}

async function read({ objects, image, region }) {
  const left = [];
  const store = storeOf(objects, left);
  try {
    let place = zarr.root(store);
    if (image) {
      const node = await zarr.open(place);
      if (node.kind === 'group') {
        place = node.resolve(node.attrs.multiscales[0].datasets[0].path);
      }
    }
    const array = await zarr.open(place, { kind: 'array' });
    const slices = region ? region.map(([from, to]) => zarr.slice(from, to)) : null;
    const { data } = await zarr.get(array, slices);
    return { bytes: ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice() : data.buffer ? new Uint8Array(data.buffer) : null, values: String(data).slice(0, 40), left };
  } catch (error) {
    return { error: `${error?.name}: ${String(error?.message).split('\n')[0]}`, left };
  }
}

parentPort.on('message', async job => parentPort.postMessage({ ...(await read(job)), id: job.id }));
