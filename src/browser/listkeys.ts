import type * as React from 'react';

import { ROW } from './virtual';

/** The row that a key leads to from `index`: -1 is above the first one, null is any other key. */
export function target(event: React.KeyboardEvent, index: number, count: number, height: number): number | null {
  if (event.altKey || event.ctrlKey || event.metaKey) {
    // Shortcuts of the application and the browser.
    return null;
  }
  // One row of the old page stays in sight.
  const page = Math.max(1, Math.floor(height / ROW) - 1);
  const last = count - 1;
  switch (event.key) {
    case 'ArrowDown':
      return Math.min(last, index + 1);
    case 'ArrowUp':
      return index - 1;
    case 'PageDown':
      return Math.min(last, index + page);
    case 'PageUp':
      return Math.max(0, index - page);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}

/** Moves among the buttons of a row, and opens its menu. True where the key was for that. */
export function moveInRow(event: React.KeyboardEvent): boolean {
  const line = (event.target as HTMLElement).parentElement;
  const stops = [...(line?.querySelectorAll<HTMLElement>('button') ?? [])];
  const at = stops.indexOf(event.target as HTMLElement);
  if (event.key === 'ArrowLeft') {
    stops[Math.max(0, at - 1)]?.focus();
    return true;
  }
  if (event.key === 'ArrowRight') {
    stops[Math.min(stops.length - 1, at + 1)]?.focus();
    return true;
  }
  if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
    line?.querySelector<HTMLElement>('.jp-BioImageBrowser-menu')?.click();
    return true;
  }
  return false;
}
