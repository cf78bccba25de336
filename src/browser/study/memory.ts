import type { IListMemory } from './list';

/** The parts of a study's page. */
export type StudyTab = 'images' | 'files' | 'about';

const TABS: readonly StudyTab[] = ['images', 'files', 'about'];
/** Characters of a remembered text. */
const MAX_TEXT = 1024;

/** What of a study's page survives a reload: plain JSON. */
export interface IStudyMemory {
  readonly tab?: StudyTab;
  readonly layout?: 'list' | 'grid';
  readonly onlyViewable?: boolean;
  readonly images?: IListMemory;
  readonly files?: IListMemory;
}

/** An own field of an object; `undefined` of anything else. */
function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= MAX_TEXT ? value : undefined;
}

function list(value: unknown): IListMemory {
  const scroll = field(value, 'scroll');
  return {
    text: text(field(value, 'text')),
    dataset: text(field(value, 'dataset')),
    scroll: typeof scroll === 'number' && scroll >= 0 && Number.isFinite(scroll) ? scroll : undefined
  };
}

/** Memory from storage, which may be of another version or damaged: what is odd is left out. Never throws. */
export function readMemory(value: unknown): IStudyMemory {
  const layout = field(value, 'layout');
  const onlyViewable = field(value, 'onlyViewable');
  return {
    tab: TABS.find(tab => tab === field(value, 'tab')),
    layout: layout === 'list' || layout === 'grid' ? layout : undefined,
    onlyViewable: typeof onlyViewable === 'boolean' ? onlyViewable : undefined,
    images: list(field(value, 'images')),
    files: list(field(value, 'files'))
  };
}
