import { say } from './say';
import { throwIfAborted, within } from './abort';
import { BioImageError, isAbort } from './errors';
import { asInteger, asObject } from './json';

/** One frame: a small JSON header and the bytes that belong to it. */
export interface IFrame {
  header: Record<string, unknown> & { bytes?: number };
  bytes: Uint8Array;
}

/** Bound of a frame's header, in bytes. */
const MAX_HEADER_BYTES = 64 * 1024;

/** Bound of a frame's body, in bytes: that of one read. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Longest silence within a stream, in ms; above what the server itself waits for a store. */
export const MAX_SILENCE = 60_000;

/**
 * The frames of a stream as they arrive: uint32 (little-endian) length of the header, the header (UTF-8 JSON, `bytes` =
 * length of the body), the body. The last frame `{"end": n}`, without `type` and `i`, is not handed out; n counts
 * the frames before it.
 *
 * Throws `UPSTREAM_BAD` where the end is missing or wrong or a bound is passed, `UPSTREAM_DOWN` where the connection
 * breaks, `UPSTREAM_SLOW` where nothing comes for `silence` ms, the reason of `signal` where that fires. Leaving the loop early cancels the stream.
 */
export async function* readFrames(
  stream: ReadableStream<Uint8Array>,
  signal?: AbortSignal,
  silence = MAX_SILENCE
): AsyncGenerator<IFrame, void, undefined> {
  const reader = stream.getReader();
  // A read that waits for the network does not look at the signal by itself.
  const stop = () => void reader.cancel(signal?.reason).catch(ignore);
  signal?.addEventListener('abort', stop, { once: true });
  const take = makeTake(() => read(reader, signal, silence));
  try {
    throwIfAborted(signal);
    for (let count = 0; ; count++) {
      const frame = await readFrame(take);
      if (isLast(frame.header)) {
        if (frame.header.end !== count) {
          throw new BioImageError('UPSTREAM_BAD', say`The server gave a wrong answer: frames are missing.`);
        }
        return;
      }
      yield frame;
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    stop();
  }
}

/** Frames of parts of objects carry an `end` too; they also say what they are. */
function isLast(header: IFrame['header']): boolean {
  return 'end' in header && !('type' in header) && !('i' in header);
}

/** A stream that has failed already rejects its cancellation with the failure, which the reader has been told. */
function ignore(): void {
  return;
}

async function readFrame(take: (length: number) => Promise<Uint8Array>): Promise<IFrame> {
  const prefix = await take(4);
  const length = new DataView(prefix.buffer).getUint32(0, true);
  if (length > MAX_HEADER_BYTES) {
    throw new BioImageError('UPSTREAM_BAD', say`The server gave a wrong answer: a frame's header is too long.`);
  }
  const text = await take(length);
  let header: IFrame['header'];
  let size: number;
  try {
    header = asObject(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text)), 'frame');
    size = asInteger(header.bytes ?? 0, 'bytes', 0, MAX_BODY_BYTES);
  } catch (cause) {
    throw new BioImageError('UPSTREAM_BAD', say`The server gave a wrong answer: a frame's header is not valid.`, {
      cause
    });
  }
  return { header, bytes: await take(size) };
}

/** Cuts the stream's pieces, whatever their sizes, into exactly the lengths asked for; each is a buffer of its own. */
function makeTake(next: () => Promise<ReadableStreamReadResult<Uint8Array>>): (length: number) => Promise<Uint8Array> {
  let parts: Uint8Array[] = [];
  let have = 0;
  return async length => {
    while (have < length) {
      const { value, done } = await next();
      if (done) {
        throw new BioImageError('UPSTREAM_BAD', say`The server gave a wrong answer: it ended too early.`);
      }
      parts.push(value);
      have += value.length;
    }
    const out = new Uint8Array(length);
    let at = 0;
    let used = 0;
    while (at < length) {
      const part = parts[used];
      const count = Math.min(part.length, length - at);
      out.set(part.subarray(0, count), at);
      at += count;
      if (count === part.length) {
        used += 1;
      } else {
        parts[used] = part.subarray(count);
      }
    }
    parts = parts.slice(used);
    have -= length;
    return out;
  };
}

async function read(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  signal: AbortSignal | undefined,
  silence: number
): Promise<ReadableStreamReadResult<Uint8Array>> {
  try {
    const result = await within(reader.read(), silence, slow);
    throwIfAborted(signal);
    return result;
  } catch (cause) {
    throwIfAborted(signal);
    if (isAbort(cause) || cause instanceof BioImageError) {
      throw cause;
    }
    throw new BioImageError('UPSTREAM_DOWN', say`The connection broke off.`, { cause });
  }
}

function slow(): BioImageError {
  return new BioImageError('UPSTREAM_SLOW', say`The session is too slow.`);
}
