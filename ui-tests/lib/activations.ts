import type { Page } from '@playwright/test';

/** What a person did: clicks and the keys that act or lead, typing apart. */
export interface IActivations {
  /** Clicks, and Enter or Space where they act. */
  readonly acts: string[];
  /** Keys that only move: Tab, arrows, Home, End. */
  readonly moves: string[];
}

interface ICountingWindow {
  activations: { acts: string[]; moves: string[] };
}

/** Begins to count trusted events in the page: those of a person, never those that a script makes. */
export async function countActivations(page: Page): Promise<void> {
  await page.evaluate(() => {
    const counted: { acts: string[]; moves: string[] } = { acts: [], moves: [] };
    (window as unknown as ICountingWindow).activations = counted;
    const nameOf = (target: EventTarget | null): string => {
      const element = target instanceof Element ? target.closest('button, [role], a, input, li, div') : null;
      return (element?.getAttribute('aria-label') ?? element?.textContent ?? '').trim().slice(0, 40);
    };
    // A press is what the person does; the click of a key press is not counted twice.
    window.addEventListener('pointerdown', event => event.isTrusted && counted.acts.push(`click ${nameOf(event.target)}`), true);
    window.addEventListener(
      'keydown',
      event => {
        if (!event.isTrusted) {
          return;
        }
        if (event.key === 'Enter') {
          counted.acts.push(`${event.shiftKey ? 'Shift+' : ''}Enter ${nameOf(event.target)}`);
        } else if (/^(Tab|Arrow|Home|End|Page)/.test(event.key)) {
          counted.moves.push(event.key);
        }
      },
      true
    );
  });
}

/** What was counted so far. */
export function activations(page: Page): Promise<IActivations> {
  return page.evaluate(() => (window as unknown as ICountingWindow).activations);
}
