import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { cleanText, localised, messageAndHint, showUnseen } from '../../core';
import type { IArray } from '../../ngff';
import type { ITreeItem } from './model';
import { kindText } from './view';

/** Characters of attributes that are shown; a page of text is what one reads. */
const MAX_TEXT = 20_000;

/** Beside the tree: what the entry is that is looked at, and what its metadata say. Text from data stays text. */
export class TreeDetails extends Widget {
  constructor(private readonly _trans: TranslationBundle) {
    super();
    this.addClass('jp-BioImagePreview-controls');
    this.addClass('jp-BioImageTree-side');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', _trans.__('Metadata'));
    this.node.tabIndex = 0; // it scrolls
  }

  /** `open` opens the entry, where that shows something. */
  showItem(item: ITreeItem, open: (() => void) | null): void {
    const trans = this._trans;
    const title = document.createElement('h3');
    title.className = 'jp-BioImagePlate-cellName';
    title.textContent = cleanText(item.path || item.name) || trans.__('This group');
    const facts: [string, string][] = [
      [trans.__('Kind'), kindText(item, trans) || trans.__('not known yet')],
      ...(item.array ? arrayFacts(item.array, trans) : []),
      ...(item.error ? [[trans.__('Problem'), localised(trans, messageAndHint(item.error))] as [string, string]] : [])
    ];
    this.node.replaceChildren(title, factList(facts));
    if (open) {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'jp-BioImagePreview-button jp-mod-main';
      button.textContent = item.type === 'array' ? trans.__('Show as image') : trans.__('Open');
      button.addEventListener('click', open);
      this.node.append(button);
    }
    if (item.node?.kind === 'group' && Object.keys(item.node.attributes).length > 0) {
      this.node.append(attributesOf(item.node.attributes, trans));
    }
    for (const notice of item.node?.notices ?? []) {
      const note = document.createElement('p');
      note.className = 'jp-BioImagePreview-note';
      note.textContent = cleanText(localised(trans, notice));
      this.node.append(note);
    }
  }
}

function arrayFacts(array: IArray, trans: TranslationBundle): [string, string][] {
  const names = array.dimensionNames?.map(name => name ?? '–').join(', ');
  return [
    [trans.__('Shape'), array.shape.join(' × ')],
    [trans.__('Chunks'), array.chunks.join(' × ')],
    ...(array.shard ? [[trans.__('Shards'), array.shard.shape.join(' × ')] as [string, string]] : []),
    [trans.__('Type'), array.dtype],
    [trans.__('Codecs'), array.codecs.map(codec => cleanText(codec)).join(', ') || trans.__('none')],
    [trans.__('Fill value'), String(array.fill)],
    ...(names ? [[trans.__('Dimensions'), cleanText(names)] as [string, string]] : []),
    [trans.__('Zarr format'), String(array.zarrFormat)]
  ];
}

function factList(facts: readonly (readonly [string, string])[]): HTMLElement {
  const list = document.createElement('dl');
  list.className = 'jp-BioImagePreview-facts';
  for (const [name, value] of facts) {
    const [dt, dd] = [document.createElement('dt'), document.createElement('dd')];
    [dt.textContent, dd.textContent] = [name, value];
    list.append(dt, dd);
  }
  return list;
}

function attributesOf(attributes: Readonly<Record<string, unknown>>, trans: TranslationBundle): HTMLElement {
  const details = document.createElement('details');
  details.className = 'jp-BioImagePreview-group';
  details.open = true;
  const summary = document.createElement('summary');
  summary.textContent = trans.__('Attributes');
  const text = document.createElement('pre');
  text.className = 'jp-BioImageTree-text';
  text.textContent = textOf(attributes);
  details.append(summary, text);
  return details;
}

/** A value from metadata as indented text, cut where it is very long. */
export function textOf(value: unknown): string {
  const text = JSON.stringify(value, null, 2) ?? '';
  const shown = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}\n…` : text;
  return shown.split('\n').map(showUnseen).join('\n');
}
