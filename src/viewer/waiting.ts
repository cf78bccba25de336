import type { TranslationBundle } from '@jupyterlab/translation';

/** So long nothing may come before it is said what is waited for (ms). */
const QUIET = 10_000;

/** So long nothing may come before waiting ends as a failure (ms): above every bound of a single read, retries included. */
export const PATIENCE = 180_000;

/** How often those who hear it are told again (ms); the seconds that are shown would be too much. */
const AGAIN = 30_000;

/** What a preview waits for. */
export interface IWait {
  /** In words, such as “the server”. */
  readonly what: string;
  /** Changes whenever something has come, so that waiting begins anew. */
  readonly progress: string;
}

/** What can be done about it. */
export interface IWaitingOptions {
  readonly trans: TranslationBundle;
  /** What is waited for at the moment; `null`: nothing. */
  wait(): IWait | null;
  readonly retry: () => void;
  /** Ends waiting, because a person wants it or because nothing came for `ms`. */
  stop(what: string, ms: number, byHand: boolean): void;
  /** Nothing has come for a while: what can be nudged is. */
  nudge(): void;
  /** What had the focus goes away. */
  unfocused(): void;
}

/**
 * Says beside the bar of a preview what is waited for and since when, once nothing has come for a while, with a way to end it
 * and to try again. Waiting that nobody ends ends by itself.
 */
export class Waiting {
  constructor(private readonly _options: IWaitingOptions) {
    this.node.className = 'jp-BioImagePreview-waiting';
    this.node.hidden = true;
    // there before words are in it: else they would not be read out
    this.voice.className = 'jp-BioImage-hidden';
    this.voice.setAttribute('role', 'status');
    this._shown.setAttribute('aria-hidden', 'true');
  }

  /** Shown over the preview; takes no place where nothing is waited for. */
  readonly node = document.createElement('div');

  /** What is heard of it; always there. */
  readonly voice = document.createElement('p');

  /** To be called when something has changed; what comes quietly is seen within a second. */
  update(): void {
    const wait = this._options.wait();
    if (wait?.what === this._wait?.what && wait?.progress === this._wait?.progress) {
      return;
    }
    this._end();
    this._wait = wait;
    if (wait) {
      this._since = Date.now();
      this._timer = setInterval(() => this._tick(), 1000);
    }
  }

  /** It is not on the screen any more: nobody waits. */
  leave(): void {
    this._end();
  }

  private _end(): void {
    clearInterval(this._timer);
    this._wait = null;
    this._told = 0;
    this.voice.textContent = '';
    const hadFocus = this.node.contains(document.activeElement);
    this.node.hidden = true;
    this.node.replaceChildren();
    if (hadFocus) {
      this._options.unfocused();
    }
  }

  private _tick(): void {
    this.update();
    const ms = Date.now() - this._since;
    if (!this._wait || ms < QUIET) {
      return;
    }
    if (ms >= PATIENCE) {
      this._stop(false);
      return;
    }
    if (this.node.hidden) {
      this._show();
      this._options.nudge();
    }
    const text = this._options.trans.__('Still waiting for %1: %2 s', this._wait.what, Math.round(ms / 1000));
    this._shown.textContent = text;
    if (ms - this._told >= AGAIN || this._told === 0) {
      this._told = ms;
      this.voice.textContent = text;
    }
  }

  private _show(): void {
    const { trans, retry } = this._options;
    const buttons = document.createElement('div');
    buttons.className = 'jp-BioImagePreview-buttons';
    const actions: [string, () => void][] = [[trans.__('Try again'), retry], [trans.__('Cancel'), () => this._stop(true)]];
    for (const [label, run] of actions) {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'jp-BioImagePreview-button';
      button.textContent = label;
      button.addEventListener('click', run);
      buttons.append(button);
    }
    this.node.replaceChildren(this._shown, buttons);
    this.node.hidden = false;
  }

  private _stop(byHand: boolean): void {
    const wait = this._wait;
    const ms = Date.now() - this._since;
    this._end();
    if (wait) {
      this._options.stop(wait.what, ms, byHand);
    }
  }

  private readonly _shown = document.createElement('p');
  private _wait: IWait | null = null;
  private _since = 0;
  private _told = 0;
  private _timer: ReturnType<typeof setInterval> | undefined;
}
