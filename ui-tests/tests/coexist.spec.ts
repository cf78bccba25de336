import { expect, openLab, openPreview, test } from '../lib/lab';
import { drawOther, otherDeck, type IDeckWindow } from '../lib/otherdeck';

for (const version of ['9.0.40', '8.9.36']) {
  for (const order of ['before', 'after']) {
    test(`deck.gl ${version} loaded ${order} ours: both work`, async ({ page, lab }) => {
      const errors: string[] = [];
      page.on('pageerror', error => errors.push(error.message));
      const script = otherDeck(version);
      await openLab(page, lab);
      if (order === 'before') {
        await page.addScriptTag({ path: script });
        expect((await drawOther(page))[0]).toBe(255);
      }
      await openPreview(page, 'store:samples/cells-2d.ome.zarr');
      if (order === 'after') {
        await page.addScriptTag({ path: script });
      }
      expect((await drawOther(page))[0]).toBe(255);
      await openPreview(page, 'store:samples/sharded.ome.zarr');
      expect(await page.evaluate(() => (window as unknown as IDeckWindow).deck.VERSION ?? '')).toBe(version);
      expect(errors.filter(text => /deck|luma/i.test(text))).toEqual([]);
    });
  }
}
