// The stock stack: zarrita with its own HTTP store and its own codecs, as they come. In a thread of its own, because for
// some inputs it never ends, and because what it does to its codecs must not reach ours.
import { parentPort } from 'node:worker_threads';
import * as zarr from 'zarrita';

async function read({ url, format, chunk }) {
  try {
    const place = zarr.root(new zarr.FetchStore(url));
    const options = { kind: 'array', attrs: false };
    const array = await (format === 2 ? zarr.open.v2(place, options) : zarr.open.v3(place, options));
    const { data, stride } = await array.getChunk(chunk);
    if (!ArrayBuffer.isView(data)) {
      return { error: 'no numbers' };
    }
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    return stride[0] < stride[1] ? { error: 'in another order', bytes } : { bytes };
  } catch (error) {
    return { error: String(error?.message).split('\n')[0] };
  }
}

parentPort.on('message', async job => {
  const late = new Promise(resolve => setTimeout(() => resolve({ late: true }), job.patience).unref());
  parentPort.postMessage({ ...(await Promise.race([read(job), late])), id: job.id });
});
