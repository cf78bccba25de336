/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import type { CatalogueItem, ICatalogueSource } from '../../catalogue';
import type { IFavourite, IPanelMemory } from '..';
import { BrowserModel, BrowserPanel } from '..';

globalThis.ResizeObserver ??= class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};

export const image = (title: string, changes: object = {}): CatalogueItem => {
  return {
    source: 'a',
    id: title,
    uri: `https://a.example/${title}`,
    title,
    kind: 'image',
    viewable: true,
    ...changes
  };
};

/** A panel in the page, and what was asked of its host. */
export class Bench {
  readonly opened: string[] = [];
  readonly inserted: unknown[] = [];
  readonly copied: string[] = [];
  readonly dragged: IFavourite[] = [];
  readonly panel: BrowserPanel;

  constructor(
    sources: ICatalogueSource[],
    memory?: IPanelMemory,
    private readonly change = new Signal<object, void>({})
  ) {
    const commands = new CommandRegistry();
    commands.addCommand('bioimage:insert-snippet', {
      label: 'Insert code',
      describedBy: { args: {} },
      execute: args => void this.inserted.push(args.uri)
    });
    const model = new BrowserModel({
      sources: () => sources,
      sourcesChanged: this.change,
      populate: () => Promise.resolve(),
      recent: () => [{ uri: 'store:data/old.zarr', title: 'old.zarr' }],
      recentChanged: this.change,
      memory
    });
    this.panel = new BrowserPanel(model, {
      trans: nullTranslator.load('test'),
      commands,
      open: uri => {
        this.opened.push(uri);
        return Promise.resolve();
      },
      copy: text => Promise.resolve(void this.copied.push(text)),
      dragData: item => {
        this.dragged.push(item);
        return { 'text/plain': item.title };
      },
      actions: uri => [{ command: 'bioimage:insert-snippet', args: { uri } }]
    });
  }

  async show(): Promise<void> {
    Widget.attach(this.panel, document.body);
    await this.panel.focusSearch();
    await this.panel.model.start();
    await this.settle();
  }

  /** Lets React draw what the model has announced. */
  async settle(): Promise<void> {
    for (let i = 0; i < 4; i++) {
      await new Promise(resolve => setTimeout(resolve, 2));
    }
  }

  async key(key: string, options: KeyboardEventInit = {}): Promise<void> {
    document.activeElement?.dispatchEvent(
      new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...options })
    );
    await this.settle();
  }

  /** Types like a person: React listens to the element's own setter. */
  async type(text: string): Promise<void> {
    const setter = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set;
    setter?.call(this.box, text);
    this.box.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise(resolve => setTimeout(resolve, 300));
    await this.settle();
  }

  get box(): HTMLInputElement {
    return this.panel.node.querySelector('[role="searchbox"]') as HTMLInputElement;
  }

  get items(): HTMLElement[] {
    return [...this.panel.node.querySelectorAll<HTMLElement>('[role="list"] > [role="listitem"]')];
  }

  get titles(): (string | null | undefined)[] {
    return this.items.map(item => item.querySelector('.jp-BioImageBrowser-title')?.textContent);
  }

  get status(): string {
    return this.panel.node.querySelector('[role="status"]')?.textContent ?? '';
  }

  /** The element with this role and accessible name. */
  by(role: string, name: string): HTMLElement | undefined {
    const named = [...this.panel.node.querySelectorAll<HTMLElement>(`[role="${role}"], ${role}`)];
    return named.find(node => (node.getAttribute('aria-label') ?? node.textContent) === name);
  }

  /** Clicks the button of that name. */
  async click(name: string): Promise<void> {
    const button = this.by('button', name);
    if (button === undefined) {
      throw new Error(`There is no button ${name}.`);
    }
    button.focus();
    button.click();
    await this.settle();
  }
}
