import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';

const CACHE = path.resolve(__dirname, '../../.cache/other-deck');

/** Another release of deck.gl as one page script, as other extensions and widgets bring it. */
export function otherDeck(version: string): string {
  const folder = path.join(CACHE, version);
  const script = path.join(folder, 'package', 'dist.min.js');
  if (!existsSync(script)) {
    mkdirSync(folder, { recursive: true });
    execFileSync('npm', ['pack', `deck.gl@${version}`, '--silent'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    execFileSync('tar', ['xzf', `deck.gl-${version}.tgz`, 'package/dist.min.js'], { cwd: folder });
  }
  return script;
}

export interface IDeckWindow {
  deck: { VERSION?: string; Deck: new (props: object) => { finalize(): void }; OrthographicView: new (props?: object) => object; SolidPolygonLayer: new (props: object) => object };
}

/** Draws one red square with the other deck.gl and resolves with the colour in its middle. */
export function drawOther(page: Page): Promise<number[]> {
  return page.evaluate(
    () =>
      new Promise<number[]>((resolve, reject) => {
        const { deck } = window as unknown as IDeckWindow;
        const parent = document.createElement('div');
        parent.style.cssText = 'position:fixed;left:0;top:0;width:64px;height:64px;z-index:-1';
        document.body.appendChild(parent);
        const made = new deck.Deck({
          parent,
          width: 64,
          height: 64,
          glOptions: { preserveDrawingBuffer: true },
          views: [new deck.OrthographicView()],
          initialViewState: { target: [0, 0, 0], zoom: 0 },
          layers: [
            new deck.SolidPolygonLayer({
              id: 'square',
              data: [[[-30, -30], [30, -30], [30, 30], [-30, 30]]],
              getPolygon: (polygon: number[][]) => polygon,
              getFillColor: [255, 0, 0]
            })
          ],
          onError: (error: Error) => reject(error),
          onAfterRender: ({ gl }: { gl: WebGL2RenderingContext }) => {
            const pixel = new Uint8Array(4);
            gl.readPixels(32, 32, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
            if (pixel[0] > 0) {
              resolve([...pixel]);
              setTimeout(() => {
                made.finalize();
                parent.remove();
              });
            }
          }
        });
      })
  );
}
