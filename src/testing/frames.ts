/** A frame as the server writes it: uint32 (little-endian) length of the header, the header, the body. */
export function encodeFrame(header: Record<string, unknown>, body: Uint8Array = new Uint8Array(0)): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(body.length > 0 ? { ...header, bytes: body.length } : header));
  const frame = new Uint8Array(4 + text.length + body.length);
  new DataView(frame.buffer).setUint32(0, text.length, true);
  frame.set(text, 4);
  frame.set(body, 4 + text.length);
  return frame;
}

/** UTF-8 bytes, or those of a value as JSON. */
export function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
}

/** A stream of the bytes given, cut into pieces of `size` bytes wherever that falls. */
export function streamOf(bytes: readonly Uint8Array[], size = Infinity): ReadableStream<Uint8Array> {
  const pieces = bytes.flatMap(part => {
    const step = Math.min(size, Math.max(1, part.length));
    return Array.from({ length: Math.ceil(part.length / step) }, (_, i) => part.slice(i * step, (i + 1) * step));
  });
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces.shift();
      if (piece) {
        controller.enqueue(piece);
      } else {
        controller.close();
      }
    }
  });
}

/** A stream that its test writes frame by frame; the count for the last frame is kept. */
export class FrameSource {
  readonly stream: ReadableStream<Uint8Array>;
  /** The reader has cancelled it. */
  cancelled = false;
  private _controller!: ReadableStreamDefaultController<Uint8Array>;
  private _count = 0;

  constructor() {
    this.stream = new ReadableStream<Uint8Array>({
      start: controller => {
        this._controller = controller;
      },
      cancel: () => {
        this.cancelled = true;
      }
    });
  }

  write(header: Record<string, unknown>, body?: Uint8Array): void {
    this._count += 1;
    this._controller.enqueue(encodeFrame(header, body));
  }

  /** Ends as it should: with the last frame. */
  end(): void {
    this._controller.enqueue(encodeFrame({ end: this._count }));
    this._controller.close();
  }

  /** Ends without the last frame. */
  close(): void {
    this._controller.close();
  }

  error(reason: unknown): void {
    this._controller.error(reason);
  }
}
