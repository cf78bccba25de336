import type { ICatalogueSource } from '../catalogue';
import { isAbort, throwIfAborted } from '../core';
import type { ISuggestion } from '../entities';

/** Suggestions shown, and how many of them may be searches of before. */
const MOST = 8;
const MOST_RECENT = 3;
/** Time in ms that sources have to suggest something: later ones would push away what is being looked at. */
const PATIENCE = 1500;

/** One line under the search box. */
export type ISuggested =
  | { readonly kind: 'recent'; readonly text: string }
  | ({ readonly kind: 'source'; readonly label: string } & ISuggestion);

/** True where it adds nothing to what has been typed. */
function isTyped(one: ISuggested, text: string): boolean {
  return (one.kind === 'recent' || one.facet === undefined) && one.text.trim().toLowerCase() === text;
}

function keyOf(one: ISuggested): string {
  return `${one.kind === 'source' ? (one.facet ?? '') : ''} ${one.text.toLowerCase()}`;
}

/** What may be meant by what is being typed: searches of before at once, what the sources say as it comes. */
export class Suggestions {
  /** False while nobody is at the search box. */
  isWanted = true;

  constructor(private readonly changed: () => void) {}

  get items(): readonly ISuggested[] {
    return this.shown;
  }
  /** The line that Enter takes; -1 is the text itself. */
  get active(): number {
    return this.place;
  }

  /** Suggests for a text; an empty one gets the searches of before. Without a list of sources, what is there is closed. */
  async ask(text: string, recent: readonly string[], sources: readonly ICatalogueSource[] | null): Promise<void> {
    this.close();
    if (!this.isWanted || sources === null) {
      return;
    }
    const abort = (this.abort = new AbortController());
    const typed = text.trim().toLowerCase();
    const before = recent.filter(one => one.toLowerCase().startsWith(typed));
    const own: ISuggested[] = before
      .slice(0, typed === '' ? MOST : MOST_RECENT)
      .map(one => ({ kind: 'recent', text: one }));
    const lists: (readonly ISuggested[])[] = sources.map(() => []);
    this.show(own, lists, typed);
    const timer = setTimeout(() => abort.abort(), PATIENCE);
    await Promise.all(
      sources.map(async (source, index) => {
        const found = await suggested(source, text.trim(), abort.signal);
        if (!abort.signal.aborted) {
          lists[index] = found;
          this.show(own, lists, typed);
        }
      })
    );
    clearTimeout(timer);
  }

  /** One line down or up, as far as there are lines; above the first one is the text itself. */
  move(step: 1 | -1): void {
    this.place = Math.max(-1, Math.min(this.shown.length - 1, this.place + step));
    this.changed();
  }

  close(): void {
    this.abort.abort();
    if (this.shown.length > 0) {
      this.shown = [];
      this.place = -1;
      this.changed();
    }
  }

  /** The best of each source before the second best of any. */
  private show(own: readonly ISuggested[], lists: readonly (readonly ISuggested[])[], typed: string): void {
    const depth = Math.max(0, ...lists.map(({ length }) => length));
    const mixed = Array.from({ length: depth }, (_, index) =>
      lists.flatMap(list => list.slice(index, index + 1))
    ).flat();
    const seen = new Map([...own, ...mixed].filter(one => !isTyped(one, typed)).map(one => [keyOf(one), one]));
    const chosen = this.shown[this.place] as ISuggested | undefined;
    this.shown = [...seen.values()].slice(0, MOST);
    this.place = chosen === undefined ? -1 : this.shown.findIndex(one => keyOf(one) === keyOf(chosen));
    this.changed();
  }

  private shown: readonly ISuggested[] = [];
  private place = -1;
  private abort = new AbortController();
}

/** What one source suggests; none when it fails, for nobody has asked it for anything yet. */
async function suggested(source: ICatalogueSource, text: string, signal: AbortSignal): Promise<readonly ISuggested[]> {
  try {
    throwIfAborted(signal);
    const found = (await source.suggest?.(text, signal)) ?? [];
    return found.map(one => ({ ...one, kind: 'source', label: source.label }));
  } catch (reason) {
    if (!isAbort(reason) && !signal.aborted) {
      console.warn(`jupyterlab-bioimage: ${source.id} has no suggestions`, reason);
    }
    return [];
  }
}
