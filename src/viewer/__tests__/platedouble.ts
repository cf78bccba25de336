import type { Said } from '../../core';
import type { IPlateFrame, IPlateHead, IPlateView, ISessionTransport } from '../../entities';

/** One answer of the route of plates: told frame by frame, as the test wants. */
export interface IPlateAnswer {
  readonly path: string;
  readonly view: IPlateView;
  readonly signal: AbortSignal;
  head(head: Partial<IPlateHead>): Promise<void>;
  frame(frame: IPlateFrame): Promise<void>;
  end(): Promise<void>;
  fail(error: Error): void;
}

const pause = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 5));

/** As the server sends them: a sentence, and beside it the template it was made from. */
function packed(header: { message?: Said; [field: string]: unknown }, body: Uint8Array): Uint8Array {
  const { message } = header;
  const said = message && { message: message.toString(), said: { message } };
  const text = new TextEncoder().encode(JSON.stringify({ ...header, ...said, bytes: body.length }));
  const out = new Uint8Array(4 + text.length + body.length);
  new DataView(out.buffer).setUint32(0, text.length, true);
  out.set(text, 4);
  out.set(body, 4 + text.length);
  return out;
}

/** The route of plates in place of the server: every request is kept, and answered by the test. */
export function plateDouble(): { answers: IPlateAnswer[]; plate: NonNullable<ISessionTransport['plate']> } {
  const answers: IPlateAnswer[] = [];
  const plate: NonNullable<ISessionTransport['plate']> = (_, path, view, signal) => {
    let count = 0;
    let controller!: ReadableStreamDefaultController<Uint8Array>;
    const stream = new ReadableStream<Uint8Array>({ start: made => void (controller = made) });
    const send = async (header: { message?: Said; [field: string]: unknown }, body = new Uint8Array()): Promise<void> => {
      controller.enqueue(packed(header, body));
      count += 1;
      await pause();
    };
    answers.push({
      path,
      view,
      signal,
      head: ({ channels = [], ...head }) => send({ type: 'plate' }, new TextEncoder().encode(JSON.stringify({ count: 0, channels, ...head }))),
      frame: frame => send({ state: 'picture', mime: 'image/webp', ...frame }, Uint8Array.of(1)),
      end: async () => {
        controller.enqueue(packed({ end: count }, new Uint8Array()));
        controller.close();
        await pause();
      },
      fail: error => controller.error(error)
    });
    return Promise.resolve(stream);
  };
  return { answers, plate };
}
