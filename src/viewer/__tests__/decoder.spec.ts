import type { Reply, Request } from '../../pixels/protocol';
import { plainArray } from '../../testing/images';
import { sharedDecoder } from '../decoder';

const asked: Request[] = [];

/** Gives back what it was given, and keeps what it was asked. */
class EchoWorker {
  onmessage: ((event: MessageEvent<Reply>) => void) | null = null;
  onerror = null;

  postMessage(request: Request): void {
    asked.push(request);
    if (request.type === 'decode') {
      const { id, bytes } = request;
      queueMicrotask(() => this.onmessage?.(new MessageEvent<Reply>('message', { data: { type: 'decoded', id, bytes } })));
    }
  }

  terminate(): void {
    this.onmessage = null;
  }
}

jest.mock('../../pixels/startworker', () => ({ startDecodeWorker: () => new EchoWorker() }));

describe('the decoder that all previews share', () => {
  const array = plainArray();
  const bytes = Uint8Array.of(1, 2, 3, 4);

  it('hands all of a call to the workers', async () => {
    const decoder = sharedDecoder();
    const more = { parts: [2, 2], tables: 'q' };
    expect([...(await decoder.decode(array, bytes, undefined, more))]).toEqual([1, 2, 3, 4]);
    expect(asked).toMatchObject([{ type: 'decode', more, spec: { document: array.decodeDoc } }]);
    decoder.dispose();
  });

  it('hands the signal on', async () => {
    const decoder = sharedDecoder();
    const before = asked.length;
    await expect(decoder.decode(array, bytes, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
    expect(asked).toHaveLength(before);
    decoder.dispose();
  });
});
