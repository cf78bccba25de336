import { ChunkDecoder } from './chunkdecoder';
import { warmCodecs, webAssembly } from './guard/codecs';
import { plainError, type Reply, type Request } from './protocol';

// Decoders kept per worker, by document; an image has a few levels of one document each.
const KEPT = 32;

/**
 * The worker's side of the pool: answers requests by `post`. Plain module, so that tests can run it in any kind of thread.
 */
export function serveDecodes(
  post: (reply: Reply, transfer: ArrayBuffer[]) => void
): (request: Request) => Promise<void> {
  const decoders = new Map<string, ChunkDecoder>();
  return async request => {
    if (request.type === 'warm') {
      await warmCodecs(request.codecs);
      return;
    }
    const { id, spec } = request;
    const key = JSON.stringify(spec);
    try {
      await warmCodecs(spec.codecs);
      post({ type: 'started', id }, []);
      webAssembly.used = false;
      let decoder = decoders.get(key);
      if (!decoder) {
        if (decoders.size >= KEPT) {
          decoders.clear();
        }
        decoder = new ChunkDecoder(spec);
        decoders.set(key, decoder);
      }
      const out = await decoder.decode(new Uint8Array(request.bytes), request.more);
      // What is transferred is the whole buffer, so it must hold the result and nothing else.
      const whole =
        out.byteLength === out.buffer.byteLength && out.buffer instanceof ArrayBuffer ? out.buffer : out.slice().buffer;
      post({ type: 'decoded', id, bytes: whole }, [whole]);
    } catch (error) {
      decoders.delete(key);
      post({ type: 'failed', id, error: plainError(error), spent: webAssembly.used }, []);
    }
  };
}
