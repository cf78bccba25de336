import { MimeData } from '@lumino/coreutils';

/** Way in CSS pixels from which on a press is a drag. */
const THRESHOLD = 5;

/** What is dragged. */
export interface IDragged {
  /** By MIME type; a function is asked for its data when they are dropped. */
  readonly data: Readonly<Record<string, unknown>>;
  /** What stands under the pointer meanwhile. */
  readonly title: string;
}

/** Data some of which are made while they are dragged: a function is asked when somebody takes them. */
class LateMimeData extends MimeData {
  override getData(mime: string): unknown {
    const data: unknown = super.getData(mime);
    return typeof data === 'function' ? (data as () => unknown)() : data;
  }
}

/** What stands under the pointer; it is outside the panel, so it brings the theme with it. */
function imageOf(title: string): HTMLElement {
  const node = document.createElement('div');
  node.className = 'jp-BioImageBrowser-drag jp-ThemedContainer';
  node.textContent = title;
  return node;
}

/**
 * Begins a drag once a press has moved far enough. `what` is asked then, and may say that there is nothing to drag; a press
 * that ends before is a click as ever.
 */
export function dragFrom(event: PointerEvent, what: () => IDragged | null): void {
  if (event.button !== 0 || event.pointerType === 'touch') {
    return;
  }
  const { clientX, clientY } = event;
  const ended = new AbortController();
  const { signal } = ended;
  // Loaded with the first press: most visits drag nothing.
  const loaded = import('@lumino/dragdrop');
  let isHeld = true;
  const onMove = async (move: PointerEvent): Promise<void> => {
    if (Math.hypot(move.clientX - clientX, move.clientY - clientY) < THRESHOLD) {
      return;
    }
    ended.abort();
    const dragged = what();
    if (dragged === null) {
      return;
    }
    const mimeData = new LateMimeData();
    Object.entries(dragged.data).forEach(([mime, data]) => mimeData.setData(mime, data));
    const { Drag } = await loaded;
    if (!isHeld) {
      // Let go while the code was loading.
      return;
    }
    const options = { proposedAction: 'copy', supportedActions: 'copy' } as const;
    const drag = new Drag({ mimeData, dragImage: imageOf(dragged.title), ...options });
    await drag.start(move.clientX, move.clientY);
    drag.dispose();
  };
  document.addEventListener('pointermove', move => void onMove(move), { signal });
  for (const end of ['pointerup', 'pointercancel']) {
    const release = (): void => {
      isHeld = false;
      ended.abort();
    };
    document.addEventListener(end, release, { once: true });
  }
}
