/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import { nullTranslator } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';
import * as React from 'react';

import { StudyModel, StudyView } from '..';
import type { IPanelHost } from '../../host';
import type { IStudyModelOptions } from '../model';

globalThis.ResizeObserver ??= class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};

class Holder extends ReactWidget {
  constructor(private readonly element: JSX.Element) {
    super();
  }
  protected render(): JSX.Element {
    return this.element;
  }
}

/** A study's page in the document, and what was asked of its host. */
export class Bench {
  readonly opened: string[] = [];
  readonly copied: string[] = [];
  readonly inserted: unknown[] = [];
  backs = 0;
  readonly model: StudyModel;
  private readonly holder: Holder;

  constructor(options: IStudyModelOptions, host: Partial<IPanelHost> = {}) {
    const trans = nullTranslator.load('test');
    const commands = new CommandRegistry();
    commands.addCommand('bioimage:insert-snippet', {
      label: 'Insert code',
      describedBy: { args: {} },
      execute: args => void this.inserted.push(args.uri)
    });
    this.model = new StudyModel(options);
    const whole: IPanelHost = {
      trans,
      commands,
      open: async uri => void this.opened.push(uri),
      actions: uri => [{ command: 'bioimage:insert-snippet', args: { uri } }],
      copy: async text => void this.copied.push(text),
      ...host
    };
    this.holder = new Holder(<StudyView model={this.model} host={whole} trans={trans} onBack={() => this.backs++} />);
  }

  async show(): Promise<this> {
    Widget.attach(this.holder, document.body);
    await this.model.load();
    await this.settle();
    return this;
  }

  /** Attached, without waiting for any answer. */
  async begin(): Promise<this> {
    Widget.attach(this.holder, document.body);
    void this.model.load();
    await this.settle();
    return this;
  }

  async settle(ms = 2): Promise<void> {
    for (let i = 0; i < 4; i++) {
      await new Promise(resolve => setTimeout(resolve, ms));
    }
  }

  /** Waits for something to become true, for a busy machine long enough. */
  async until(holds: () => boolean): Promise<void> {
    for (let i = 0; i < 600 && !holds(); i++) {
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    expect(holds()).toBe(true);
    await this.settle();
  }

  get node(): HTMLElement {
    return this.holder.node;
  }

  get text(): string {
    return this.node.textContent ?? '';
  }

  all(selector: string): HTMLElement[] {
    return [...this.node.querySelectorAll<HTMLElement>(selector)];
  }

  /** The one element with this name, by `aria-label` or by its words. */
  named(name: string): HTMLElement {
    const found = this.all('button, a, input, select').filter(
      node => (node.getAttribute('aria-label') ?? node.textContent) === name
    );
    expect(found.map(({ tagName }) => `${tagName} ${name}`)).toHaveLength(1);
    return found[0];
  }

  async click(name: string): Promise<void> {
    this.named(name).click();
    await this.settle();
  }

  async key(key: string, options: KeyboardEventInit = {}): Promise<void> {
    document.activeElement?.dispatchEvent(
      new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...options })
    );
    await this.settle();
  }

  /** Types like a person: React listens to the element's own setter. */
  async type(name: string, text: string): Promise<void> {
    const box = this.named(name);
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(box, text);
    box.dispatchEvent(new Event('input', { bubbles: true }));
    await this.settle(90);
  }

  async scroll(top: number): Promise<void> {
    const [box] = this.all('.jp-BioImageStudy-scroll');
    box.scrollTop = top;
    box.dispatchEvent(new Event('scroll', { bubbles: true }));
    await this.settle();
  }

  dispose(): void {
    this.holder.dispose();
    this.model.dispose();
  }
}
