import type { INode } from '../ngff';

/** Where a preview is. */
export type Status = 'loading' | 'ready' | 'failed';

/** What the status follows from. */
export interface IStatusInput {
  readonly uri: string;
  readonly failed: boolean;
  /** What was opened, once known. */
  readonly kind?: INode['kind'];
  /** The drawing is exact at the shown level; false where there is none yet. */
  readonly exact: boolean;
  /** Damaged tiles in the view. */
  readonly damaged: number;
  /** Reads outstanding. */
  readonly pending: number;
  /** A display-only picture stands in. */
  readonly standIn: boolean;
}

/** Three words of a contract that outside tools read: a well is part of a plate, a group lists what is in it. */
const KINDS = {
  image: 'image',
  plate: 'plate',
  well: 'plate',
  collection: 'collection',
  group: 'collection'
} as const satisfies Record<INode['kind'], string>;

/** `ready` only while what is drawn is exact; damaged tiles are part of what is exact, a failure is final until tried again. */
export function statusOf({ failed, exact }: IStatusInput): Status {
  return failed ? 'failed' : exact ? 'ready' : 'loading';
}

/** The attributes that tell tests, style sheets and assistive tools about the preview. `null`: the attribute goes away. */
export function statusAttributes(input: IStatusInput): Record<string, string | null> {
  const status = statusOf(input);
  return {
    'data-status': status,
    'data-uri': input.uri,
    'data-kind': input.kind ? KINDS[input.kind] : null,
    'data-pending': String(input.pending),
    'data-preview': input.standIn ? 'true' : null,
    'data-damaged': input.damaged > 0 && status !== 'failed' ? String(input.damaged) : null,
    'aria-busy': status === 'loading' ? 'true' : 'false'
  };
}

/** Brings the attributes of a preview's node up to date. */
export function applyStatus(node: HTMLElement, input: IStatusInput): void {
  for (const [name, value] of Object.entries(statusAttributes(input))) {
    if (value === null) {
      node.removeAttribute(name);
    } else if (node.getAttribute(name) !== value) {
      node.setAttribute(name, value);
    }
  }
}
