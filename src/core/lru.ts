/**
 * A cache bounded by bytes; the least recently used entry goes first. An entry larger than the whole bound is not kept
 * (and an older one under its key is dropped, for it is out of date).
 */
export class ByteLru<V> {
  private readonly _maxBytes: number;
  // A Map iterates in the order of insertion; every use inserts again, so the first key is the oldest.
  private readonly _entries = new Map<string, { value: V; bytes: number }>();
  private _bytes = 0;

  constructor(maxBytes: number) {
    this._maxBytes = maxBytes;
  }

  /** Sum of the sizes of what is kept, in bytes; never above the bound. */
  get bytes(): number {
    return this._bytes;
  }

  get(key: string): V | undefined {
    const entry = this._entries.get(key);
    if (!entry) {
      return undefined;
    }
    this._entries.delete(key);
    this._entries.set(key, entry);
    return entry.value;
  }

  /** Keeps `value`, counted with `bytes` (≥ 0). */
  set(key: string, value: V, bytes: number): void {
    this.delete(key);
    if (!(bytes >= 0 && bytes <= this._maxBytes)) {
      return;
    }
    this._entries.set(key, { value, bytes });
    this._bytes += bytes;
    for (const oldest of this._entries.keys()) {
      if (this._bytes <= this._maxBytes) {
        break;
      }
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const entry = this._entries.get(key);
    if (entry) {
      this._entries.delete(key);
      this._bytes -= entry.bytes;
    }
  }

  clear(): void {
    this._entries.clear();
    this._bytes = 0;
  }
}
