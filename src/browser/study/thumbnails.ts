import { SharedTask, throwIfAborted, Turns } from '../../core';
import { safePicture } from './links';

/** Draws a picture of an image that fits into `size` × `size` pixels; see the panel's host. */
export type MakeThumbnail = (uri: string, size: number, signal: AbortSignal) => Promise<string | null>;

/** Pictures made at a time: the session has other things to read. */
const PARALLEL = 4;
/** Pictures kept; more than are ever on the screen. */
const KEPT = 400;
/** Pixels of a picture's longer side. */
const THUMBNAIL = 160;

/**
 * Pictures of images, a few at a time in the order in which they were asked for. One that nobody waits for any more is
 * taken out of the queue, or stopped where it has begun. Pictures that were made are kept; `blob:` addresses are revoked
 * when they are given up.
 */
export class Thumbnails {
  constructor(private readonly make: MakeThumbnail) {}

  /** The picture, where it has been made: `null` is one that cannot be made, `undefined` one that has not been tried. */
  peek(uri: string): string | null | undefined {
    return this.made.get(uri);
  }

  /** The picture of an image; `null` where there is none. Rejects with the signal's reason, or when making it failed. */
  async get(uri: string, signal: AbortSignal): Promise<string | null> {
    throwIfAborted(signal);
    const made = this.made.get(uri);
    if (made !== undefined) {
      return made;
    }
    let task = this.tasks.get(uri);
    if (task === undefined || task.abandoned) {
      task = new SharedTask(stop => this.run(uri, stop));
      this.tasks.set(uri, task);
    }
    try {
      return await task.join(signal);
    } finally {
      if ((task.settled || task.abandoned) && this.tasks.get(uri) === task) {
        this.tasks.delete(uri);
      }
    }
  }

  /** Gives up all pictures. */
  dispose(): void {
    this.isDisposed = true;
    this.made.forEach(revoke);
    this.made.clear();
  }

  private async run(uri: string, signal: AbortSignal): Promise<string | null> {
    const address = await this.turns.run('', () => this.make(uri, THUMBNAIL, signal), signal);
    const picture =
      address !== null && (address.startsWith('blob:') || safePicture(address) !== undefined) ? address : null;
    if (signal.aborted || this.isDisposed) {
      revoke(picture);
      throwIfAborted(signal);
      return null;
    }
    this.keep(uri, picture);
    return picture;
  }

  private keep(uri: string, picture: string | null): void {
    this.made.set(uri, picture);
    for (const [old, address] of this.made) {
      if (this.made.size <= KEPT) {
        break;
      }
      this.made.delete(old);
      revoke(address);
    }
  }

  private readonly made = new Map<string, string | null>();
  private readonly tasks = new Map<string, SharedTask<string | null>>();
  private readonly turns = new Turns(PARALLEL);
  private isDisposed = false;
}

function revoke(address: string | null): void {
  if (address?.startsWith('blob:') === true) {
    URL.revokeObjectURL(address);
  }
}
