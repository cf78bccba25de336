import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject } from '@lumino/coreutils';

/** An entry of an item's menu. */
export interface IItemCommand {
  command: string;
  args: ReadonlyJSONObject;
}

/** What the panel asks of the application it lives in. */
export interface IPanelHost {
  readonly trans: TranslationBundle;
  readonly commands: CommandRegistry;
  /** Opens an image, under its title where the source has one; never rejects for an image that fails. */
  open(uri: string, source?: string, title?: string): Promise<void>;
  /** What can be done with an image besides opening it, in the order of the menu. */
  actions(uri: string): readonly IItemCommand[];
}
