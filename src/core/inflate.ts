import { say } from './say';
import type { Said } from './say';

/** What is handed to the inflater at once, in bytes: some unpack a whole piece, at most 1032-fold, before anybody can stop them. */
const PIECE = 16_384;

/** Why data could not be unpacked; in words that follow “the data”. */
export class InflateError extends Error {
  override readonly name = 'InflateError';

  constructor(
    readonly said: Said,
    options?: ErrorOptions
  ) {
    super(String(said), options);
  }
}

/** As {@link inflateWithin}, of exactly `length` bytes. */
export async function inflateExactly(
  bytes: Uint8Array,
  format: CompressionFormat,
  length: number
): Promise<Uint8Array> {
  const out = await inflateWithin(bytes, format, length);
  if (out.length !== length) {
    throw new InflateError(say`unpacks to ${out.length} of ${length} bytes`);
  }
  return out;
}

/**
 * Unpacks `bytes` into at most `length` bytes with the platform's inflater, which checks the checksum of gzip and zlib; stops as
 * soon as more comes out.
 *
 * @throws InflateError where the data is damaged, or more
 */
export async function inflateWithin(bytes: Uint8Array, format: CompressionFormat, length: number): Promise<Uint8Array> {
  const stream = new DecompressionStream(format);
  const fed = feed(stream.writable, bytes);
  // A failure shows on the reading side as well; this keeps the writing side's copy of it from being reported as unhandled.
  fed.catch(() => undefined);
  const reader = (stream.readable as ReadableStream<Uint8Array>).getReader();
  const out = new Uint8Array(length);
  let done = 0;
  for (;;) {
    const part = await reader.read().catch((cause: unknown) => {
      throw new InflateError(say`cannot be unpacked`, { cause });
    });
    if (part.done) {
      break;
    }
    if (done + part.value.length > length) {
      void reader.cancel().catch(() => undefined);
      throw new InflateError(say`unpacks to more than the ${length} bytes expected`);
    }
    out.set(part.value, done);
    done += part.value.length;
  }
  return done === length ? out : out.slice(0, done);
}

async function feed(writable: WritableStream<BufferSource>, bytes: Uint8Array): Promise<void> {
  const writer = writable.getWriter();
  for (let at = 0; at < bytes.length; at += PIECE) {
    await writer.ready;
    await writer.write(bytes.slice(at, at + PIECE));
  }
  await writer.close();
}
