import type { Page } from '@playwright/test';

/** What a preview shows of a failure. */
export interface IShown {
  status: string;
  kind: string;
  text: string;
  cause: string;
  next: string;
  damaged: string | null;
  message: string;
  busy: boolean;
  /** A canvas that holds one colour only. */
  blank: boolean;
}

/** Waits until a preview has come to an end, or still waits after `patience` ms, and says what it shows. */
export function shown(page: Page, uri: string, patience: number): Promise<IShown> {
  return page.evaluate(
    async ([address, ms]) => {
      const node = [...document.querySelectorAll<HTMLElement>('.jp-BioImagePreview')].find(one => one.dataset.uri === address)!;
      const until = performance.now() + ms;
      const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
      while (!['ready', 'failed'].includes(node.dataset.status ?? '') && performance.now() < until) {
        await frame();
      }
      for (let i = 0; i < 5; i++) {
        await frame(); // what is said beside the image follows it
      }
      const text = (selector: string) => [...node.querySelectorAll<HTMLElement>(selector)].map(one => one.innerText.trim()).join(' ');
      const canvas = node.querySelector('canvas');
      let blank = false;
      if (canvas && canvas.width > 0 && canvas.height > 0) {
        const gl = canvas.getContext('webgl2');
        const pixels = new Uint8Array(canvas.width * canvas.height * 4);
        if (gl) {
          gl.readPixels(0, 0, canvas.width, canvas.height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
        } else {
          pixels.set(canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data);
        }
        const words = new Uint32Array(pixels.buffer);
        blank = words.every(word => word === words[0]);
      }
      return {
        status: node.dataset.status ?? '',
        kind: node.dataset.kind ?? '',
        text: node.textContent ?? '', // what is folded away too
        cause: text('[role="alert"] .jp-BioImagePreview-alertCause') || text('[role="alert"]'),
        next: text('[role="alert"] .jp-BioImagePreview-alertNext'),
        damaged: node.dataset.damaged ?? null,
        message: text('.jp-BioImagePreview-message'),
        busy: node.getAttribute('aria-busy') === 'true' && node.querySelector('[role="progressbar"]') !== null,
        blank
      };
    },
    [uri, patience] as const
  );
}

/** Errors of the page that are nobody's answer: the browser itself reports what a server refuses. */
export function own(errors: readonly string[]): string[] {
  return errors.filter(text => !/Failed to load resource|net::ERR|CORS policy|status of [345]\d\d|GroupMarkerNotSet|swiftshader|CONTEXT_LOST_WEBGL/i.test(text));
}
