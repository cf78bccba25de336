import { BioImageError, say } from '../core';
import type { IReadableStore } from '../stores';
import { badTiff, FileBytes } from './bytes';
import { Directory, type IForm } from './directory';

/** Parsed directories kept per file; one has some twenty numbers. */
const KEPT = 512;
/** Directories that are asked for at once where they follow each other in equal steps. */
const AHEAD = 6;

/** The header's byte order and offset of the first directory (TIFF 6.0, section 2; BigTIFF). */
function readHeader(head: Uint8Array, key: string): { form: IForm; first: number } {
  const data = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const mark = data.getUint16(0);
  if (mark !== 0x4949 && mark !== 0x4d4d) {
    throw badTiff(key, say`it does not begin like a TIFF file`);
  }
  const little = mark === 0x4949;
  const version = data.getUint16(2, little);
  if (version === 42) {
    return { form: { little, big: false }, first: data.getUint32(4, little) };
  }
  if (version !== 43 || data.getUint16(4, little) !== 8) {
    // 330, 85 and others: cameras' own kinds.
    throw new BioImageError('UNSUPPORTED', say`This format is not supported: TIFF version ${version}.`, { where: key });
  }
  return { form: { little, big: true }, first: Number(data.getBigUint64(8, little)) };
}

/** A TIFF file whose directories are read as they are asked for. */
export class TiffFile {
  readonly bytes: FileBytes;
  readonly form: IForm;
  /** Offsets of the main directories as far as the chain was followed. */
  private readonly _chain: number[];
  private readonly _seen: Set<number>;
  private readonly _kept = new Map<number, Directory>();
  private _forward = true;

  private constructor(bytes: FileBytes, form: IForm, first: number) {
    this.bytes = bytes;
    this.form = form;
    this._chain = [first];
    this._seen = new Set(this._chain);
  }

  /** Reads the header; the first directory usually comes with it. Throws BAD_METADATA, UNSUPPORTED, NOT_FOUND. */
  static async open(store: IReadableStore, key: string, most: number, signal?: AbortSignal): Promise<TiffFile> {
    const bytes = new FileBytes(store, key);
    bytes.most = most;
    // A classic file without any pixel is longer than a BigTIFF header.
    const { form, first } = readHeader(await bytes.read(0, 16, signal), key);
    if (first === 0) {
      throw badTiff(key, say`it has no directory`);
    }
    return new TiffFile(bytes, form, first);
  }

  /** Main directories whose place is known. */
  get known(): number {
    return this._chain.length;
  }

  /** The chain never led back so far: it ends with the file at the latest. */
  get forward(): boolean {
    return this._forward;
  }

  /**
   * Main directory `index`, counted from 0; `undefined` behind the last one. The chain is followed as far as needed.
   *
   * @throws BAD_METADATA, also for a chain that leads back into itself
   */
  async directory(index: number, signal?: AbortSignal): Promise<Directory | undefined> {
    for (let at = this._chain.length - 1; at < index; at++) {
      const { next } = await this.at(this._chain[at], signal);
      if (next === 0) {
        return undefined;
      }
      this._link(at + 1, next, index);
    }
    return this.at(this._chain[index], signal);
  }

  /** The directory at `offset`: a main one or a sub-directory. */
  async at(offset: number, signal?: AbortSignal): Promise<Directory> {
    const known = this._kept.get(offset);
    if (known) {
      return known;
    }
    const directory = await Directory.read(this.bytes, this.form, offset, signal);
    if (this._kept.size >= KEPT) {
      this._kept.delete(this._kept.keys().next().value ?? offset);
    }
    this._kept.set(offset, directory);
    return directory;
  }

  /** Several callers may follow the chain at once: whoever comes second finds the link there. */
  private _link(at: number, next: number, wanted: number): void {
    if (this._chain.length > at) {
      return;
    }
    if (this._seen.has(next)) {
      throw badTiff(this.bytes.key, say`its directories lead in a circle (byte ${next})`);
    }
    this._seen.add(next);
    this._chain.push(next);
    const step = next - this._chain[at - 1];
    this._forward &&= step > 0;
    if (at >= 2 && step === this._chain[at - 1] - this._chain[at - 2] && step > 0) {
      // Planes of equal size with a directory each: the next ones are likely where these two point.
      for (let i = 1; i <= Math.min(AHEAD, wanted - at); i++) {
        this.bytes.ahead(next + i * step);
      }
    }
  }
}
