import { isAbort, type BioImageError } from '../../core';
import type { IArray } from '../../ngff';
import { plainArray } from '../../testing/images';
import { DecodePool, type IPoolWorker } from '../pool';
import type { Reply, Request } from '../protocol';
import { serveDecodes } from '../serve';

/** A worker in this thread: it answers in later turns, and fails or hangs for bytes that say so. */
class FakeWorker implements IPoolWorker {
  static made: FakeWorker[] = [];
  onmessage: IPoolWorker['onmessage'] = null;
  onerror: IPoolWorker['onerror'] = null;
  terminated = false;
  readonly got: Request[] = [];
  private readonly _serve = serveDecodes(reply => setTimeout(() => this.reply(reply), 2));

  constructor() {
    FakeWorker.made.push(this);
  }

  postMessage(request: Request): void {
    this.got.push(request);
    if (request.type !== 'decode') {
      return;
    }
    const [first] = new Uint8Array(request.bytes);
    if (first === 250) {
      this.reply({ type: 'started', id: request.id }); // and then nothing, for ever
    } else if (first === 251) {
      setTimeout(() => {
        this.onerror?.call(this as never, { message: 'out of memory' } as ErrorEvent);
      });
    } else {
      void this._serve(request);
    }
  }

  terminate(): void {
    this.terminated = true;
  }

  reply(reply: Reply): void {
    this.onmessage?.call(this as never, new MessageEvent<Reply>('message', { data: reply }));
  }
}

const array = plainArray();
const packedBy = (id: string): IArray => ({
  ...array,
  codecs: [id],
  decodeDoc: { ...array.decodeDoc, compressor: { id } }
});
const job = (value: number): Uint8Array => Uint8Array.of(value, 1, 2, 3);
const outcome = async (work: Promise<Uint8Array>): Promise<unknown> => {
  try {
    return (await work)[0];
  } catch (error) {
    return isAbort(error) ? 'AbortError' : (error as BioImageError).code;
  }
};

function pool(options: { size?: number; timeout?: number; loading?: number } = {}): DecodePool {
  FakeWorker.made = [];
  return new DecodePool(() => new FakeWorker(), { timeout: 40, ...options });
}

describe('a decode pool', () => {
  it('gives each worker one job at a time and keeps the rest in order', async () => {
    const decoders = pool();
    const jobs = Array.from({ length: 10 }, (_, i) => decoders.decode(array, job(i)));
    expect([FakeWorker.made.length, FakeWorker.made.map(worker => worker.got.length), decoders.queued]).toEqual([
      2,
      [1, 1],
      8
    ]);
    expect(await Promise.all(jobs.map(outcome))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(FakeWorker.made).toHaveLength(2);
  });

  it('does not touch the bytes it is given', async () => {
    const bytes = Uint8Array.of(9, ...job(5), 9).subarray(1, 5);
    await pool().decode(array, bytes);
    expect([...bytes]).toEqual([...job(5)]);
  });

  it('drops a queued job that nobody wants and lets a running one end', async () => {
    const decoders = pool({ size: 1 });
    const leave = new AbortController();
    const [running, queued, last] = [
      decoders.decode(array, job(1), leave.signal),
      decoders.decode(array, job(2), leave.signal),
      decoders.decode(array, job(3))
    ].map(outcome);
    leave.abort();
    expect([await running, await queued, await last]).toEqual(['AbortError', 'AbortError', 3]);
    const ids = FakeWorker.made[0].got.map(request =>
      request.type === 'decode' ? new Uint8Array(request.bytes)[0] : 0
    );
    expect([ids, FakeWorker.made.length]).toEqual([[1, 3], 1]);
  });

  it('refuses one that was given up before it came', async () => {
    const gone = AbortSignal.abort();
    const decoders = pool();
    expect([await outcome(decoders.decode(array, job(1), gone)), FakeWorker.made.length]).toEqual(['AbortError', 0]);
  });

  it('replaces a worker that takes too long, while the other goes on', async () => {
    const decoders = pool();
    const jobs = [250, 1, 2, 3].map(value => outcome(decoders.decode(array, job(value))));
    expect(await Promise.all(jobs)).toEqual(['BAD_CHUNK', 1, 2, 3]);
    expect(FakeWorker.made.map(worker => worker.terminated)).toEqual([true, false]);
    expect(await outcome(decoders.decode(array, job(4)))).toBe(4);
    expect(await Promise.all([5, 6].map(value => outcome(decoders.decode(array, job(value)))))).toEqual([5, 6]);
    expect(FakeWorker.made).toHaveLength(3);
  });

  it('gives a worker that loads its code more time than a decode', async () => {
    const decoders = pool({ size: 1, timeout: 20, loading: 2000 });
    const work = outcome(decoders.decode(array, job(1)));
    const [worker] = FakeWorker.made;
    const { onmessage } = worker;
    worker.onmessage = null; // its first words come late
    await new Promise(resolve => setTimeout(resolve, 60));
    worker.onmessage = onmessage;
    worker.postMessage(worker.got[0]);
    expect(await work).toBe(1);
  });

  it('keeps a worker whose decode failed without WebAssembly, or was refused before it', async () => {
    const decoders = pool({ size: 1 });
    expect(await outcome(decoders.decode(array, Uint8Array.of(1)))).toBe('BAD_CHUNK');
    expect(await outcome(decoders.decode(packedBy('zstd'), job(1)))).toBe('BAD_CHUNK');
    expect(await outcome(decoders.decode(packedBy('acme.squeeze'), job(1)))).toBe('UNSUPPORTED');
    expect(await outcome(decoders.decode(array, job(7)))).toBe(7);
    expect(FakeWorker.made.map(worker => worker.terminated)).toEqual([false]);
  });

  it('replaces a worker after a decode that failed in WebAssembly and after it has stopped', async () => {
    const decoders = pool({ size: 1, timeout: 5000 });
    // a whole frame by its headers (4 bytes of content, one compressed block, the last), whose block is nonsense
    const frame = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 4, 0x1d, 0, 0, 9, 9, 9);
    expect(await outcome(decoders.decode(packedBy('zstd'), frame))).toBe('BAD_CHUNK');
    expect(await outcome(decoders.decode(array, job(251)))).toBe('INTERNAL');
    expect(await outcome(decoders.decode(array, job(7)))).toBe(7);
    expect(FakeWorker.made.map(worker => worker.terminated)).toEqual([true, true, false]);
  });

  it('warms every worker once per codec', () => {
    const decoders = pool();
    decoders.warm(['blosc', 'bytes']);
    decoders.warm(['blosc']);
    expect(FakeWorker.made.map(worker => worker.got)).toEqual([
      [{ type: 'warm', codecs: ['blosc', 'bytes'] }],
      [{ type: 'warm', codecs: ['blosc', 'bytes'] }]
    ]);
    decoders.dispose();
  });

  it('ends all workers and jobs when it is disposed', async () => {
    const decoders = pool({ size: 1 });
    const jobs = [1, 2].map(value => outcome(decoders.decode(array, job(value))));
    decoders.dispose();
    expect(await Promise.all(jobs)).toEqual(['AbortError', 'AbortError']);
    expect(FakeWorker.made.map(worker => worker.terminated)).toEqual([true]);
    expect(await outcome(decoders.decode(array, job(3)))).toBe('AbortError');
  });
});
